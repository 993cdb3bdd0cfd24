/* Every map of the table, with every length up to two vectors, every broadcast mask, and many random inputs; casts;
   optimizer steps; strided maps, copies and fills. Part of kernel_digest.c. */

enum { MANY = 6000 };

static const char *const dtype_names[TRI_DTYPE_COUNT] = {"f32", "f64", "i64", "i32", "u8", "bool", "f16", "bf16"};

/* All but the halves, which stand last: those that reductions, scans, sorts and sums by index take. */
enum { WIDE_DTYPES = TRI_F16 };

typedef enum { UNARY, PREDICATE, BINARY, COMPARE, TERNARY, CAST, MAP_FAMILIES } map_family;
static const char *const map_family_names[MAP_FAMILIES] = {"unary", "predicate", "binary", "compare", "ternary", "cast"};

typedef struct {
  map_family family;
  int op; /* of a cast: the dtype to cast to */
  tri_dtype dtype, result;
  int inputs;
  double param[2];
} map_case;

static tri_map_fn find_map(const tri_kernels *kernels, map_family family, int op, tri_dtype dtype) {
  switch (family) {
  case UNARY: return tri_unary(kernels, (tri_unary_op)op, dtype);
  case PREDICATE: return tri_predicate(kernels, (tri_predicate_op)op, dtype);
  case BINARY: return tri_binary(kernels, (tri_binary_op)op, dtype);
  case COMPARE: return tri_compare(kernels, (tri_compare_op)op, dtype);
  case TERNARY: return tri_ternary(kernels, (tri_ternary_op)op, dtype);
  default: return tri_cast(kernels, dtype, (tri_dtype)op);
  }
}

static tri_dtype map_input(const map_case *c, int k) {
  return c->family == TERNARY && c->op == TRI_TERNARY_WHERE && k == 0 ? TRI_BOOL : c->dtype;
}

static void run_map_once(tri_map_fn map, const map_case *c, int64_t count, uint32_t mask, manner how) {
  void *inputs[3] = {NULL, NULL, NULL}, *out = new_buffer(c->result, count);
  /* Of a repeated input one element alone, so that reading another would show. */
  for (int k = 0; k < c->inputs; k++)
    inputs[k] = new_operand(map_input(c, k), mask >> k & 1 ? 1 : count, how);
  map(out, inputs[0], inputs[1], inputs[2], count, mask, c->param);
  take(c->result, out, count);
  for (int k = 0; k < 3; k++) free(inputs[k]);
}

static void map_body(const tri_kernels *kernels, const void *parameters) {
  const map_case *c = parameters;
  tri_map_fn map = find_map(kernels, c->family, c->op, c->dtype);
  random_state = (uint64_t)c->family << 32 | (uint64_t)c->op << 16 | (uint64_t)c->dtype;
  int64_t longest = 2 * 64 / tri_dtype_size(c->dtype) + 2;
  for (uint32_t mask = 0; mask < 1u << c->inputs; mask++)
    for (int64_t count = 0; count <= longest; count++) run_map_once(map, c, count, mask, WILD);
  run_map_once(map, c, MANY, 0, WILD);
  run_map_once(map, c, MANY, 0, TAME);
  /* In place. */
  if (tri_dtype_size(map_input(c, 0)) != tri_dtype_size(c->result)) return;
  void *a = new_operand(map_input(c, 0), 53, WILD), *b = new_operand(c->dtype, 53, WILD), *d = new_operand(c->dtype, 53, WILD);
  map(a, a, c->inputs > 1 ? b : NULL, c->inputs > 2 ? d : NULL, 53, 0, c->param);
  take(c->result, a, 53), free(b), free(d);
}

static void run_map_case(map_family family, int op, tri_dtype dtype, double param) {
  if (!find_map(tri_kernels_for(TRI_PORTABLE), family, op, dtype)) return;
  map_case c = {.family = family, .op = op, .dtype = dtype, .result = dtype, .inputs = 1, .param = {param, 2.5}};
  if (family == PREDICATE || family == COMPARE) c.result = TRI_BOOL;
  if (family == CAST) c.result = (tri_dtype)op;
  if (family == BINARY || family == COMPARE) c.inputs = 2;
  if (family == TERNARY) c.inputs = 3;
  char name[LONGEST_NAME];
  snprintf(name, sizeof name, "%s-%d-%s-param%g", map_family_names[family], op, dtype_names[dtype], param);
  run_case(name, map_body, &c);
}

/* -- Optimizer steps --------------------------------------------------------------------------------- */

/* What the optimizers keep. */
static tri_dtype state_dtype(tri_dtype dtype) { return tri_dtype_is_half(dtype) ? TRI_F32 : dtype; }

static void sgd_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 7;
  for (int flags = 0; flags < 32; flags++) {
    tri_sgd_options o = {.lr = 0.1, .momentum = flags & 1 ? 0.9 : 0, .dampening = 0.2,
                         .weight_decay = flags & 2 ? 0.01 : 0, .nesterov = flags & 4, .maximize = flags & 8,
                         .first_step = flags & 16};
    for (int64_t n = 0; n <= 300; n = n < 35 ? n + 1 : n + 265) {
      manner how = n > 35 ? TAME : WILD;
      void *p = new_operand(dtype, n, how), *g = new_operand(dtype, n, how);
      void *v = new_operand(state_dtype(dtype), n, how);
      tri_sgd(kernels, dtype)(p, g, o.momentum == 0 ? NULL : v, n, &o);
      take(dtype, p, n), take(state_dtype(dtype), v, n), free(g);
    }
  }
}

static void adam_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  random_state = 8;
  for (int flags = 0; flags < 16; flags++) {
    tri_adam_options o = {.lr = 0.01, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = flags & 1 ? 0.02 : 0,
                          .bias_correction1 = 1 - 0.9 * 0.9, .bias_correction2 = 1 - 0.999 * 0.999,
                          .decoupled = flags & 2, .maximize = flags & 4};
    for (int64_t n = 0; n <= 300; n = n < 35 ? n + 1 : n + 265) {
      manner how = n > 35 ? TAME : WILD;
      const tri_dtype state = state_dtype(dtype);
      void *p = new_operand(dtype, n, how), *g = new_operand(dtype, n, how), *m = new_operand(state, n, how);
      void *v = new_operand(state, n, how), *most = new_operand(state, n, how);
      tri_adam(kernels, dtype)(p, g, m, v, flags & 8 ? most : NULL, n, &o);
      take(dtype, p, n), take(state, m, n), take(state, v, n), take(state, most, n), free(g);
    }
  }
}

/* -- Strided operands -------------------------------------------------------------------------------- */

static void strided_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  int32_t size = tri_dtype_size(dtype);
  random_state = 9;
  const int64_t shape[3] = {5, 19, 37}, count = 5 * 19 * 37;
  const int64_t dense[3] = {19 * 37, 37, 1}, turned[3] = {1, 5, 5 * 19}, spread[3] = {0, 37, 1}, column[3] = {19, 1, 0};
  const int64_t *const strides[] = {dense, turned, spread, column};
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++) {
      void *a = new_operand(dtype, count, TAME), *b = new_operand(dtype, count, TAME), *out = new_buffer(dtype, count);
      tri_nd nd;
      tri_nd_init(&nd, 3, shape);
      tri_nd_operand(&nd, out, size, dense);
      tri_nd_operand(&nd, a, size, strides[i]);
      tri_nd copy = nd;
      tri_nd_operand(&nd, b, size, strides[j]);
      tri_nd_coalesce(&nd, NULL);
      double param[2] = {0.75, 2.5};
      for (int64_t begin = 0; begin < count; begin += 1111)
        tri_map_nd(tri_binary(kernels, TRI_BINARY_ADD, dtype), &nd, begin, begin + 1111 < count ? begin + 1111 : count, param);
      result(dtype, out, count);
      tri_copy_nd(&copy, 0, count);
      take(dtype, out, count), free(a), free(b);
    }
}

static void fill_body(const tri_kernels *kernels, const void *parameters) {
  tri_dtype dtype = *(const tri_dtype *)parameters;
  (void)kernels;
  random_state = 10;
  for (int64_t n = 0; n < 70; n++) {
    void *pattern = new_operand(dtype, 1, TAME), *out = new_buffer(dtype, n);
    tri_fill(out, n, pattern, tri_dtype_size(dtype));
    take(dtype, out, n), free(pattern);
    tri_arange(out = new_buffer(dtype, n), dtype, 11, n, -3.7, 0.3);
    take(dtype, out, n);
    tri_arange_integer(out = new_buffer(dtype, n), dtype, 11, n, INT64_MAX - 12, 3);
    take(dtype, out, n);
    tri_linspace(out = new_buffer(dtype, n), dtype, 0, n, n, -3.7, 200.3);
    take(dtype, out, n);
  }
}

static void run_for_dtypes(const char *name, int dtypes, case_body body) {
  for (int dtype = 0; dtype < dtypes; dtype++) {
    tri_dtype which = (tri_dtype)dtype;
    char full[LONGEST_NAME];
    snprintf(full, sizeof full, "%s-%s", name, dtype_names[dtype]);
    run_case(full, body, &which);
  }
}

static void run_for_halves(const char *name, case_body body) {
  for (tri_dtype dtype = TRI_F16; dtype <= TRI_BF16; dtype++) {
    char full[LONGEST_NAME];
    snprintf(full, sizeof full, "%s-%s", name, dtype_names[dtype]);
    run_case(full, body, &dtype);
  }
}

static void run_elementwise_cases(void) {
  static const int counts[MAP_FAMILIES] = {TRI_UNARY_COUNT,   TRI_PREDICATE_COUNT, TRI_BINARY_COUNT,
                                           TRI_COMPARE_COUNT, TRI_TERNARY_COUNT,   TRI_DTYPE_COUNT};
  static const double exponents[] = {0, 1, 2, 3, 0.5, -0.5, -1, -2, 7, -3, 2.25};
  for (int family = 0; family < MAP_FAMILIES; family++)
    for (int op = 0; op < counts[family]; op++)
      for (int dtype = 0; dtype < TRI_DTYPE_COUNT; dtype++) {
        run_map_case((map_family)family, op, (tri_dtype)dtype, -0.75);
        if (family == UNARY && op == TRI_UNARY_POW_SCALAR)
          for (size_t e = 0; e < sizeof exponents / sizeof *exponents; e++)
            run_map_case(UNARY, op, (tri_dtype)dtype, exponents[e]);
        if (family == UNARY && op == TRI_UNARY_POLYGAMMA) run_map_case(UNARY, op, (tri_dtype)dtype, 4);
        if (family == UNARY && op == TRI_UNARY_SOFTPLUS) run_map_case(UNARY, op, (tri_dtype)dtype, 1.5);
      }
  run_for_dtypes("sgd", 2, sgd_body);
  run_for_dtypes("adam", 2, adam_body);
  run_for_halves("sgd", sgd_body);
  run_for_halves("adam", adam_body);
  run_for_dtypes("strided-add", TRI_DTYPE_COUNT, strided_body);
  run_for_dtypes("fill", TRI_DTYPE_COUNT, fill_body);
}
