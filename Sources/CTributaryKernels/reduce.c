#include <string.h>
#include "CTributaryKernels.h"
#include "bits.h"

int64_t tri_fan_in_run(void) { return TRI_FAN_IN_RUN; }

int64_t tri_row_block_count(int64_t n) { return n / TRI_ROW_BLOCK + (n % TRI_ROW_BLOCK != 0); }

int64_t tri_batch_norm_blocks(int64_t batch, int64_t size) { return tri_row_block_count(batch * size); }

int64_t tri_column_block_count(int64_t m) { return m / TRI_COLUMN_BLOCK + (m % TRI_COLUMN_BLOCK != 0); }

void tri_reduce_part_blocks(
    const tri_kernels *kernels, tri_reduce_op op, tri_dtype dtype, const void *x, int64_t parts, int64_t rows,
    int64_t size, int64_t begin, int64_t end, void *partials) {
  tri_rows_fn f = kernels->reduce.row_blocks[op][dtype];
  if (!f) return;
  _Alignas(64) uint8_t block[TRI_ROW_BLOCK * 8];
  int64_t n = parts * size, blocks = tri_row_block_count(n), bytes = tri_dtype_size(dtype);
  int64_t result = tri_dtype_size(tri_reduce_result(op, dtype));
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t row = unit / blocks, at = unit % blocks * TRI_ROW_BLOCK;
    int64_t length = n - at < TRI_ROW_BLOCK ? n - at : TRI_ROW_BLOCK, part = at / size, p = at % size;
    for (int64_t done = 0, run; done < length; done += run, part++, p = 0) {
      run = size - p < length - done ? size - p : length - done;
      memcpy(block + done * bytes, (const uint8_t *)x + ((part * rows + row) * size + p) * bytes, (size_t)(run * bytes));
    }
    f(block, length, 0, 1, (uint8_t *)partials + unit * result);
  }
}

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
