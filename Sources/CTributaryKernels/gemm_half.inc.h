/* Products of halves: float32's own micro-kernels over operands that are widened as they are packed, sums in float32,
   each element rounded once when its sum and its epilogue are complete. So the bits are those of the float32 product of
   the widened operands, rounded. Included once by each path, after the float32 and float64 parts. */

typedef struct tri_gemm_half {
  int64_t m, n, k;
  _Bool brain; /* bfloat16 */
  const uint16_t *a, *b;
  int64_t a_row, a_column, b_row, b_column;
  uint16_t *c;
  int64_t c_row, c_column;
  float alpha;
  const uint16_t *bias;
  int64_t bias_row, bias_column;
  tri_gemm_apply apply;
  _Bool scaled, relu, accumulate, plain;
} tri_gemm_half;

static tri_gemm_half tri_gemm_half_of(const tri_gemm_problem *q) {
  tri_gemm_half job = {
    .m = q->m, .n = q->n, .k = tri_gemm_max(q->k, 0), .brain = q->dtype == TRI_BF16, .a = q->a, .b = q->b,
    .a_row = q->m == 1 ? 1 : q->a_row_stride, .a_column = q->k == 1 ? 1 : q->a_column_stride,
    .b_row = q->k == 1 ? 1 : q->b_row_stride, .b_column = q->n == 1 ? 1 : q->b_column_stride,
    .c = q->c, .c_row = q->c_row_stride, .c_column = 1, .alpha = (float)q->alpha, .bias = q->bias,
    .bias_row = 0, .bias_column = 1, .apply = q->apply, .scaled = q->alpha != 1,
    .relu = q->activation == TRI_GEMM_RELU, .accumulate = q->accumulate != 0,
  };
  job.plain = !(job.scaled || job.bias || job.apply || job.relu || job.accumulate);
  return job;
}

#include "gemm_half_pack.inc.h"

/* `sum`: complete products of rows i ..< i + rows by columns j ..< j + columns. The epilogue in float32, then C. */
static void tri_gemm_half_finish(const tri_gemm_half *job, int64_t i, int64_t j, int64_t rows,
                                 int64_t columns, const float *sum, int64_t sum_row) {
  _Alignas(64) float v[TRI_GEMM_JOIN_STRIP];
  _Alignas(64) uint16_t rounded[TRI_GEMM_JOIN_STRIP];
  for (int64_t r = 0; r < rows; r++, sum += sum_row) {
    uint16_t *c = job->c + (i + r) * job->c_row + j * job->c_column;
    const float *result = sum;
    if (!job->plain) {
      result = v;
      for (int64_t l = 0; l < columns; l++) v[l] = job->scaled ? job->alpha * sum[l] : sum[l];
      for (int64_t l = 0; job->bias && l < columns; l++) {
        const uint16_t h = job->bias[(i + r) * job->bias_row + (j + l) * job->bias_column];
        v[l] = v[l] + tri_float_of_either(job->brain, h);
      }
      for (int64_t l = 0; job->relu && l < columns; l++) v[l] = v[l] <= 0 ? 0 : v[l];
      if (job->apply) job->apply(v, columns);
      for (int64_t l = 0; job->accumulate && l < columns; l++)
        v[l] = tri_float_of_either(job->brain, c[l * job->c_column]) + v[l];
    }
    if (job->c_column == 1) {
      tri_round_row(job->brain, c, result, columns);
    } else {
      tri_round_row(job->brain, rounded, result, columns);
      for (int64_t l = 0; l < columns; l++) c[l * job->c_column] = rounded[l];
    }
  }
}

typedef struct {
  _Alignas(64) float panel[TRI_K_BLOCK * tri_gemm_half_panel];
  _Alignas(64) float strip[TRI_K_BLOCK * TRI_GEMM_MR + 2 * TRI_REGISTER_BYTES]; /* packing stores whole registers */
  _Alignas(64) float sum[tri_gemm_half_sweep * tri_gemm_half_panel];
} tri_gemm_half_stack;

enum { tri_gemm_half_strip = 256 };

/* Columns j0 ..< j1 of a row times a B whose columns are neighbours, which is read once: no packing pays. Four rows of
   B at a time meet the sums, in the order of k. `sums` as below. */
static __attribute__((noinline)) void tri_gemm_half_row(const tri_gemm_half *job, int64_t j0, int64_t j1,
                                                        int64_t first, int64_t end, float *sums) {
  _Alignas(64) float sum[tri_gemm_half_strip], total[tri_gemm_half_strip];
  _Alignas(64) float wide[4][tri_gemm_half_strip];
  for (int64_t j = j0; j < j1; j += tri_gemm_half_strip) {
    const int64_t columns = tri_gemm_min(tri_gemm_half_strip, j1 - j);
    const int64_t whole = tri_gemm_ceil(columns, 16) * 16;
    __builtin_memset(wide, 0, sizeof wide);
    for (int64_t block = first; block < end; block++) {
      const int64_t past = tri_gemm_min((block + 1) * TRI_K_BLOCK, job->k);
      for (int64_t l = 0; l < whole; l++) sum[l] = 0;
      for (int64_t p = block * TRI_K_BLOCK, rows; p < past; p += rows) {
        rows = tri_gemm_min(4, past - p);
        float left[4] = {0, 0, 0, 0};
        for (int64_t r = 0; r < rows; r++) {
          const uint16_t h = job->a[(p + r) * job->a_column];
          left[r] = tri_float_of_either(job->brain, h);
          tri_widen_row(job->brain, wide[r], job->b + (p + r) * job->b_row + j, columns);
        }
        for (int64_t l = 0; l < whole; l += 16) {
          tri_f32x16 v = tri_load_f32(sum + l);
          TRI_UNROLL for (int r = 0; r < 4; r++)
            if (r < rows) v = tri_fma_f32((tri_f32x16)left[r], tri_load_f32(wide[r] + l), v);
          tri_store_f32(sum + l, v);
        }
      }
      for (int64_t l = 0; l < columns; l++) total[l] = block == first ? sum[l] : total[l] + sum[l];
    }
    if (sums)
      __builtin_memcpy(sums + j, total, (size_t)columns * sizeof(float));
    else
      tri_gemm_half_finish(job, 0, j, 1, columns, total, 0);
  }
}

/* Blocks first ..< end of k for rows i0 ..< i1 and columns j0 ..< j1: C, or where `sums` is given the block sums there,
   whose rows are n long. One thread, nothing but the stack. */
static __attribute__((noinline)) void tri_gemm_half_direct(const tri_gemm_half *job, int64_t i0, int64_t i1,
                                                           int64_t j0, int64_t j1, int64_t first,
                                                           int64_t end, float *sums) {
  if (job->m == 1 && job->b_column == 1 && j1 - j0 > tri_gemm_half_panel) {
    tri_gemm_half_row(job, j0, j1, first, end, sums);
    return;
  }
  tri_gemm_half_stack stack;
  for (int64_t top = i0; top < i1; top += tri_gemm_half_sweep) {
    const int64_t bottom = tri_gemm_min(i1, top + tri_gemm_half_sweep);
    for (int64_t j = j0; j < j1; j += tri_gemm_half_panel) {
      const int64_t columns = tri_gemm_min(tri_gemm_half_panel, j1 - j);
      int tail;
      const tri_gemm_kernel_f32 *kernels = tri_gemm_choose_f32(TRI_A_COLUMN, columns, &tail);
      float *sum = sums ? sums + top * job->n + j : stack.sum;
      const int64_t sum_row = sums ? job->n : tri_gemm_half_panel;
      for (int64_t block = first; block < end; block++) {
        const int64_t p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
        tri_gemm_half_pack_panel(job, p, k, j, columns, stack.panel);
        for (int64_t i = top; i < bottom; i += TRI_GEMM_MR) {
          const int64_t rows = tri_gemm_min(TRI_GEMM_MR, bottom - i);
          const int64_t apart = tri_gemm_half_pack_strip(job, i, rows, p, k, stack.strip);
          kernels[rows - 1](k, stack.strip, apart, stack.panel, tri_gemm_half_panel, sum + (i - top) * sum_row,
                            sum_row, block > first, tail, stack.panel, 0);
        }
      }
      if (!sums) tri_gemm_half_finish(job, top, j, bottom - top, columns, stack.sum, tri_gemm_half_panel);
    }
  }
}

/* A product with a column is that of a row: what is packed in panels is then what is long. */
static void tri_gemm_half_turn(tri_gemm_half *job) {
  const tri_gemm_half from = *job;
  job->m = from.n, job->n = from.m;
  job->a = from.b, job->a_row = from.b_column, job->a_column = from.b_row;
  job->b = from.a, job->b_row = from.a_column, job->b_column = from.a_row;
  job->c_row = from.c_column, job->c_column = from.c_row;
  job->bias_row = from.bias_column, job->bias_column = from.bias_row;
}

static void tri_gemm_multiply_half(const tri_gemm_problem *q) {
  if (q->m <= 0 || q->n <= 0) return;
  tri_gemm_half job = tri_gemm_half_of(q);
  if (job.n == 1) tri_gemm_half_turn(&job);
  tri_gemm_half_direct(&job, 0, job.m, 0, job.n, 0, tri_gemm_blocks(job.k), 0);
}

static void tri_gemm_pack_half(const tri_gemm_problem *q, int64_t first, int64_t end, float *shared) {
  const tri_gemm_half job = tri_gemm_half_of(q);
  const int64_t panels = tri_gemm_panels_f32(job.n), groups = tri_gemm_ceil(panels, TRI_GEMM_UNIT_PANELS);
  for (int64_t unit = first; unit < end; unit++) {
    const int64_t block = unit / groups, p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job.k - p);
    const int64_t begin = unit % groups * TRI_GEMM_UNIT_PANELS;
    const int64_t past = tri_gemm_min(begin + TRI_GEMM_UNIT_PANELS, panels);
    for (int64_t panel = begin; panel < past; panel++) {
      const int64_t j = panel * tri_gemm_half_panel;
      tri_gemm_half_pack_panel(&job, p, k, j, tri_gemm_min(tri_gemm_half_panel, job.n - j),
                               shared + tri_gemm_panel_offset_f32(job.n, block, k, panel));
    }
  }
}

/* Rows i0 ..< i1 by columns j0 ..< j1; `packed` and behind it `sums`, `sum_row` apart, are the workspace. */
static void tri_gemm_half_tile(const tri_gemm_half *job, const float *shared, int64_t i0, int64_t i1, int64_t j0,
                               int64_t j1, float *packed, float *sums, int64_t sum_row) {
  const int64_t blocks = tri_gemm_blocks(job->k);
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
    int64_t apart = TRI_GEMM_MR;
    for (int64_t i = i0; i < i1; i += TRI_GEMM_MR)
      apart = tri_gemm_half_pack_strip(job, i, tri_gemm_min(TRI_GEMM_MR, i1 - i), p, k,
                                       packed + (i - i0) * tri_gemm_packed_row_f32);
    for (int64_t j = j0; j < j1; j += tri_gemm_half_panel) {
      const int64_t columns = tri_gemm_min(tri_gemm_half_panel, j1 - j);
      int tail;
      const tri_gemm_kernel_f32 *kernels = tri_gemm_choose_f32(TRI_A_COLUMN, columns, &tail);
      const float *b = shared + tri_gemm_panel_offset_f32(job->n, block, k, j / tri_gemm_half_panel);
      for (int64_t i = i0; i < i1; i += TRI_GEMM_MR) {
        const int64_t rows = tri_gemm_min(TRI_GEMM_MR, i1 - i);
        float *sum = sums + (i - i0) * sum_row + (j - j0);
        kernels[rows - 1](k, packed + (i - i0) * tri_gemm_packed_row_f32, apart, b, tri_gemm_half_panel, sum,
                          sum_row, block > 0, tail, b + k * tri_gemm_half_panel, 64);
        if (block == blocks - 1) tri_gemm_half_finish(job, i, j, rows, columns, sum, sum_row);
      }
    }
  }
}

static void tri_gemm_run_half(const tri_gemm_plan *plan, const tri_gemm_problem *q, float *shared, int64_t first,
                              int64_t end, float *workspace) {
  const tri_gemm_half job = tri_gemm_half_of(q);
  if (plan->strategy == TRI_GEMM_SPLIT_K) {
    for (int64_t block = first; block < end; block++)
      tri_gemm_half_direct(&job, 0, job.m, 0, job.n, block, block + 1, shared + block * job.m * job.n);
    return;
  }
  for (int64_t tile = first; tile < end; tile++) {
    const int64_t i0 = tile / plan->column_tiles * plan->tile_rows, i1 = tri_gemm_min(job.m, i0 + plan->tile_rows);
    const int64_t j0 = tile % plan->column_tiles * plan->tile_columns;
    const int64_t j1 = tri_gemm_min(job.n, j0 + plan->tile_columns);
    if (plan->strategy == TRI_GEMM_PACKED) {
      tri_gemm_half_tile(&job, shared, i0, i1, j0, j1, workspace,
                         workspace + plan->tile_rows * tri_gemm_packed_row_f32, plan->tile_columns);
    } else if (job.n == 1) {
      tri_gemm_half turned = job;
      tri_gemm_half_turn(&turned);
      tri_gemm_half_direct(&turned, 0, 1, i0, i1, 0, tri_gemm_blocks(job.k), 0);
    } else {
      tri_gemm_half_direct(&job, i0, i1, j0, j1, 0, tri_gemm_blocks(job.k), 0);
    }
  }
}

static void tri_gemm_join_half(const tri_gemm_problem *q, const float *shared, int64_t first, int64_t end) {
  _Alignas(64) float sum[TRI_GEMM_JOIN_STRIP];
  const tri_gemm_half job = tri_gemm_half_of(q);
  const int64_t strips = tri_gemm_ceil(job.n, TRI_GEMM_JOIN_STRIP), blocks = tri_gemm_blocks(job.k);
  for (int64_t unit = first; unit < end; unit++) {
    const int64_t i = unit / strips, j = unit % strips * TRI_GEMM_JOIN_STRIP;
    const int64_t count = tri_gemm_min(TRI_GEMM_JOIN_STRIP, job.n - j);
    const float *from = shared + i * job.n + j;
    for (int64_t l = 0; l < count; l++) sum[l] = from[l];
    for (int64_t block = 1; block < blocks; block++) {
      from += job.m * job.n;
      for (int64_t l = 0; l < count; l++) sum[l] = sum[l] + from[l];
    }
    tri_gemm_half_finish(&job, i, j, 1, count, sum, 0);
  }
}
