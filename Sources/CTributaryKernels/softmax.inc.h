/* Softmax and its relatives on rows of one dtype: a template by RED_TYPE (f32 or f64), included after
   the reductions, whose maximum and order of summation it uses. */

#define SM_FN(name) RED_PASTE(RED_PASTE(tri_red_, RED_PASTE(name, _)), RED_TYPE)
#define SM_OF(name, op) RED_PASTE(RED_PASTE(tri_red_, RED_PASTE(name, _)), RED_PASTE(RED_PASTE(op, _), RED_TYPE))
#define SM_T RED_PASTE(RED_SCALAR_, RED_TYPE)
#define SM_V RED_PASTE(tri_red_, RED_TYPE)

#ifndef SM_MATH
#define SM_MATH
/* exp and log of math.inc.h for 16 lanes. */
TRI_INLINE tri_f32x16 tri_red_exp_f32(tri_f32x16 v) { return tri_exp_f32(v); }
TRI_INLINE tri_f64x16 tri_red_exp_f64(tri_f64x16 v) {
  v.lo = tri_exp_f64(v.lo);
  v.hi = tri_exp_f64(v.hi);
  return v;
}
TRI_INLINE tri_f32x16 tri_red_log_f32(tri_f32x16 v) { return tri_log_f32(v); }
TRI_INLINE tri_f64x16 tri_red_log_f64(tri_f64x16 v) {
  v.lo = tri_log_f64(v.lo);
  v.hi = tri_log_f64(v.hi);
  return v;
}
#endif

/* `part` elements, 1 to 16. */
TRI_INLINE SM_V SM_FN(sm_load)(const SM_T *p, int part) {
  if (part == TRI_LANES) {
    SM_V v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
  }
  return (SM_V)RED_PASTE(RED_PART_, RED_TYPE)(p, part);
}

TRI_INLINE void SM_FN(sm_store)(SM_T *p, SM_V v, int part) {
  if (part == TRI_LANES) __builtin_memcpy(p, &v, sizeof v);
  else RED_PASTE(RED_PUT_, RED_TYPE)(p, v, part);
}

/* The terms that are summed over a row. */
#define SM_EXP 0       /* exp(x - m) */
#define SM_EXP_STORE 1 /* the same, kept in y, which may be x */
#define SM_PRODUCT 2   /* x * y */
#define SM_SQUARE 3    /* (x - m) * (x - m) */

TRI_INLINE SM_V SM_FN(sm_term)(int term, const SM_T *x, SM_T m, SM_T *y, int part) {
  SM_V v = SM_FN(sm_load)(x, part);
  if (term == SM_PRODUCT) return v * SM_FN(sm_load)(y, part);
  v = v - (SM_V)(m);
  if (term == SM_SQUARE) return v * v;
  v = SM_FN(exp)(v);
  if (term == SM_EXP_STORE) SM_FN(sm_store)(y, v, part);
  return v;
}

TRI_INLINE SM_T SM_FN(sm_block)(int term, const SM_T *x, int64_t length, SM_T m, SM_T *y) {
  SM_V acc = (SM_V)((SM_T)-0.0);
  int64_t i = 0;
  for (; i + TRI_LANES <= length; i += TRI_LANES) acc = acc + SM_FN(sm_term)(term, x + i, m, y + i, TRI_LANES);
  int rest = (int)(length - i);
  if (rest > 0) {
    RED_PASTE(RED_MASK_, RED_TYPE) lane = RED_IOTA;
    SM_V v = SM_FN(sm_term)(term, x + i, m, y + i, rest);
    acc = acc + (lane < (RED_PASTE(RED_MASK_, RED_TYPE))(rest) ? v : (SM_V)((SM_T)-0.0));
  }
  return SM_OF(join_lanes, sum)(acc);
}

/* The sum of the terms of a row of n > 0 elements, in the order of a row. */
TRI_INLINE SM_T SM_FN(sm_sum)(int term, const SM_T *x, int64_t n, SM_T m, SM_T *y) {
  if (n <= TRI_ROW_BLOCK) return SM_FN(sm_block)(term, x, n, m, y);
  SM_OF(tree, sum) tree;
  tree.depth = 0;
  for (int64_t start = 0, i = 0; start < n; start += TRI_ROW_BLOCK, i++) {
    int64_t length = n - start < TRI_ROW_BLOCK ? n - start : TRI_ROW_BLOCK;
    SM_OF(push, sum)(&tree, i, SM_FN(sm_block)(term, x + start, length, m, y + start));
  }
  return SM_OF(finish, sum)(&tree);
}

/* m and log(s) of up to 16 rows of n > 0 elements: their logarithms are taken together. `finite`: m is 0
   where the maximum is infinite. */
static void SM_FN(sm_statistics)(const SM_T *x, int64_t n, int count, int finite, SM_T *m, SM_T *log_s) {
  const SM_T infinity = (SM_T)__builtin_inf();
  SM_V s = (SM_V)((SM_T)1);
  __builtin_memcpy(log_s, &s, sizeof s);
  for (int k = 0; k < count; k++) {
    const SM_T *row = x + k * n;
    m[k] = SM_OF(row, max)(row, n);
    if (finite && (m[k] == infinity || m[k] == -infinity)) m[k] = 0;
    log_s[k] = SM_FN(sm_sum)(SM_EXP, row, n, m[k], (SM_T *)row);
  }
  s = SM_FN(log)(SM_FN(sm_load)(log_s, TRI_LANES));
  SM_FN(sm_store)(log_s, s, TRI_LANES);
}

TRI_INLINE int SM_FN(sm_group)(int64_t first, int64_t end) {
  return end - first < TRI_LANES ? (int)(end - first) : TRI_LANES;
}

/* One statement for every vector of a row; it sees i and `part`. */
#define SM_EACH(n, statement) \
  for (int64_t i = 0; i < (n); i += TRI_LANES) { \
    if ((n) - i >= TRI_LANES) { \
      const int part = TRI_LANES; \
      statement \
    } else { \
      const int part = (int)((n) - i); \
      statement \
    } \
  }

static void SM_FN(softmax)(const void *x_, int64_t n, int64_t begin, int64_t end, void *y_) {
  if (n <= 0) return;
  for (int64_t r = begin; r < end; r++) {
    const SM_T *x = (const SM_T *)x_ + r * n;
    SM_T *y = (SM_T *)y_ + r * n;
    SM_T m = SM_OF(row, max)(x, n);
    SM_T s = SM_FN(sm_sum)(SM_EXP_STORE, x, n, m, y);
    SM_EACH(n, SM_FN(sm_store)(y + i, SM_FN(sm_load)(y + i, part) / (SM_V)(s), part);)
  }
}

static void SM_FN(log_softmax)(const void *x_, int64_t n, int64_t begin, int64_t end, void *y_) {
  if (n <= 0) return;
  SM_T m[TRI_LANES], log_s[TRI_LANES];
  for (int64_t r = begin; r < end; r += TRI_LANES) {
    int count = SM_FN(sm_group)(r, end);
    SM_FN(sm_statistics)((const SM_T *)x_ + r * n, n, count, 0, m, log_s);
    for (int k = 0; k < count; k++) {
      const SM_T *x = (const SM_T *)x_ + (r + k) * n;
      SM_T *y = (SM_T *)y_ + (r + k) * n;
      SM_EACH(n, SM_V v = SM_FN(sm_load)(x + i, part) - (SM_V)(m[k]);
              SM_FN(sm_store)(y + i, v - (SM_V)(log_s[k]), part);)
    }
  }
}

static void SM_FN(logsumexp)(const void *x_, int64_t n, int64_t begin, int64_t end, void *out_) {
  SM_T *out = out_, m[TRI_LANES], log_s[TRI_LANES];
  for (int64_t r = begin; r < end; r += TRI_LANES) {
    int count = SM_FN(sm_group)(r, end);
    if (n > 0) SM_FN(sm_statistics)((const SM_T *)x_ + r * n, n, count, 1, m, log_s);
    for (int k = 0; k < count; k++) out[r + k] = n > 0 ? log_s[k] + m[k] : (SM_T)-__builtin_inf();
  }
}

static void SM_FN(softmax_backward)(
    const void *y_, const void *g_, int64_t n, int64_t begin, int64_t end, void *out_) {
  if (n <= 0) return;
  for (int64_t r = begin; r < end; r++) {
    const SM_T *y = (const SM_T *)y_ + r * n, *g = (const SM_T *)g_ + r * n;
    SM_T *out = (SM_T *)out_ + r * n;
    SM_T t = SM_FN(sm_sum)(SM_PRODUCT, g, n, 0, (SM_T *)y);
    SM_EACH(n, SM_V a = SM_FN(sm_load)(g + i, part); SM_V b = SM_FN(sm_load)(y + i, part);
            SM_FN(sm_store)(out + i, (a - (SM_V)(t)) * b, part);)
  }
}

static void SM_FN(log_softmax_backward)(
    const void *y_, const void *g_, int64_t n, int64_t begin, int64_t end, void *out_) {
  if (n <= 0) return;
  for (int64_t r = begin; r < end; r++) {
    const SM_T *y = (const SM_T *)y_ + r * n, *g = (const SM_T *)g_ + r * n;
    SM_T *out = (SM_T *)out_ + r * n;
    SM_T t = SM_OF(row, sum)(g, n);
    SM_EACH(n, SM_V a = SM_FN(sm_load)(g + i, part);
            SM_V b = SM_FN(exp)(SM_FN(sm_load)(y + i, part));
            SM_FN(sm_store)(out + i, a - b * (SM_V)(t), part);)
  }
}
