/* The one body that every path compiles: set TRI_PATH, TRI_TABLE_NAME and the target attributes, include. */
#pragma STDC FP_CONTRACT OFF

#include "../bits.h"
#include "../blocking.h"
#include "../vector.inc.h"
#include "../elementwise.inc.h"
#include "../reduce.inc.h"
#include "../scan.inc.h"
#include "../select_first.inc.h"
#include "../gemm.inc.h"
#include "../conv.inc.h"
#include "../batch_norm.inc.h"
#include "../pool.inc.h"
#include "../random.inc.h"
#include "../attention.inc.h"

const tri_kernels TRI_TABLE_NAME = {
  .path = TRI_PATH,
  .elementwise = TRI_ELEMENTWISE_TABLE,
  .reduce = TRI_REDUCE_TABLE,
  .scan = TRI_SCAN_TABLE,
  .sort = TRI_SORT_TABLE,
  .gemm = TRI_GEMM_TABLE,
  .conv = TRI_CONV_TABLE,
  .batch_norm = TRI_BATCH_NORM_TABLE,
  .pool = TRI_POOL_TABLE,
  .random = TRI_RANDOM_TABLE,
  .norm = TRI_NORM_TABLE,
  .attention = TRI_ATTENTION_TABLE,
};
