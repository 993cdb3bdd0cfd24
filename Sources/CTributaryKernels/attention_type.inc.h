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
      tri_attention_product(TRI_ATTENTION_DTYPE, b.rows, q->value_width, count, scores, TRI_ATTENTION_KEYS, 1,
                            (const SM_T *)q->v + j0 * q->v_row, q->v_row, out, q->out_row, j0 > 0);
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
        tri_attention_product(TRI_ATTENTION_DTYPE, count, q->value_width, b.rows, weights, 1, TRI_ATTENTION_KEYS, g,
                              q->g_row, (SM_T *)q->dv + j0 * q->value_width, q->value_width, 1);
      if (q->dk)
        tri_attention_product(TRI_ATTENTION_DTYPE, count, q->width, b.rows, slopes, 1, TRI_ATTENTION_KEYS, query,
                              q->q_row, (SM_T *)q->dk + j0 * q->width, q->width, 1);
      if (q->dq)
        tri_attention_product(TRI_ATTENTION_DTYPE, b.rows, q->width, count, slopes, TRI_ATTENTION_KEYS, 1,
                              (const SM_T *)q->k + j0 * q->k_row, q->k_row, (SM_T *)q->dq + b.begin * q->width,
                              q->width, 1);
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
