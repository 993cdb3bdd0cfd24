/* The choice of tiles, and the entries of the table. */

/* Bytes of gathered source for which a piece of a sample stays in the second-level cache; multiply-adds that are worth a
   tile of their own; sums of the weight's gradient that are small enough for each block of k to have its own; rows of
   it (channels · kernel positions) that pay for packing the right operand. */
enum {
  TRI_CONV_SOURCE_BYTES = 384 << 10, TRI_CONV_TILE_WORK = 1 << 19, TRI_CONV_TILES = 32,
  TRI_CONV_SPLIT_SUMS = 1 << 14, TRI_CONV_WEIGHT_ROWS = 144,
};

TRI_INLINE int64_t tri_conv_add(int64_t a, int64_t b) {
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* Elements that the largest phase's pieces of `rows` rows gather of one channel. */
TRI_INLINE int64_t tri_conv_largest(const tri_conv_problem *q, int64_t rows) {
  int64_t largest = 0, phases = tri_conv_phases(q);
  for (int64_t i = 0; i < phases; i++) {
    tri_conv_phase phase = tri_conv_phase_of(q, i);
    largest = tri_gemm_max(largest, tri_conv_layout_of(&phase, tri_conv_axis(q), rows).channel);
  }
  return largest;
}

static void tri_conv_plan_run(const tri_conv_problem *q, int64_t size, int64_t panel, int64_t lanes, int64_t packed_m,
                              tri_conv_plan *plan) {
  int image = q->kind == TRI_CONV_IMAGE, axis = tri_conv_axis(q);
  const int64_t *out = image ? q->image : q->map;
  int64_t m = image ? q->channels : q->filters, depth = image ? q->filters : q->channels;
  int64_t phases = tri_conv_phases(q), kernel = q->kernel[0] * q->kernel[1] * q->kernel[2];
  int64_t count = image ? tri_gemm_ceil(out[axis], q->stride[axis]) : out[axis], inner = 1;
  for (int d = axis + 1; d < 3; d++) inner *= image ? tri_gemm_ceil(out[d], q->stride[d]) : out[d];
  double per_row = (double)inner * (double)m * (double)depth * (double)kernel / (double)phases;
  int64_t rows = count;
  while (rows > 1 && tri_gemm_bytes(tri_conv_largest(q, rows), depth, size) > TRI_CONV_SOURCE_BYTES)
    rows = tri_gemm_ceil(rows, 2);
  while (rows > 1 && (double)q->batch * (double)q->groups * (double)phases * (double)tri_gemm_ceil(count, rows) < TRI_CONV_TILES &&
         per_row * (double)rows > 2 * TRI_CONV_TILE_WORK && rows * inner > 2 * panel)
    rows = tri_gemm_ceil(rows, 2);
  plan->piece_rows = rows;
  plan->pieces = tri_gemm_ceil(count, rows);
  plan->pack_units = q->groups * phases;
  plan->tiles = q->batch * q->groups * phases * plan->pieces;
  int64_t offsets = tri_gemm_ceil(depth * kernel, 8) * 64;
  plan->shared_bytes = tri_conv_add(offsets, tri_gemm_bytes(q->groups * depth * kernel, packed_m, size));
  int64_t source = tri_gemm_bytes(tri_conv_largest(q, rows), depth, size);
  plan->workspace_bytes =
    tri_conv_add(source, ((TRI_K_BLOCK + tri_gemm_ceil(m, 16) * 16) * panel + 2 * lanes) * size);
}

static void tri_conv_plan_weight(const tri_conv_problem *q, int64_t size, int64_t panel, int64_t lanes, int64_t strip,
                                 tri_conv_plan *plan) {
  int64_t taps = q->kernel[0] * q->kernel[1] * q->kernel[2], positions = q->map[0] * q->map[1] * q->map[2];
  int64_t blocks = tri_gemm_blocks(q->batch * positions);
  int64_t channels = tri_gemm_ceil(TRI_CONV_WEIGHT_ROWS, taps);
  plan->pieces = tri_gemm_max(1, q->channels / tri_gemm_min(channels, q->channels));
  plan->piece_rows = tri_gemm_ceil(q->channels, plan->pieces);
  plan->pieces = tri_gemm_ceil(q->channels, plan->piece_rows);
  int64_t sums = tri_gemm_bytes(q->channels * taps, q->filters, 1);
  int64_t all = tri_gemm_bytes(blocks, tri_gemm_bytes(sums, q->groups, 1), size);
  if (q->groups * plan->pieces < 16 && blocks >= 4 && sums <= TRI_CONV_SPLIT_SUMS && all <= 64 << 20) {
    plan->split = 1;
    plan->pieces = 1;
    plan->piece_rows = q->channels;
    plan->shared_bytes = all;
    plan->join_units = q->groups * tri_gemm_ceil(q->channels * taps, tri_conv_join_rows(q));
  }
  plan->tiles = q->groups * plan->pieces * (plan->split ? blocks : 1);
  tri_conv_phase phase = tri_conv_phase_of(q, 0);
  tri_conv_layout l = tri_conv_layout_of(&phase, tri_conv_axis(q), tri_conv_block_rows(q));
  int64_t elements = TRI_GEMM_MR * strip + lanes + tri_gemm_ceil(q->filters, panel) * panel * TRI_K_BLOCK +
                     (plan->split ? 0 : tri_conv_sums(plan, q)) + 16 + lanes;
  int64_t source = tri_gemm_bytes(tri_conv_slots(q) * plan->piece_rows, l.channel, size);
  plan->workspace_bytes = tri_conv_add(source, tri_gemm_bytes(elements, size, 1));
}

static void tri_conv_plan_grouped(const tri_conv_problem *q, int64_t size, int64_t lanes, tri_conv_plan *plan) {
  tri_grouped f = tri_grouped_of(q);
  int64_t blocks = tri_gemm_blocks(q->batch * q->map[0] * q->map[1] * q->map[2]);
  plan->pieces = tri_gemm_ceil(q->groups, lanes);
  int64_t sums = f.vectors * lanes * size, all = tri_gemm_bytes(blocks, plan->pieces, sums);
  plan->piece_rows = 1;
  plan->split = plan->pieces < 16 && blocks >= 4 && all <= 64 << 20;
  plan->tiles = plan->pieces * (plan->split ? blocks : 1);
  plan->shared_bytes = plan->split ? all : 0;
  plan->join_units = plan->split ? plan->pieces : 0;
  plan->workspace_bytes = 2 * sums + (q->filters * TRI_K_BLOCK + f.size) * lanes * size;
}

static void tri_conv_plan_entry(const tri_conv_problem *q, tri_conv_plan *plan) {
  *plan = (tri_conv_plan){0};
  if (q->dtype != TRI_F32 && q->dtype != TRI_F64) return;
  int single = q->dtype == TRI_F32;
  int64_t size = single ? 4 : 8, panel = single ? tri_gemm_panel_f32 : tri_gemm_panel_f64;
  int64_t lanes = TRI_REGISTER_BYTES / size, m = q->kind == TRI_CONV_IMAGE ? q->channels : q->filters;
  if (tri_conv_by_groups(q))
    tri_conv_plan_grouped(q, size, lanes, plan);
  else if (q->kind == TRI_CONV_WEIGHT)
    tri_conv_plan_weight(q, size, panel, lanes, single ? tri_gemm_packed_row_f32 : tri_gemm_packed_row_f64, plan);
  else
    tri_conv_plan_run(q, size, panel, lanes, single ? tri_gemm_conv_packed_m_f32(m) : tri_gemm_conv_packed_m_f64(m),
                      plan);
}

static void tri_conv_pack_entry(const tri_conv_plan *plan, const tri_conv_problem *q, int64_t first, int64_t end,
                                void *shared) {
  if (q->dtype == TRI_F32) tri_gemm_conv_pack_f32(plan, q, first, end, shared);
  else tri_gemm_conv_pack_f64(plan, q, first, end, shared);
}

static void tri_conv_run_entry(const tri_conv_plan *plan, const tri_conv_problem *q, void *shared, int64_t first,
                               int64_t end, void *workspace) {
  if (tri_conv_by_groups(q)) {
    if (q->dtype == TRI_F32) tri_gemm_grouped_f32(plan, q, shared, first, end, workspace);
    else tri_gemm_grouped_f64(plan, q, shared, first, end, workspace);
  } else if (q->kind == TRI_CONV_WEIGHT) {
    if (q->dtype == TRI_F32) tri_gemm_conv_weight_f32(plan, q, shared, first, end, workspace);
    else tri_gemm_conv_weight_f64(plan, q, shared, first, end, workspace);
  } else {
    if (q->dtype == TRI_F32) tri_gemm_conv_run_f32(plan, q, shared, first, end, workspace);
    else tri_gemm_conv_run_f64(plan, q, shared, first, end, workspace);
  }
}

static void tri_conv_join_entry(const tri_conv_plan *plan, const tri_conv_problem *q, const void *shared,
                                int64_t first, int64_t end) {
  if (tri_conv_by_groups(q)) {
    if (q->dtype == TRI_F32) tri_gemm_grouped_join_f32(q, shared, first, end);
    else tri_gemm_grouped_join_f64(q, shared, first, end);
  } else {
    if (q->dtype == TRI_F32) tri_gemm_conv_join_f32(plan, q, shared, first, end);
    else tri_gemm_conv_join_f64(plan, q, shared, first, end);
  }
}

#define TRI_CONV_TABLE                                                                                        \
  {                                                                                                           \
    .plan = tri_conv_plan_entry, .pack = tri_conv_pack_entry, .run = tri_conv_run_entry,                      \
    .join = tri_conv_join_entry                                                                               \
  }
