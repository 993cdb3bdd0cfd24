/* Matrix products: every small shape, the edges of the blocks of k, every strategy, and the epilogue. Part of
   kernel_digest.c. */

typedef struct {
  int64_t m, n, k;
  int a_turned, b_turned, epilogue; /* bits of the epilogue: alpha, bias, relu, accumulate */
} gemm_shape;

static void run_product(const tri_kernels *kernels, tri_dtype dtype, const gemm_shape *s, manner how) {
  int64_t row = s->n + 1, count = s->m * row;
  void *a = new_operand(dtype, s->m * s->k, how), *b = new_operand(dtype, s->k * s->n, how);
  void *bias = new_operand(dtype, s->n, how), *before = new_operand(dtype, count, how);
  tri_gemm_problem q = {
      .dtype = dtype, .m = s->m, .n = s->n, .k = s->k, .a = a, .b = b,
      .a_row_stride = s->a_turned ? 1 : s->k, .a_column_stride = s->a_turned ? s->m : 1,
      .b_row_stride = s->b_turned ? 1 : s->n, .b_column_stride = s->b_turned ? s->k : 1,
      .c_row_stride = row, .alpha = s->epilogue & 1 ? 0.3 : 1, .bias = s->epilogue & 2 ? bias : NULL,
      .activation = s->epilogue & 4 ? TRI_GEMM_RELU : TRI_GEMM_IDENTITY, .accumulate = s->epilogue & 8 ? 1 : 0};
  size_t bytes = (size_t)count * (size_t)tri_dtype_size(dtype);
  for (int planned = 0; planned < 2; planned++) {
    void *c = new_buffer(dtype, count);
    memcpy(c, before, bytes);
    q.c = c;
    if (planned) {
      tri_gemm_plan p;
      kernels->gemm.plan(&q, &p);
      void *shared = new_buffer(TRI_U8, p.shared_bytes), *workspace = new_buffer(TRI_U8, p.workspace_bytes);
      /* All ones is a NaN: what is read without having been written shows. */
      memset(shared, 0xff, (size_t)p.shared_bytes), memset(workspace, 0xff, (size_t)p.workspace_bytes);
      if (p.pack_units) kernels->gemm.pack(&p, &q, 0, p.pack_units, shared);
      for (int64_t tile = p.tiles - 1; tile >= 0; tile--) kernels->gemm.run(&p, &q, shared, tile, tile + 1, workspace);
      if (p.join_units) kernels->gemm.join(&p, &q, shared, 0, p.join_units);
      free(shared), free(workspace);
    } else {
      kernels->gemm.multiply(&q);
    }
    take(dtype, c, count);
  }
  free(a), free(b), free(bias), free(before);
}

static void small_products_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 30;
  for (int64_t m = 0; m <= 12; m++)
    for (int64_t n = 0; n <= 12; n++)
      for (int64_t k = 0; k <= 12; k++) {
        int form = (int)(next_random() % 64);
        gemm_shape s = {m, n, k, form & 1, form >> 1 & 1, form >> 2};
        run_product(kernels, dtype, &s, m == 7 ? WILD : TAME);
      }
}

static void edge_products_body(const tri_kernels *kernels, const void *parameters) {
  static const gemm_shape shapes[] = {
      {1, 1, 511, 0, 0, 0},    {3, 5, 512, 1, 0, 8},    {5, 3, 513, 0, 1, 2},     {14, 32, 1024, 0, 0, 0},
      {15, 33, 1025, 0, 1, 9}, {29, 65, 600, 1, 1, 6},  {8, 12, 1023, 1, 0, 15},  {9, 13, 511, 0, 0, 4},
      {1, 200, 700, 0, 0, 2},  {200, 1, 700, 0, 0, 1},  {1, 900, 40, 0, 1, 0},    {900, 1, 40, 1, 0, 8},
      {2, 3, 3000, 0, 0, 11},  {5, 40, 2100, 1, 1, 0},  {113, 150, 530, 0, 0, 8}, {65, 530, 129, 1, 1, 3},
      {9, 75, 1, 0, 0, 0},     {5, 4200, 2, 0, 0, 0},   {33, 130, 3, 1, 0, 0},    {2, 70, 4, 1, 0, 0},
      {61, 100, 120, 0, 0, 0}, {61, 97, 600, 1, 0, 8},  {40, 1, 100, 0, 0, 8},    {1, 40, 530, 0, 1, 2},
      {290, 310, 200, 0, 0, 0}, {17, 1280, 7, 0, 0, 0}, {33, 1536, 21, 1, 0, 8}, {15, 8210, 32, 0, 0, 0},
      /* At and above the longest k of each path's short and wide products. */
      {17, 1280, 16, 0, 0, 0}, {17, 1280, 24, 1, 0, 0}, {17, 1280, 25, 0, 0, 0},  {17, 1280, 64, 0, 0, 8},
      {17, 1284, 128, 0, 0, 0},
  };
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 31;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) run_product(kernels, dtype, &shapes[i], TAME);
}

static void run_gemm_cases(void) {
  run_for_dtypes("product-small", 2, small_products_body);
  run_for_dtypes("product-edges", 2, edge_products_body);
  run_for_halves("product-small", small_products_body);
  run_for_halves("product-edges", edge_products_body);
}
