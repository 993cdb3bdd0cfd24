/* Running sums and their kin, sorting, selection, and elements by index. Part of kernel_digest.c. */

static const int64_t scan_shapes[][3] = {{1, 1, 1}, {2, 7, 1}, {5, 40, 1}, {3, 4033, 1}, {1, 20200, 1},
                                         {2, 5, 3},  {1, 33, 17}, {2, 4100, 2}, {1, 9, 1030}};
enum { SCAN_SHAPES = sizeof scan_shapes / sizeof *scan_shapes };

static void scan_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 60;
  for (int i = 0; i < SCAN_SHAPES; i++)
    for (int op = 0; op < TRI_SCAN_COUNT; op++) {
      if (!tri_scan_supports(kernels, (tri_scan_op)op, dtype)) continue;
      _Bool extreme = op >= TRI_SCAN_MAX;
      int64_t outer = scan_shapes[i][0], n = scan_shapes[i][1], inner = scan_shapes[i][2], count = outer * n * inner;
      tri_dtype to = extreme ? dtype : tri_reduce_result(TRI_REDUCE_SUM, dtype);
      void *x = new_operand(dtype, count, i % 2 ? WILD : TAME), *f = new_operand(dtype, count, TAME);
      void *y = new_buffer(to, count), *indices = new_buffer(TRI_I64, count);
      const tri_scan problem = {.outer = outer, .n = n, .inner = inner, .reverse = !extreme && i % 3 == 1, .x = x,
                                .factor = op == TRI_SCAN_RECURRENCE ? f : NULL, .y = y, .indices = indices};
      if (op == TRI_SCAN_SUM && inner == 1 && outer == 1) {
        int64_t blocks = tri_scan_blocks(n);
        void *sums = new_buffer(to, blocks);
        tri_scan_block_sums(kernels, dtype, &problem, 0, 0, blocks, sums);
        tri_scan_join_sums(to, blocks, sums);
        tri_scan_from_sums(kernels, dtype, &problem, 0, 0, blocks, sums);
        take(to, y, count), free(sums);
        y = new_buffer(to, count);
      }
      tri_scan whole = problem;
      whole.y = y;
      tri_scan_run(kernels, (tri_scan_op)op, dtype, &whole, 0, outer, 0, inner);
      take(to, y, count);
      if (extreme) take(TRI_I64, indices, count);
      else free(indices);
      free(x), free(f);
    }
}

static void sort_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t lengths[] = {1, 2, 63, 64, 65, 300, 5000};
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 61;
  for (int i = 0; i < 14; i++) {
    int64_t n = lengths[i / 2], rows = 3;
    void *x = new_operand(dtype, rows * n, WILD);
    tri_sort_kind kind = tri_sort_kind_for(dtype, n, i % 2);
    void *values = new_buffer(dtype, rows * n), *places = new_buffer(TRI_I64, rows * n);
    void *workspace = new_buffer(TRI_U8, 2 * n * kind.word);
    tri_sort_rows(&kind, x, n, n, 0, rows, values, places, workspace);
    take(dtype, values, rows * n), take(TRI_I64, places, rows * n), free(workspace);
    for (int64_t k = 1; k <= n; k = k * 5 + 2) {
      void *words = new_buffer(TRI_U8, tri_select_room(k) * kind.word), *chosen = new_buffer(TRI_I64, k);
      void *aside = new_buffer(TRI_U8, tri_select_room(k) * kind.word);
      kernels->sort.select(&kind, x, 0, n, k, words, aside);
      tri_sort_unpack(&kind, x, words, 0, k, NULL, chosen);
      take(TRI_I64, chosen, k), free(words), free(aside);
    }
    free(x);
  }
}

static void index_body(const tri_kernels *kernels, const void *parameters) {
  enum { OUTER = 3, POSITIONS = 11, M = 40, INNER = 5 };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  (void)kernels; /* these know no path */
  random_state = 62;
  for (int op = TRI_PUT_SET; op <= TRI_PUT_MIN; op++)
    for (int shared = 0; shared < 2; shared++) {
      int64_t index[OUTER * M * INNER];
      for (int i = 0; i < OUTER * M * INNER; i++) index[i] = (int64_t)(next_random() % (2 * POSITIONS)) - POSITIONS;
      void *x = new_operand(dtype, OUTER * POSITIONS * INNER, WILD), *part = new_operand(dtype, OUTER * M * INNER, TAME);
      const tri_index_problem problem = {
          .rank = 1, .outer = {OUTER}, .positions = POSITIONS, .m = M, .inner = INNER, .index = index,
          .index_outer = {shared ? 0 : M * INNER}, .index_step = INNER, .index_inner = shared ? 0 : 1, .x = x,
          .x_outer = {POSITIONS * INNER}, .x_step = INNER, .x_inner = 1, .part = part, .part_outer = {M * INNER},
          .part_step = INNER, .part_inner = 1};
      const tri_index_range all = {0, OUTER, 0, M, 0, INNER};
      if (!tri_index_put(&problem, dtype, (tri_put_op)op, &all)) fail("refused", 0, 0, 1);
      if (!tri_index_take(&problem, tri_dtype_size(dtype), &all)) fail("refused", 0, 0, 1);
      take(dtype, x, OUTER * POSITIONS * INNER), take(dtype, part, OUTER * M * INNER);
    }
}

/* A line by buckets has the bits of one that is taken in order. */
static void line_body(const tri_kernels *kernels, const void *parameters) {
  enum { POSITIONS = 50000, M = 200000 };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  (void)kernels;
  for (int op = TRI_PUT_SET; op <= TRI_PUT_MIN; op++) {
    random_state = 63;
    int64_t *index = new_buffer(TRI_I64, M), size = tri_dtype_size(dtype);
    for (int64_t i = 0; i < M; i++) index[i] = (int64_t)(next_random() % (2 * POSITIONS)) - POSITIONS;
    void *x = new_operand(dtype, POSITIONS, TAME), *part = new_operand(dtype, M, TAME), *y = new_buffer(dtype, POSITIONS);
    memcpy(y, x, (size_t)(POSITIONS * size));
    tri_index_problem problem = {.positions = POSITIONS, .m = M, .inner = 1, .index = index, .index_step = 1, .x = x,
                                 .x_step = 1, .part = part, .part_step = 1};
    const tri_index_range all = {0, 1, 0, M, 0, 1};
    tri_index_put(&problem, dtype, (tri_put_op)op, &all);
    problem.x = y;
    const tri_index_line line = tri_index_line_plan(&problem);
    int64_t *counts = new_buffer(TRI_I64, line.chunks * line.buckets), *ends = new_buffer(TRI_I64, line.buckets);
    uint32_t *offsets = new_buffer(TRI_I32, M);
    void *values = new_buffer(dtype, M);
    for (int64_t c = 0; c < line.chunks; c++)
      if (!tri_index_line_count(&problem, &line, c, counts)) fail("refused", 0, 0, 1);
    tri_index_line_places(&line, counts, ends);
    for (int64_t c = 0; c < line.chunks; c++)
      tri_index_line_move(&problem, &line, (int32_t)size, c, counts, offsets, values);
    for (int64_t b = 0; b < line.buckets; b++)
      tri_index_line_put(&problem, &line, dtype, (tri_put_op)op, b, ends, offsets, values);
    for (int64_t i = 0; i < POSITIONS; i++)
      if (element_word(dtype, x, (size_t)i) != element_word(dtype, y, (size_t)i))
        fail("a line by buckets", (size_t)i, element_word(dtype, y, (size_t)i), element_word(dtype, x, (size_t)i));
    take(dtype, x, POSITIONS);
    free(index), free(part), free(y), free(counts), free(ends), free(offsets), free(values);
  }
}

static void run_order_cases(void) {
  run_for_dtypes("scan", WIDE_DTYPES, scan_body);
  run_for_dtypes("sort", WIDE_DTYPES, sort_body);
  run_for_dtypes("index", WIDE_DTYPES, index_body);
  run_for_dtypes("line", WIDE_DTYPES, line_body);
}
