/* Reductions of rows and columns, whole and in blocks; positions; cumulative sums; softmax and cross-entropy. Part of
   kernel_digest.c. */

static const int64_t row_lengths[] = {0, 1, 2, 7, 15, 16, 17, 31, 33, 63, 65, 100, 257, 4095, 4096, 4097, 12289};
enum { ROW_LENGTHS = sizeof row_lengths / sizeof *row_lengths };

typedef struct {
  tri_reduce_op op;
  tri_dtype dtype;
} reduce_case;

static void rows_body(const tri_kernels *kernels, const void *parameters) {
  const reduce_case *c = parameters;
  tri_dtype to = tri_reduce_result(c->op, c->dtype);
  random_state = 20;
  for (int i = 0; i < ROW_LENGTHS; i++)
    for (int how = WILD; how <= TAME; how++) {
      int64_t n = row_lengths[i], rows = n > 1000 ? 3 : 9, blocks = tri_row_block_count(n);
      void *x = new_operand(c->dtype, rows * n, (manner)how), *out = new_buffer(to, rows);
      tri_reduce_rows(kernels, c->op, c->dtype, x, n, 0, rows, out);
      take(to, out, rows);
      void *partials = new_buffer(to, rows * blocks);
      tri_reduce_row_blocks(kernels, c->op, c->dtype, x, n, 0, rows * blocks, partials);
      out = new_buffer(to, rows);
      tri_reduce_row_combine(kernels, c->op, c->dtype, partials, n, 0, rows, out);
      take(to, partials, rows * blocks), take(to, out, rows);
      free(x);
    }
}

/* Rows in parts, for which the bits are those of rows that lie whole. */
static void parts_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t shapes[][3] = {{2, 3, 5}, {9, 2, 1000}, {3, 4, 4096}, {2, 2, 7001}, {1300, 2, 7}};
  const reduce_case *c = parameters;
  tri_dtype to = tri_reduce_result(c->op, c->dtype);
  random_state = 28;
  for (int i = 0; i < 5; i++)
    for (int how = WILD; how <= TAME; how++) {
      int64_t parts = shapes[i][0], rows = shapes[i][1], size = shapes[i][2], n = parts * size;
      int64_t blocks = tri_row_block_count(n);
      void *x = new_operand(c->dtype, rows * n, (manner)how), *partials = new_buffer(to, rows * blocks);
      void *out = new_buffer(to, rows);
      for (int64_t unit = rows * blocks - 1; unit >= 0; unit--)
        tri_reduce_part_blocks(kernels, c->op, c->dtype, x, parts, rows, size, unit, unit + 1, partials);
      tri_reduce_row_combine(kernels, c->op, c->dtype, partials, n, 0, rows, out);
      take(to, partials, rows * blocks), take(to, out, rows);
      free(x);
    }
}

static void columns_body(const tri_kernels *kernels, const void *parameters) {
  static const int64_t heights[] = {0, 1, 3, 63, 64, 65, 200}, widths[] = {1, 5, 16, 17, 40, 530};
  const reduce_case *c = parameters;
  tri_dtype to = tri_reduce_result(c->op, c->dtype);
  random_state = 21;
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 6; j++) {
      int64_t m = heights[i], n = widths[j], outer = 3, blocks = tri_column_block_count(m);
      void *x = new_operand(c->dtype, outer * m * n, i % 2 ? TAME : WILD), *out = new_buffer(to, outer * n);
      tri_reduce_columns(kernels, c->op, c->dtype, x, outer, m, n, 0, outer, 0, n / 2, out);
      tri_reduce_columns(kernels, c->op, c->dtype, x, outer, m, n, 0, outer, n / 2, n, out);
      take(to, out, outer * n);
      void *partials = new_buffer(to, blocks * n);
      tri_reduce_column_blocks(kernels, c->op, c->dtype, x, outer, m, n, 1, 0, blocks, 0, n, partials);
      out = new_buffer(to, n);
      tri_reduce_column_combine(kernels, c->op, c->dtype, partials, m, n, 0, n, out);
      take(to, partials, blocks * n), take(to, out, n);
      free(x);
    }
}

static void arg_body(const tri_kernels *kernels, const void *parameters) {
  const reduce_case *c = parameters;
  random_state = 22;
  for (int i = 1; i < ROW_LENGTHS; i++)
    for (int how = WILD; how <= TAME; how++) {
      int64_t n = row_lengths[i], rows = n > 1000 ? 3 : 9, blocks = tri_row_block_count(n);
      void *x = new_operand(c->dtype, rows * n, (manner)how);
      for (int combined = 0; combined < 2; combined++) {
        void *values = new_buffer(c->dtype, rows), *indices = new_buffer(TRI_I64, rows);
        void *partials = new_buffer(c->dtype, rows * blocks);
        if (combined) {
          tri_reduce_row_blocks(kernels, c->op, c->dtype, x, n, 0, rows * blocks, partials);
          tri_arg_reduce_combine(kernels, c->op, c->dtype, x, n, partials, 0, rows, values, indices);
        } else {
          tri_arg_reduce_rows(kernels, c->op, c->dtype, x, n, 0, rows, values, indices);
        }
        take(c->dtype, values, rows), take(TRI_I64, indices, rows), free(partials);
      }
      free(x);
    }
}

static void cumsum_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters, to = tri_reduce_result(TRI_REDUCE_SUM, dtype);
  random_state = 23;
  for (int i = 0; i < ROW_LENGTHS; i++)
    for (int reverse = 0; reverse < 2; reverse++) {
      int64_t n = row_lengths[i];
      void *x = new_operand(dtype, 2 * n, reverse ? TAME : WILD), *out = new_buffer(to, 2 * n);
      tri_cumsum_rows(kernels, dtype, x, n, 0, 2, reverse, out);
      take(to, out, 2 * n), free(x);
    }
}

static void softmax_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 24;
  for (int i = 0; i < ROW_LENGTHS; i++)
    for (int how = WILD; how <= TAME; how++) {
      int64_t n = row_lengths[i], rows = n > 1000 ? 2 : 9, count = rows * n;
      void *x = new_operand(dtype, count, (manner)how), *g = new_operand(dtype, count, (manner)how), *y, *dx;
      tri_softmax_rows(kernels, dtype, x, n, 0, rows, y = new_buffer(dtype, count));
      tri_softmax_backward_rows(kernels, dtype, y, g, n, 0, rows, dx = new_buffer(dtype, count));
      take(dtype, y, count), take(dtype, dx, count);
      tri_log_softmax_rows(kernels, dtype, x, n, 0, rows, y = new_buffer(dtype, count));
      tri_log_softmax_backward_rows(kernels, dtype, y, g, n, 0, rows, dx = new_buffer(dtype, count));
      take(dtype, y, count), take(dtype, dx, count);
      tri_logsumexp_rows(kernels, dtype, x, n, 0, rows, y = new_buffer(dtype, rows));
      take(dtype, y, rows);
      free(x), free(g);
    }
}

static void cross_entropy_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 25;
  for (int i = 1; i < ROW_LENGTHS; i++)
    for (int stride = 0; stride < 2; stride++) {
      int64_t classes = row_lengths[i], rows = classes > 1000 ? 3 : 9, count = rows * classes, targets[9];
      for (int64_t r = 0; r < rows; r++)
        targets[r] = r == 1 ? -100 : (int64_t)(next_random() % (uint64_t)classes);
      void *x = new_operand(dtype, count, stride ? TAME : WILD), *g = new_operand(dtype, rows, TAME);
      void *loss = new_buffer(dtype, rows), *saved = new_buffer(dtype, 2 * rows), *dx = new_buffer(dtype, count);
      tri_cross_entropy_rows(kernels, dtype, x, targets, classes, -100, 0, rows, loss, saved);
      tri_cross_entropy_backward_rows(kernels, dtype, x, saved, targets, g, stride, classes, -100, 0, rows, dx);
      /* `saved` of a row that is ignored need not be written. */
      take(dtype, loss, rows), take(dtype, dx, count);
      free(x), free(g), free(saved);
    }
}

static void run_reduce_cases(void) {
  char name[LONGEST_NAME];
  for (int dtype = 0; dtype < WIDE_DTYPES; dtype++)
    for (int op = 0; op < TRI_REDUCE_OP_COUNT; op++) {
      reduce_case c = {(tri_reduce_op)op, (tri_dtype)dtype};
      if (!tri_reduce_supports(c.op, c.dtype)) continue;
      snprintf(name, sizeof name, "rows-%d-%s", op, dtype_names[dtype]);
      run_case(name, rows_body, &c);
      snprintf(name, sizeof name, "parts-%d-%s", op, dtype_names[dtype]);
      run_case(name, parts_body, &c);
      snprintf(name, sizeof name, "columns-%d-%s", op, dtype_names[dtype]);
      run_case(name, columns_body, &c);
      if (op != TRI_REDUCE_MAX && op != TRI_REDUCE_MIN) continue;
      snprintf(name, sizeof name, "arg-%d-%s", op, dtype_names[dtype]);
      run_case(name, arg_body, &c);
    }
  run_for_dtypes("cumsum", WIDE_DTYPES, cumsum_body);
  run_for_dtypes("softmax", 2, softmax_body);
  run_for_dtypes("cross-entropy", 2, cross_entropy_body);
}
