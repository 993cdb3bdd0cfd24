/* Convolutions: included once by each path, after the matrix product, whose micro-kernel and packing they use. */
#include "conv_walk.inc.h"

#define TRI_T float
#define TRI_GEMM_LANES (TRI_REGISTER_BYTES / 4)
#define TRI_G(name) tri_gemm_##name##_f32
#include "conv_type.inc.h"
#undef TRI_T
#undef TRI_GEMM_LANES
#undef TRI_G

#define TRI_T double
#define TRI_GEMM_LANES (TRI_REGISTER_BYTES / 8)
#define TRI_G(name) tri_gemm_##name##_f64
#include "conv_type.inc.h"
#undef TRI_T
#undef TRI_GEMM_LANES
#undef TRI_G

#include "conv_plan.inc.h"
