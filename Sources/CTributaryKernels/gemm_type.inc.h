/* One element type's half of the matrix product. No include guard: included once for each type. */
#include "gemm_vector.inc.h"
#include "gemm_kernel.inc.h"
#include "gemm_pack.inc.h"
#include "gemm_finish.inc.h"
#include "gemm_small.inc.h"
#include "gemv.inc.h"
#include "gemm_packed.inc.h"
