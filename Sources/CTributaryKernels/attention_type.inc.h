/* One dtype's half of attention.inc.h: a template by RED_TYPE, in the words of softmax.inc.h. The formulas stand in
   tri_attention.h. */

#define SM_FN(name) RED_PASTE(RED_PASTE(tri_red_, RED_PASTE(name, _)), RED_TYPE)
#define SM_OF(name, op) RED_PASTE(RED_PASTE(tri_red_, RED_PASTE(name, _)), RED_PASTE(RED_PASTE(op, _), RED_TYPE))
#define SM_T RED_PASTE(RED_SCALAR_, RED_TYPE)
#define SM_V RED_PASTE(tri_red_, RED_TYPE)
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
#define SM_EXP_STORE 1
#define SM_PRODUCT 2

/* The `seen` scores of a row, scaled and masked in place. */
TRI_INLINE void SM_FN(attention_scores)(
    const tri_attention *q, SM_T *row, int64_t i_row, int64_t j0, int64_t seen) {
  const SM_T scale = (SM_T)q->scale;
  const SM_T *mask = q->mask ? (const SM_T *)q->mask + i_row * q->mask_row + j0 : NULL;
  SM_EACH(seen, SM_V s = SM_FN(sm_load)(row + i, part) * (SM_V)(scale);
          if (mask) s = s + SM_FN(sm_load)(mask + i, part);
          SM_FN(sm_store)(row + i, s, part);)
}

TRI_INLINE void SM_FN(attention_clear)(SM_T *row, int64_t from, int64_t end) {
  for (int64_t i = from; i < end; i++) row[i] = 0;
}

/* rows × width, `stride` apart, row r times by[r]. */
TRI_INLINE void SM_FN(attention_scale)(SM_T *out, int64_t stride, int64_t rows, int64_t width, const SM_T *by) {
  for (int64_t r = 0; r < rows; r++) {
    SM_T *row = out + r * stride;
    SM_EACH(width, SM_FN(sm_store)(row + i, SM_FN(sm_load)(row + i, part) * (SM_V)(by[r]), part);)
  }
}

/* Whether rows of `width` elements, `stride` apart, hold neither infinities nor NaN. */
TRI_INLINE int SM_FN(attention_finite)(const SM_T *x, int64_t stride, int64_t rows, int64_t width) {
  SM_V none = (SM_V)((SM_T)0);
  for (int64_t r = 0; r < rows; r++)
    SM_EACH(width, SM_V v = SM_FN(sm_load)(x + r * stride + i, part); none = none + (v - v);)
  SM_T lanes[TRI_LANES];
  SM_FN(sm_store)(lanes, none, TRI_LANES);
  for (int i = 0; i < TRI_LANES; i++)
    if (lanes[i] != 0) return 0;
  return 1;
}

/* C (+)= A · B for a block of queries by `count` keys from j0 on, B having a row for each key. What a query does not see
   has the weight 0, which a finite row of B leaves without a trace, but no other: then each query takes its own keys. */
static void SM_FN(attention_by_keys)(
    const tri_attention *q, const tri_attention_block *b, int64_t j0, int64_t count, const SM_T *a, const SM_T *rows,
    int64_t stride, int64_t width, SM_T *c, int64_t c_row, int accumulate) {
  int64_t all = tri_attention_seen(q, b->begin, j0, count);
  if (all == count || SM_FN(attention_finite)(rows + all * stride, stride, count - all, width)) {
    tri_attention_product(TRI_ATTENTION_DTYPE, b->rows, width, count, a, TRI_ATTENTION_KEYS, 1, rows, stride, c, c_row,
                          accumulate);
    return;
  }
  for (int64_t r = 0; r < b->rows; r++)
    tri_attention_product(TRI_ATTENTION_DTYPE, 1, width, tri_attention_seen(q, b->begin + r, j0, count),
                          a + r * TRI_ATTENTION_KEYS, TRI_ATTENTION_KEYS, 1, rows, stride, c + r * c_row, c_row,
                          accumulate);
}

/* C += A transposed · B, B having a row for each query: as above, each key taking the queries that see it. */
static void SM_FN(attention_by_queries)(
    const tri_attention *q, const tri_attention_block *b, int64_t j0, int64_t count, const SM_T *a, const SM_T *rows,
    int64_t stride, int64_t width, SM_T *c) {
  /* Key j is seen from query j + first on. */
  int64_t first = j0 - b->begin, some = q->causal && count - 1 + first > 0 ? count - 1 + first : 0;
  if (some == 0 || SM_FN(attention_finite)(rows, stride, some, width)) {
    tri_attention_product(TRI_ATTENTION_DTYPE, count, width, b->rows, a, 1, TRI_ATTENTION_KEYS, rows, stride, c, width, 1);
    return;
  }
  for (int64_t j = 0; j < count; j++) {
    int64_t r = j + first > 0 ? j + first : 0;
    tri_attention_product(TRI_ATTENTION_DTYPE, 1, width, b->rows - r, a + r * TRI_ATTENTION_KEYS + j, 1,
                          TRI_ATTENTION_KEYS, rows + r * stride, stride, c + j * width, width, 1);
  }
}

/* Divides the rows by their sums, and leaves the logarithms of what the softmax divided by. */
TRI_INLINE void SM_FN(attention_finish)(
    const tri_attention *q, const tri_attention_block *b, const SM_T *m, const SM_T *l) {
  SM_T *lse = (SM_T *)q->lse + b->begin, logs[TRI_ATTENTION_QUERIES];
  for (int64_t r = 0; r < TRI_ATTENTION_QUERIES; r += TRI_LANES)
    SM_FN(sm_store)(logs + r, SM_FN(log)(SM_FN(sm_load)(l + r, TRI_LANES)), TRI_LANES);
  for (int64_t r = 0; r < b->rows; r++) {
    SM_T *row = (SM_T *)q->out + (b->begin + r) * q->out_row;
    lse[r] = l[r] == 0 ? (SM_T)__builtin_inf() : m[r] + logs[r];
    if (l[r] == 0)
      SM_FN(attention_clear)(row, 0, q->value_width);
    else
      SM_EACH(q->value_width, SM_FN(sm_store)(row + i, SM_FN(sm_load)(row + i, part) / (SM_V)(l[r]), part);)
  }
}

static void SM_FN(attention_forward)(const tri_attention *q, int64_t begin, int64_t end) {
  const SM_T infinity = (SM_T)__builtin_inf();
  SM_T *scores = q->workspace;
  for (int64_t block = begin; block < end; block++) {
    const tri_attention_block b = tri_attention_block_at(q, block);
    SM_T *out = (SM_T *)q->out + b.begin * q->out_row;
    /* Of each row: the maximum, the sum, the sum of a block, the factor of what came before. */
    SM_T m[TRI_ATTENTION_QUERIES], l[TRI_ATTENTION_QUERIES], sum[TRI_ATTENTION_QUERIES], c[TRI_ATTENTION_QUERIES];
    for (int r = 0; r < TRI_ATTENTION_QUERIES; r++) m[r] = -infinity, l[r] = 0, sum[r] = 0, c[r] = 0;
    for (int64_t j0 = 0; j0 < b.limit; j0 += TRI_ATTENTION_KEYS) {
      int64_t count = b.limit - j0 < TRI_ATTENTION_KEYS ? b.limit - j0 : TRI_ATTENTION_KEYS;
      tri_attention_product(TRI_ATTENTION_DTYPE, b.rows, count, q->width, (const SM_T *)q->q + b.begin * q->q_row,
                            q->q_row, 1, (const SM_T *)q->k_turned + j0, q->keys, scores, TRI_ATTENTION_KEYS, 0);
      for (int64_t r = 0; r < b.rows; r++) {
        SM_T *row = scores + r * TRI_ATTENTION_KEYS, before = m[r], base;
        int64_t seen = tri_attention_seen(q, b.begin + r, j0, count);
        sum[r] = 0;
        if (seen > 0) {
          SM_FN(attention_scores)(q, row, b.begin + r, j0, seen);
          SM_T top = SM_OF(row, max)(row, seen);
          m[r] = top > before || top != top ? top : before;
          base = m[r] == -infinity ? 0 : m[r];
          sum[r] = SM_FN(sm_sum)(SM_EXP_STORE, row, seen, base, row);
        } else {
          base = m[r] == -infinity ? 0 : m[r];
        }
        SM_FN(attention_clear)(row, seen, count);
        c[r] = before - base;
      }
      for (int64_t r = 0; r < TRI_ATTENTION_QUERIES; r += TRI_LANES) {
        SM_V factor = SM_FN(exp)(SM_FN(sm_load)(c + r, TRI_LANES));
        SM_FN(sm_store)(c + r, factor, TRI_LANES);
        SM_FN(sm_store)(l + r, SM_FN(sm_load)(l + r, TRI_LANES) * factor + SM_FN(sm_load)(sum + r, TRI_LANES),
                        TRI_LANES);
      }
      if (j0 > 0) SM_FN(attention_scale)(out, q->out_row, b.rows, q->value_width, c);
      SM_FN(attention_by_keys)(q, &b, j0, count, scores, (const SM_T *)q->v + j0 * q->v_row, q->v_row, q->value_width,
                               out, q->out_row, j0 > 0);
    }
    SM_FN(attention_finish)(q, &b, m, l);
  }
}

static void SM_FN(attention_delta)(const tri_attention *q, int64_t begin, int64_t end) {
  int64_t last = end * TRI_ATTENTION_QUERIES < q->queries ? end * TRI_ATTENTION_QUERIES : q->queries;
  for (int64_t r = begin * TRI_ATTENTION_QUERIES; r < last; r++) {
    const SM_T *g = (const SM_T *)q->g + r * q->g_row;
    SM_T *out = (SM_T *)q->out + r * q->out_row;
    ((SM_T *)q->delta)[r] = SM_FN(sm_sum)(SM_PRODUCT, g, q->value_width, 0, out);
  }
}

/* The rows of one block by one: the weights over the scores, and the gradient of the scores over that of the weights. */
TRI_INLINE void SM_FN(attention_weights)(
    const tri_attention *q, const tri_attention_block *b, int64_t j0, int64_t count, SM_T *weights, SM_T *slopes) {
  const SM_T scale = (SM_T)q->scale;
  for (int64_t r = 0; r < b->rows; r++) {
    SM_T *w = weights + r * TRI_ATTENTION_KEYS, *t = slopes + r * TRI_ATTENTION_KEYS;
    int64_t seen = tri_attention_seen(q, b->begin + r, j0, count);
    const SM_T lse = ((const SM_T *)q->lse)[b->begin + r], delta = ((const SM_T *)q->delta)[b->begin + r];
    SM_FN(attention_scores)(q, w, b->begin + r, j0, seen);
    SM_EACH(seen, SM_V e = SM_FN(exp)(SM_FN(sm_load)(w + i, part) - (SM_V)(lse));
            SM_V d = SM_FN(sm_load)(t + i, part) - (SM_V)(delta);
            SM_FN(sm_store)(w + i, e, part);
            SM_FN(sm_store)(t + i, (e * d) * (SM_V)(scale), part);)
    SM_FN(attention_clear)(w, seen, count);
    SM_FN(attention_clear)(t, seen, count);
  }
}

static void SM_FN(attention_backward)(
    const tri_attention *q, int64_t begin, int64_t end, int64_t key_begin, int64_t key_end) {
  SM_T *weights = q->workspace, *slopes = weights + TRI_ATTENTION_QUERIES * TRI_ATTENTION_KEYS;
  for (int64_t key_block = key_begin; key_block < key_end; key_block++) {
    int64_t j0 = key_block * TRI_ATTENTION_KEYS;
    for (int64_t block = begin; block < end; block++) {
      const tri_attention_block b = tri_attention_block_at(q, block);
      int64_t count = b.limit - j0 < TRI_ATTENTION_KEYS ? b.limit - j0 : TRI_ATTENTION_KEYS;
      if (count <= 0) continue;
      const SM_T *query = (const SM_T *)q->q + b.begin * q->q_row, *g = (const SM_T *)q->g + b.begin * q->g_row;
      tri_attention_product(TRI_ATTENTION_DTYPE, b.rows, count, q->width, query, q->q_row, 1,
                            (const SM_T *)q->k_turned + j0, q->keys, weights, TRI_ATTENTION_KEYS, 0);
      tri_attention_product(TRI_ATTENTION_DTYPE, b.rows, count, q->value_width, g, q->g_row, 1,
                            (const SM_T *)q->v_turned + j0, q->keys, slopes, TRI_ATTENTION_KEYS, 0);
      SM_FN(attention_weights)(q, &b, j0, count, weights, slopes);
      if (q->dv)
        SM_FN(attention_by_queries)(q, &b, j0, count, weights, g, q->g_row, q->value_width,
                                    (SM_T *)q->dv + j0 * q->value_width);
      if (q->dk)
        SM_FN(attention_by_queries)(q, &b, j0, count, slopes, query, q->q_row, q->width, (SM_T *)q->dk + j0 * q->width);
      if (q->dq)
        SM_FN(attention_by_keys)(q, &b, j0, count, slopes, (const SM_T *)q->k + j0 * q->k_row, q->k_row, q->width,
                                 (SM_T *)q->dq + b.begin * q->width, q->width, 1);
    }
  }
}

#undef SM_FN
#undef SM_OF
#undef SM_T
#undef SM_V
#undef SM_EACH
#undef SM_EXP_STORE
#undef SM_PRODUCT
