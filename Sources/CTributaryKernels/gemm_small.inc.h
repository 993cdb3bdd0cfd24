/* A product on one thread with nothing but the stack: small ones, and those that are long in one direction. */

/* Rows that one sweep over a panel of B takes: what keeps their part of A in the second-level cache. */
enum { TRI_G(sweep) = 8 * TRI_GEMM_MR };

/* The way through A that the kernels can take, or -1 where both strides are other than 1. */
TRI_INLINE int TRI_G(order)(const TRI_G(job) *job) {
  return job->a_row == 1 ? TRI_A_COLUMN : job->a_column == 1 ? TRI_A_ROW : -1;
}

typedef struct {
  _Alignas(64) TRI_T panel[TRI_K_BLOCK * TRI_G(panel)];
  _Alignas(64) TRI_T before[TRI_G(sweep) * TRI_G(panel)];
  _Alignas(64) TRI_T tile[TRI_GEMM_MR * TRI_G(panel)];
} TRI_G(stack);

/* All blocks of k for `rows` rows (a sweep at most where the product is accumulated over several blocks) and
   `columns` columns (a panel at most) at (i0, j0). */
TRI_INLINE void TRI_G(panel_product)(const TRI_G(job) *job, int64_t i0, int64_t rows, int64_t j0, int64_t columns,
                                     int order, TRI_G(stack) *stack, TRI_T *strip) {
  int tail;
  const TRI_G(kernel) *kernels = TRI_G(choose)(order < 0 ? TRI_A_ROW : order, columns, &tail);
  int64_t blocks = tri_gemm_blocks(job->k);
  /* Sums of earlier blocks wait in C, unless C still holds what is to be added to. */
  int adds = TRI_G(only_adds)(job), apart = job->accumulate && !adds;
  TRI_T *before = apart ? stack->before : job->c + i0 * job->c_row + j0;
  int64_t before_row = apart ? TRI_G(panel) : job->c_row;
  int64_t micro_tiles = tri_gemm_ceil(rows, TRI_GEMM_MR);
  for (int64_t block = 0; block < blocks; block++) {
    int64_t p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
    const TRI_T *b = job->b + p * job->b_row + j0 * job->b_column;
    int64_t b_row = job->b_row, step = tri_gemm_ceil(rows, micro_tiles);
    /* A panel is copied where the kernel cannot read it (columns apart), or where several micro-tiles read it and
       it would not stay in the first-level cache: too large, or its rows fall into few sets; or each of its vectors
       lies on two lines. */
    int copied = job->b_column != 1, filled = 0;
    if (!copied && micro_tiles > 2) {
      int64_t apart = b_row * (int64_t)sizeof(TRI_T);
      copied = (apart % 1024 == 0 && k > 64) || apart % (TRI_GEMM_LANES * (int64_t)sizeof(TRI_T)) ||
               k * TRI_G(panel) * (int64_t)sizeof(TRI_T) > 16384;
      filled = copied && columns == TRI_G(panel) && order >= 0;
    }
    if (copied && !filled) TRI_G(pack_panels)(k, columns, b, job->b_row, job->b_column, stack->panel);
    /* The next panel's part of the row, where B is read where it lies. */
    const TRI_T *ahead = copied && !filled ? stack->panel : b + TRI_G(panel);
    int64_t ahead_step = copied && !filled ? 0 : b_row * (int64_t)sizeof(TRI_T);
    if (copied && !filled) b = stack->panel, b_row = TRI_G(panel);
    int last = block == blocks - 1;
    for (int64_t i = 0, mr; i < rows; i += mr) {
      /* The first micro-tile is whole where it fills the panel; the others share what is left. */
      mr = tri_gemm_min(filled ? TRI_GEMM_MR : step, rows - i);
      const TRI_T *a = job->a + (i0 + i) * job->a_row + p * job->a_column;
      int64_t a_stride = order == TRI_A_ROW ? job->a_row : job->a_column;
      if (order < 0) {
        TRI_G(pack_rows)(mr, k, a, job->a_row, job->a_column, strip);
        a = strip;
        a_stride = TRI_G(packed_row);
      }
      int direct = !last || job->plain || adds, add = direct && (block > 0 || adds);
      TRI_T *sum = direct ? before + i * before_row : stack->tile;
      int64_t sum_row = direct ? before_row : TRI_G(panel);
      if (filled) {
        (order == TRI_A_ROW ? TRI_JOIN(TRI_G(fill_), 1) : TRI_JOIN(TRI_G(fill_), 0))(
            k, a, a_stride, b, b_row, sum, sum_row, add, ahead, ahead_step, stack->panel);
        b = stack->panel, b_row = TRI_G(panel);
        ahead = b, ahead_step = 0, filled = 0;
        step = tri_gemm_ceil(rows - mr, micro_tiles - 1);
      } else {
        kernels[mr - 1](k, a, a_stride, b, b_row, sum, sum_row, add, tail, ahead, ahead_step);
      }
      if (!direct)
        TRI_G(finish)(job, i0 + i, j0, mr, columns, stack->tile, TRI_G(panel), block > 0 ? before + i * before_row : 0,
                      before_row);
    }
  }
}

static void TRI_G(sweeps)(const TRI_G(job) *job, int order, TRI_T *strip) {
  TRI_G(stack) stack;
  int64_t blocks = tri_gemm_blocks(job->k);
  /* With less of k in the cache a sweep may take more rows; not where it has to fit `before`. */
  int64_t rows = blocks > 1 ? TRI_G(sweep) : 2 * TRI_G(sweep) * tri_gemm_max(1, TRI_K_BLOCK / tri_gemm_max(1, job->k));
  for (int64_t i = 0; i < job->m; i += rows)
    for (int64_t j = 0; j < job->n; j += TRI_G(panel))
      TRI_G(panel_product)(job, i, tri_gemm_min(rows, job->m - i), j, tri_gemm_min(TRI_G(panel), job->n - j), order,
                           &stack, strip);
}

/* Apart, so that the strip is on the stack only where it is needed. */
static __attribute__((noinline)) void TRI_G(sweeps_general)(const TRI_G(job) *job) {
  _Alignas(64) TRI_T strip[TRI_GEMM_MR * TRI_G(packed_row)];
  TRI_G(sweeps)(job, -1, strip);
}

/* Columns that a short and wide product takes together: a kibibyte of each row of B, or as many whole panels as fit one;
   and the longest k for which they fit where one panel of a whole block does. */
enum {
  TRI_G(wide) = 1024 / (int)sizeof(TRI_T) / TRI_G(panel) * TRI_G(panel),
  TRI_G(short) = TRI_K_BLOCK * TRI_G(panel) / TRI_G(wide)
};

/* Several micro-tiles over a short k and a B that is too large for the caches or whose rows fall into few of their sets:
   its columns go by too fast for the processor to foresee its rows. */
TRI_INLINE int TRI_G(wide_suits)(const TRI_G(job) *job) {
  uint64_t row = (uint64_t)job->b_row * sizeof(TRI_T);
  return job->m > TRI_GEMM_MR && job->b_column == 1 && job->n >= 4 * TRI_G(wide) && job->k <= TRI_G(short) &&
         (row % 1024 == 0 || (uint64_t)job->k * row > 1 << 20) && (job->plain || TRI_G(only_adds)(job));
}

/* A piece of B is packed whole, row by row, and the micro-tiles, whose set-up is a good part of so short a product, follow
   in the plainest of loops; each asks for a run of k lines of one row of the pieces to come. (16 x 65536, k = 16: 145
   against 187 GFLOP/s with AVX-512, 64 against 102 with AVX2. Neither a copy of each panel as its first micro-tile reads
   it nor packed pieces in the loops above gained anything.) */
static __attribute__((noinline)) void TRI_G(wide_product)(const TRI_G(job) *job, int order) {
  _Alignas(64) TRI_T packed[TRI_G(short) * TRI_G(wide)];
  int64_t k = job->k, rows = tri_gemm_ceil(job->m, tri_gemm_ceil(job->m, TRI_GEMM_MR)), row = 0;
  int64_t a_stride = order == TRI_A_ROW ? job->a_row : job->a_column;
  for (int64_t j = 0; j < job->n; j += TRI_G(wide)) {
    int64_t columns = tri_gemm_min(TRI_G(wide), job->n - j);
    for (int64_t p = 0; p < k; p++)
      TRI_G(pack_row)(k, columns, job->b + p * job->b_row + j, packed + p * TRI_G(panel));
    for (int64_t i = 0; i < job->m; i += rows) {
      int64_t mr = tri_gemm_min(rows, job->m - i);
      for (int64_t l = 0; l < columns; l += TRI_G(panel), row = row + 1 < k ? row + 1 : 0) {
        int tail;
        const TRI_G(kernel) *kernels = TRI_G(choose)(order, tri_gemm_min(TRI_G(panel), columns - l), &tail);
        uintptr_t ahead = (uintptr_t)(job->b + j) + (uintptr_t)(row * job->b_row + TRI_G(wide)) * sizeof(TRI_T);
        kernels[mr - 1](k, job->a + i * job->a_row, a_stride, packed + l * k, TRI_G(panel),
                        job->c + i * job->c_row + j + l, job->c_row, job->accumulate, tail, (const TRI_T *)ahead, 64);
      }
    }
  }
}

static void TRI_G(product)(const TRI_G(job) *job) {
  int order = TRI_G(order)(job);
  if (order < 0)
    TRI_G(sweeps_general)(job);
  else if (TRI_G(wide_suits)(job))
    TRI_G(wide_product)(job, order);
  else
    TRI_G(sweeps)(job, order, 0);
}
