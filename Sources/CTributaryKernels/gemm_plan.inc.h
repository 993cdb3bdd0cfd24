/* The choice of a strategy and of tiles, and the entries of the table. */

/* Multiply-adds that are worth a tile of their own: some 10 µs of arithmetic, or of memory where one operand is a
   vector; and the least product for which packing all of B pays. */
enum { TRI_GEMM_DIRECT_WORK = 1 << 19, TRI_GEMM_VECTOR_WORK = 1 << 17, TRI_GEMM_PACKED_WORK = 1 << 22 };

TRI_INLINE void tri_gemm_grid(tri_gemm_plan *plan, int64_t m, int64_t n) {
  plan->row_tiles = tri_gemm_ceil(m, plan->tile_rows);
  plan->column_tiles = tri_gemm_ceil(n, plan->tile_columns);
  plan->tiles = plan->row_tiles * plan->column_tiles;
}

TRI_INLINE int64_t tri_gemm_round_up(int64_t a, int64_t unit) { return tri_gemm_ceil(a, unit) * unit; }

/* Expanded operands make n and k as large as one likes: what no integer counts is what no memory holds. */
TRI_INLINE int64_t tri_gemm_bytes(int64_t a, int64_t b, int64_t c) {
  int64_t bytes;
  return __builtin_mul_overflow(a, b, &bytes) || __builtin_mul_overflow(bytes, c, &bytes) ? INT64_MAX : bytes;
}

static void tri_gemm_plan_packed(const tri_gemm_problem *q, int64_t size, int64_t panel, double work,
                                 tri_gemm_plan *plan) {
  int64_t blocks = tri_gemm_blocks(q->k);
  int64_t rows = TRI_GEMM_TILE_ROWS * 4 / size, columns = TRI_GEMM_TILE_COLUMNS;
  int64_t wanted = (int64_t)(work / TRI_GEMM_PACKED_WORK < 48 ? work / TRI_GEMM_PACKED_WORK : 48);
  for (;;) {
    plan->tile_rows = tri_gemm_round_up(tri_gemm_ceil(q->m, tri_gemm_ceil(q->m, rows)), TRI_GEMM_MR);
    plan->tile_columns = tri_gemm_round_up(tri_gemm_ceil(q->n, tri_gemm_ceil(q->n, columns)), panel);
    tri_gemm_grid(plan, q->m, q->n);
    if (plan->tiles >= wanted) break;
    if (rows > 4 * TRI_GEMM_MR)
      rows = rows * 3 / 4;
    else if (columns > 4 * panel)
      columns = columns / 2;
    else
      break;
  }
  plan->strategy = TRI_GEMM_PACKED;
  plan->pack_units = blocks * tri_gemm_ceil(tri_gemm_ceil(q->n, panel), TRI_GEMM_UNIT_PANELS);
  plan->shared_bytes = tri_gemm_bytes(tri_gemm_round_up(q->n, panel), q->k, size);
  plan->workspace_bytes = plan->tile_rows * TRI_PACKED_A_BYTES(size);
  /* Halves have no room in C for sums in float32. */
  if ((q->accumulate && blocks > 1) || tri_dtype_is_half(q->dtype))
    plan->workspace_bytes += plan->tile_rows * plan->tile_columns * size;
}

/* Operands that stay in a second-level cache as they lie need no packing ahead: of one block of k, whose rows of A do
   not fall into few sets of the first level. (In floating point as the work below.) */
TRI_INLINE int tri_gemm_stays(const tri_gemm_problem *q, int64_t size) {
  if (tri_dtype_is_half(q->dtype)) return 0;
  double bytes = ((double)q->m + (double)q->n) * (double)q->k * (double)size;
  return q->k <= TRI_K_BLOCK && bytes <= TRI_GEMM_STAYS && q->b_column_stride == 1 &&
         (q->a_row_stride == 1 || (q->a_column_stride == 1 && q->a_row_stride % (2048 / size)));
}

static void tri_gemm_plan_direct(const tri_gemm_problem *q, int64_t size, int64_t panel, double work,
                                 tri_gemm_plan *plan) {
  int vector = q->m == 1 || q->n == 1;
  double wanted = work / (vector ? TRI_GEMM_VECTOR_WORK : TRI_GEMM_DIRECT_WORK);
  plan->strategy = TRI_GEMM_DIRECT;
  /* One piece, without the divisions that would find as much: they took as long as the smallest product itself. */
  if (wanted < 2) {
    plan->tile_rows = q->m, plan->tile_columns = q->n;
    plan->row_tiles = plan->column_tiles = plan->tiles = 1;
    return;
  }
  int64_t pieces = wanted < 64 ? (int64_t)wanted : 64;
  /* Rows first: row tiles share B, which is small, where columns would share A. A vector's pieces read B (or A) in
     runs, which should be long. */
  int64_t least_rows = q->n == 1 ? (q->a_row_stride == 1 ? 512 : panel) : 4 * TRI_GEMM_MR;
  int64_t least_columns = q->m == 1 ? (q->b_column_stride == 1 ? 512 : panel) : 2 * panel;
  /* Where A stays in the second-level cache columns may share it, and a panel of B is copied once for each piece down. */
  if (q->m > 1 && q->n >= 2 * panel && tri_gemm_stays(q, size)) least_rows = 8 * TRI_GEMM_MR, least_columns = panel;
  int64_t down = tri_gemm_max(1, tri_gemm_min(pieces, q->m / least_rows));
  int64_t across = tri_gemm_max(1, tri_gemm_min(tri_gemm_ceil(pieces, down), q->n / least_columns));
  plan->tile_rows = tri_gemm_ceil(q->m, down);
  plan->tile_columns = tri_gemm_min(q->n, tri_gemm_round_up(tri_gemm_ceil(q->n, across), panel));
  tri_gemm_grid(plan, q->m, q->n);
}

static void tri_gemm_plan_entry(const tri_gemm_problem *q, tri_gemm_plan *plan) {
  *plan = (tri_gemm_plan){0};
  if (q->m <= 0 || q->n <= 0) return;
  /* Of an element as it is packed. */
  int64_t size = q->dtype == TRI_F64 ? 8 : 4;
  int64_t panel = q->dtype == TRI_F64 ? tri_gemm_panel_f64 : tri_gemm_panel_f32;
  /* In floating point, since the product of three sizes may not fit an integer. */
  double area = (double)q->m * (double)q->n, work = area * (double)tri_gemm_max(q->k, 1);
  int64_t blocks = tri_gemm_blocks(q->k);
  if (blocks >= 4 && area <= 128 * 128) {
    plan->strategy = TRI_GEMM_SPLIT_K;
    plan->tile_rows = q->m;
    plan->tile_columns = q->n;
    plan->row_tiles = plan->column_tiles = 1;
    plan->tiles = blocks;
    plan->join_units = q->m * tri_gemm_ceil(q->n, TRI_GEMM_JOIN_STRIP);
    plan->shared_bytes = tri_gemm_bytes(blocks, q->m * q->n, size);
  } else if (work >= TRI_GEMM_PACKED_WORK && !tri_gemm_stays(q, size) && q->m >= 4 * TRI_GEMM_MR &&
             q->n >= 3 * panel && q->k >= 64) {
    tri_gemm_plan_packed(q, size, panel, work, plan);
  } else {
    tri_gemm_plan_direct(q, size, panel, work, plan);
  }
}

static void tri_gemm_multiply_entry(const tri_gemm_problem *q) {
  if (q->dtype == TRI_F32) {
    tri_gemm_job_f32 job = tri_gemm_job_of_f32(q);
    tri_gemm_multiply_f32(&job);
  } else if (q->dtype == TRI_F64) {
    tri_gemm_job_f64 job = tri_gemm_job_of_f64(q);
    tri_gemm_multiply_f64(&job);
  } else if (tri_dtype_is_half(q->dtype)) {
    tri_gemm_multiply_half(q);
  }
}

static void tri_gemm_pack_entry(const tri_gemm_plan *plan, const tri_gemm_problem *q, int64_t first, int64_t end,
                                void *shared) {
  (void)plan;
  if (q->dtype == TRI_F32) {
    tri_gemm_job_f32 job = tri_gemm_job_of_f32(q);
    tri_gemm_pack_f32(&job, first, end, shared);
  } else if (q->dtype == TRI_F64) {
    tri_gemm_job_f64 job = tri_gemm_job_of_f64(q);
    tri_gemm_pack_f64(&job, first, end, shared);
  } else if (tri_dtype_is_half(q->dtype)) {
    tri_gemm_pack_half(q, first, end, shared);
  }
}

static void tri_gemm_run_entry(const tri_gemm_plan *plan, const tri_gemm_problem *q, void *shared,
                               int64_t first, int64_t end, void *workspace) {
  if (q->dtype == TRI_F32) {
    tri_gemm_job_f32 job = tri_gemm_job_of_f32(q);
    tri_gemm_run_f32(plan, &job, shared, first, end, workspace);
  } else if (q->dtype == TRI_F64) {
    tri_gemm_job_f64 job = tri_gemm_job_of_f64(q);
    tri_gemm_run_f64(plan, &job, shared, first, end, workspace);
  } else if (tri_dtype_is_half(q->dtype)) {
    tri_gemm_run_half(plan, q, shared, first, end, workspace);
  }
}

static void tri_gemm_join_entry(const tri_gemm_plan *plan, const tri_gemm_problem *q, const void *shared,
                                int64_t first, int64_t end) {
  (void)plan;
  if (q->dtype == TRI_F32) {
    tri_gemm_job_f32 job = tri_gemm_job_of_f32(q);
    tri_gemm_join_f32(&job, shared, first, end);
  } else if (q->dtype == TRI_F64) {
    tri_gemm_job_f64 job = tri_gemm_job_of_f64(q);
    tri_gemm_join_f64(&job, shared, first, end);
  } else if (tri_dtype_is_half(q->dtype)) {
    tri_gemm_join_half(q, shared, first, end);
  }
}

#define TRI_GEMM_TABLE                                                                                        \
  {                                                                                                           \
    .multiply = tri_gemm_multiply_entry, .plan = tri_gemm_plan_entry, .pack = tri_gemm_pack_entry,            \
    .run = tri_gemm_run_entry, .join = tri_gemm_join_entry                                                    \
  }
