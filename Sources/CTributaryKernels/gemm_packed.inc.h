/* The phases of a plan, for one element type. */

TRI_INLINE int64_t TRI_G(panels)(int64_t n) { return tri_gemm_ceil(n, TRI_G(panel)); }

/* Packed B: block after block of k; in each, panel after panel. */
TRI_INLINE int64_t TRI_G(panel_offset)(int64_t n, int64_t block, int64_t k, int64_t panel) {
  return (block * TRI_K_BLOCK * TRI_G(panels)(n) + panel * k) * TRI_G(panel);
}

static void TRI_G(pack)(const TRI_G(job) *job, int64_t first, int64_t end, TRI_T *shared) {
  int64_t panels = TRI_G(panels)(job->n), groups = tri_gemm_ceil(panels, TRI_GEMM_UNIT_PANELS);
  for (int64_t unit = first; unit < end; unit++) {
    int64_t block = unit / groups, group = unit % groups, p = block * TRI_K_BLOCK;
    int64_t k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
    int64_t panel = group * TRI_GEMM_UNIT_PANELS, j = panel * TRI_G(panel);
    int64_t columns = tri_gemm_min(TRI_GEMM_UNIT_PANELS * TRI_G(panel), job->n - j);
    TRI_G(pack_panels)(k, columns, job->b + p * job->b_row + j * job->b_column, job->b_row, job->b_column,
                       shared + TRI_G(panel_offset)(job->n, block, k, panel));
  }
}

/* Rows i0 ..< i1 by columns j0 ..< j1 (j0 on a panel's edge) of blocks first ..< end of k. `before` waits in the workspace
   where C is added to. */
static void TRI_G(packed_tile)(const TRI_G(job) *job, const TRI_T *shared, int64_t first, int64_t end, int64_t i0,
                               int64_t i1, int64_t j0, int64_t j1, TRI_T *packed, TRI_T *before, int64_t before_row) {
  _Alignas(64) TRI_T tile[TRI_GEMM_MR * TRI_G(panel)];
  /* Rows are turned: a column of a micro-tile in one line takes one pointer where rows take five. */
  int lies = TRI_G(order)(job), order = lies < 0 ? TRI_A_ROW : TRI_A_COLUMN;
  int64_t blocks = tri_gemm_blocks(job->k);
  int adds = TRI_G(only_adds)(job);
  /* As many micro-tiles, fetching a line for each k, fetch the whole next panel, which may be narrower than a line. */
  int64_t parts = tri_gemm_max(1, TRI_G(panel) * (int64_t)sizeof(TRI_T) / 64);
  for (int64_t block = first; block < end; block++) {
    int64_t p = block * TRI_K_BLOCK, k = tri_gemm_min(TRI_K_BLOCK, job->k - p);
    const TRI_T *a = job->a + i0 * job->a_row + p * job->a_column;
    if (lies == TRI_A_ROW)
      TRI_G(pack_turned)(i1 - i0, k, a, job->a_row, packed);
    else if (lies == TRI_A_COLUMN)
      TRI_G(pack_columns)(i1 - i0, k, a, job->a_column, packed);
    else
      TRI_G(pack_rows)(i1 - i0, k, a, job->a_row, job->a_column, packed);
    int64_t a_stride = order == TRI_A_COLUMN ? TRI_GEMM_MR : TRI_G(packed_row);
    for (int64_t j = j0; j < j1; j += TRI_G(panel)) {
      int64_t columns = tri_gemm_min(TRI_G(panel), j1 - j);
      int tail;
      const TRI_G(kernel) *kernels = TRI_G(choose)(order, columns, &tail);
      const TRI_T *b = shared + TRI_G(panel_offset)(job->n, block, k, j / TRI_G(panel));
      for (int64_t i = i0; i < i1; i += TRI_GEMM_MR) {
        int64_t mr = tri_gemm_min(TRI_GEMM_MR, i1 - i);
        const TRI_T *left = packed + (i - i0) * TRI_G(packed_row);
        const TRI_T *ahead = b + k * TRI_G(panel) + (i - i0) / TRI_GEMM_MR % parts * k * (64 / (int64_t)sizeof(TRI_T));
        TRI_T *sum = before ? before + (i - i0) * before_row + (j - j0) : job->c + i * job->c_row + j;
        int64_t sum_row = before ? before_row : job->c_row;
        if (job->plain || adds || block < blocks - 1) {
          kernels[mr - 1](k, left, a_stride, b, TRI_G(panel), sum, sum_row, block > 0 || adds, tail, ahead, 64);
        } else {
          kernels[mr - 1](k, left, a_stride, b, TRI_G(panel), tile, TRI_G(panel), 0, tail, ahead, 64);
          TRI_G(finish)(job, i, j, mr, columns, tile, TRI_G(panel), block > 0 ? sum : 0, sum_row);
        }
      }
    }
  }
}

static void TRI_G(run)(const tri_gemm_plan *plan, const TRI_G(job) *job, TRI_T *shared, int64_t first,
                       int64_t end, TRI_T *workspace) {
  if (plan->strategy == TRI_GEMM_SPLIT_K) {
    for (int64_t block = first; block < end; block++) {
      TRI_T *sums = shared + block * job->m * job->n;
      TRI_G(job) part = TRI_G(block_of)(job, block, sums, job->n);
      TRI_G(multiply)(&part);
    }
    return;
  }
  int packed = plan->strategy == TRI_GEMM_PACKED, apart = packed && job->accumulate && job->k > TRI_K_BLOCK;
  TRI_T *before = apart ? workspace + plan->tile_rows * TRI_G(packed_row) : 0;
  /* All blocks of k for a tile, whose sums then stay in a cache; one for all tiles where packed B, which every row of tiles
     goes over, stays in none: its block does. */
  int64_t blocks = tri_gemm_blocks(job->k);
  int64_t together = packed && !apart && plan->shared_bytes > TRI_GEMM_SHARED_STAYS ? 1 : blocks;
  for (int64_t block = 0; block < blocks; block += together) {
    for (int64_t tile = first, next; tile < end; tile = next) {
      /* Neighbours in a row of tiles are one wide tile, so that A is packed once for all of them; whole rows of tiles
         that are not packed are one tall tile besides. */
      int64_t row = tile / plan->column_tiles, column = tile % plan->column_tiles;
      int64_t whole = packed || column ? 0 : (end - tile) / plan->column_tiles;
      next = apart   ? tile + 1
             : whole ? tile + whole * plan->column_tiles
                     : tri_gemm_min(end, (row + 1) * plan->column_tiles);
      int64_t i0 = row * plan->tile_rows, i1 = tri_gemm_min(job->m, i0 + tri_gemm_max(1, whole) * plan->tile_rows);
      int64_t j0 = column * plan->tile_columns;
      int64_t j1 = tri_gemm_min(job->n, j0 + (whole ? plan->column_tiles : next - tile) * plan->tile_columns);
      if (packed) {
        TRI_G(packed_tile)(job, shared, block, block + together, i0, i1, j0, j1, workspace, before, plan->tile_columns);
      } else {
        TRI_G(job) part = TRI_G(part)(job, i0, i1 - i0, j0, j1 - j0);
        TRI_G(multiply)(&part);
      }
    }
  }
}

/* Adds the block sums of strips of rows, first to last. */
static void TRI_G(join)(const TRI_G(job) *job, const TRI_T *shared, int64_t first, int64_t end) {
  _Alignas(64) TRI_T sum[TRI_GEMM_JOIN_STRIP];
  int64_t strips = tri_gemm_ceil(job->n, TRI_GEMM_JOIN_STRIP), blocks = tri_gemm_blocks(job->k);
  for (int64_t unit = first; unit < end; unit++) {
    int64_t i = unit / strips, j = unit % strips * TRI_GEMM_JOIN_STRIP;
    int64_t count = tri_gemm_min(TRI_GEMM_JOIN_STRIP, job->n - j);
    const TRI_T *from = shared + i * job->n + j;
    for (int64_t l = 0; l < count; l++) sum[l] = from[l];
    for (int64_t block = 1; block < blocks; block++) {
      from += job->m * job->n;
      for (int64_t l = 0; l < count; l++) sum[l] = sum[l] + from[l];
    }
    TRI_G(finish)(job, i, j, 1, count, sum, 0, 0, 0);
  }
}
