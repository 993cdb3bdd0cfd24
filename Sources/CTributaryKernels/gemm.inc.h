/* The matrix product: included once by each path. The parts below are included once more for float32 and float64,
   with TRI_T the type, TRI_GEMM_LANES its number in a register, TRI_G(name) the name with the type's suffix. */
#include "gemm_common.inc.h"

#define TRI_T float
#define TRI_GEMM_LANES (TRI_REGISTER_BYTES / 4)
#define TRI_G(name) tri_gemm_##name##_f32
#include "gemm_type.inc.h"
#undef TRI_T
#undef TRI_GEMM_LANES
#undef TRI_G

#define TRI_T double
#define TRI_GEMM_LANES (TRI_REGISTER_BYTES / 8)
#define TRI_G(name) tri_gemm_##name##_f64
#include "gemm_type.inc.h"
#undef TRI_T
#undef TRI_GEMM_LANES
#undef TRI_G

#include "gemm_half.inc.h"
#include "gemm_plan.inc.h"
