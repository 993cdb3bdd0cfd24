#include "CTributaryKernels.h"
#include "bits.h"

int64_t tri_fan_in_run(void) { return TRI_FAN_IN_RUN; }

int64_t tri_row_block_count(int64_t n) { return n / TRI_ROW_BLOCK + (n % TRI_ROW_BLOCK != 0); }

int64_t tri_batch_norm_blocks(int64_t batch, int64_t size) { return tri_row_block_count(batch * size); }

int64_t tri_column_block_count(int64_t m) { return m / TRI_COLUMN_BLOCK + (m % TRI_COLUMN_BLOCK != 0); }

int64_t tri_targets_check(
    const int64_t *targets, int64_t begin, int64_t end, int64_t classes, int64_t ignore_index, int64_t *kept) {
  int64_t count = 0;
  for (int64_t row = begin; row < end; row++) {
    int64_t target = targets[row];
    if (target == ignore_index) continue;
    if (target < 0 || target >= classes) return row;
    count++;
  }
  if (kept) *kept = count;
  return -1;
}
