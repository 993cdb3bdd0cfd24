/* Normalisation of rows and attention, forward and back. Part of kernel_digest.c. */

static void norm_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t shapes[][2] = {{1, 1}, {3, 7}, {17, 16}, {20, 33}, {130, 64}, {70, 100}, {3, 4097}, {2, 9001}};
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 50;
  for (int i = 0; i < 16; i++) {
    int64_t rows = shapes[i / 2][0], n = shapes[i / 2][1], count = rows * n, blocks = tri_column_block_count(rows);
    manner how = i / 2 % 3 == 1 ? WILD : TAME;
    void *x = new_operand(dtype, count, how), *g = new_operand(dtype, count, how), *w = new_operand(dtype, n, TAME);
    void *y = new_buffer(dtype, count), *mean = new_buffer(dtype, rows), *rstd = new_buffer(dtype, rows);
    const tri_norm_problem forward = {.n = n, .eps = 1e-5, .centred = i % 2, .x = x, .weight = w, .bias = w, .y = y,
                                      .mean = mean, .rstd = rstd};
    tri_norm_rows(kernels, dtype, &forward, 0, rows);
    void *dx = new_buffer(dtype, count), *dw = new_buffer(dtype, blocks * n), *db = new_buffer(dtype, blocks * n);
    const tri_norm_gradient back = {.n = n, .rows = rows, .centred = i % 2, .g = g, .x = x, .mean = mean, .rstd = rstd,
                                    .weight = w, .dx = dx, .weight_partials = dw, .bias_partials = db};
    tri_norm_gradient_blocks(kernels, dtype, &back, 0, blocks);
    take(dtype, y, count), take(dtype, mean, rows), take(dtype, rstd, rows);
    take(dtype, dx, count), take(dtype, dw, blocks * n), take(dtype, db, blocks * n);
    free(x), free(g), free(w);
  }
}

static void group_norm_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t shapes[][2] = {{1, 1}, {3, 16}, {2, 17}, {2, 4100}, {5, 100}}; /* channels of a group, span */
  enum { BATCH = 3, GROUPS = 2 };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 52;
  for (int i = 0; i < 10; i++) {
    int64_t of_row = shapes[i / 2][0], span = shapes[i / 2][1], n = of_row * span, rows = BATCH * GROUPS;
    int64_t channels = GROUPS * of_row, count = rows * n;
    void *x = new_operand(dtype, count, TAME), *g = new_operand(dtype, count, i % 2 ? WILD : TAME);
    void *w = new_operand(dtype, channels, TAME), *y = new_buffer(dtype, count);
    void *mean = new_buffer(dtype, rows), *rstd = new_buffer(dtype, rows);
    const tri_norm_problem forward = {.n = n, .eps = 1e-5, .centred = 1, .x = x, .weight = w, .bias = i % 2 ? w : NULL,
                                      .y = y, .mean = mean, .rstd = rstd, .span = span, .channels = channels};
    tri_norm_rows(kernels, dtype, &forward, 0, rows);
    void *dx = new_buffer(dtype, count), *dw = new_buffer(dtype, rows * of_row), *db = new_buffer(dtype, rows * of_row);
    const tri_norm_gradient back = {.n = n, .rows = rows, .centred = 1, .g = g, .x = x, .mean = mean, .rstd = rstd,
                                    .weight = i % 2 ? NULL : w, .dx = dx, .weight_partials = dw, .bias_partials = db,
                                    .span = span, .channels = channels};
    tri_norm_gradient_groups(kernels, dtype, &back, 0, rows);
    take(dtype, y, count), take(dtype, mean, rows), take(dtype, rstd, rows);
    take(dtype, dx, count), take(dtype, dw, rows * of_row), take(dtype, db, rows * of_row);
    free(x), free(g), free(w);
  }
}

static void *zeros(tri_dtype dtype, int64_t count) {
  void *p = new_buffer(dtype, count);
  memset(p, 0, (size_t)count * (size_t)tri_dtype_size(dtype));
  return p;
}

static void attention_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t shapes[][2] = {{1, 1}, {33, 31}, {32, 256}, {70, 530}, {300, 257}};
  enum { WIDTH = 21, VALUES = 18 };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  int64_t tile = tri_attention_queries() * tri_attention_keys();
  random_state = 51;
  for (int i = 0; i < 15; i++) {
    int64_t m = shapes[i / 3][0], n = shapes[i / 3][1];
    int64_t blocks = (m + tri_attention_queries() - 1) / tri_attention_queries();
    int64_t key_blocks = (n + tri_attention_keys() - 1) / tri_attention_keys();
    void *q = new_operand(dtype, m * WIDTH, TAME), *g = new_operand(dtype, m * VALUES, TAME);
    /* The turned operands are drawn too: the kernels do not compare them with the others. */
    void *k = new_operand(dtype, n * WIDTH, TAME), *k_turned = new_operand(dtype, n * WIDTH, TAME);
    void *v = new_operand(dtype, n * VALUES, TAME), *v_turned = new_operand(dtype, n * VALUES, TAME);
    void *mask = new_operand(dtype, m * n, i % 3 == 2 ? WILD : TAME);
    void *out = new_buffer(dtype, m * VALUES), *lse = new_buffer(dtype, m), *delta = new_buffer(dtype, m);
    void *dq = zeros(dtype, m * WIDTH), *dk = zeros(dtype, n * WIDTH), *dv = zeros(dtype, n * VALUES);
    void *workspace = new_buffer(dtype, 2 * tile);
    const tri_attention problem = {
        .queries = m, .keys = n, .width = WIDTH, .value_width = VALUES, .q = q, .k = k, .v = v, .q_row = WIDTH,
        .k_row = WIDTH, .v_row = VALUES, .k_turned = k_turned, .v_turned = v_turned, .mask = i % 3 == 2 ? mask : NULL,
        .mask_row = n, .scale = 0.05, .causal = i % 3 == 1, .out = out, .out_row = VALUES, .lse = lse, .g = g,
        .g_row = VALUES, .delta = delta, .dq = dq, .dk = dk, .dv = dv, .workspace = workspace};
    tri_attention_forward(kernels, dtype, &problem, 0, blocks);
    tri_attention_delta(kernels, dtype, &problem, 0, blocks);
    tri_attention_backward(kernels, dtype, &problem, 0, blocks, 0, key_blocks);
    take(dtype, out, m * VALUES), take(dtype, lse, m), take(dtype, delta, m);
    take(dtype, dq, m * WIDTH), take(dtype, dk, n * WIDTH), take(dtype, dv, n * VALUES);
    free(q), free(g), free(k), free(k_turned), free(v), free(v_turned), free(mask), free(workspace);
  }
}

static void run_layer_cases(void) {
  run_for_dtypes("norm", 2, norm_body);
  run_for_dtypes("group norm", 2, group_norm_body);
  run_for_dtypes("attention", 2, attention_body);
}
