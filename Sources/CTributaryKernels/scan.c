#include "CTributaryKernels.h"
#include "bits.h"

int64_t tri_scan_blocks(int64_t n) { return n / TRI_SCAN_BLOCK + (n % TRI_SCAN_BLOCK != 0); }

#define JOIN_SUMS(T)                                  \
  T *sum = (T *)sums, before = sum[0];                \
  for (int64_t block = 1; block < blocks; block++) {  \
    T own = sum[block];                               \
    sum[block] = before;                              \
    before = before + own;                            \
  }

void tri_scan_join_sums(tri_dtype dtype, int64_t blocks, void *sums) {
  if (blocks < 1) return;
  if (dtype == TRI_F32) { JOIN_SUMS(float) }
  else if (dtype == TRI_F64) { JOIN_SUMS(double) }
  else { JOIN_SUMS(uint64_t) }
}
