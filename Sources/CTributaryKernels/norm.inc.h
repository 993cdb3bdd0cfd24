/* Normalisation of rows of one dtype, and its gradient: a template by RED_TYPE, included after softmax.inc.h, whose words
   it uses. The formulas stand in tri_norm.h. */

static void SM_FN(norm_rows)(const tri_norm_problem *q, int64_t begin, int64_t end) {
  const int64_t n = q->n;
  const SM_T *w = q->weight, *b = q->bias;
  SM_T *means = q->mean, *rstds = q->rstd;
  for (int64_t first = begin; first < end; first += TRI_LANES) {
    int64_t last = first + SM_FN(sm_group)(first, end);
    /* Sixteen rows' means together: the sums of several rows run side by side. */
    if (q->centred) SM_OF(rows, mean)(q->x, n, first, last, means);
    for (int64_t r = first; r < last; r++) {
      const SM_T *x = (const SM_T *)q->x + r * n;
      SM_T *y = (SM_T *)q->y + r * n;
      if (!q->centred) means[r] = 0;
      const SM_T mean = means[r];
      SM_T spread = SM_FN(sm_sum)(SM_SQUARE, x, n, mean, (SM_T *)x) / (SM_T)n;
      const SM_T rstd = (SM_T)1 / __builtin_elementwise_sqrt(spread + (SM_T)q->eps);
      rstds[r] = rstd;
      if (q->span) {
        const int64_t of_row = n / q->span, first_channel = r * of_row % q->channels;
        for (int64_t c = 0; c < of_row; c++, x += q->span, y += q->span) {
          const SM_T factor = w ? w[first_channel + c] : (SM_T)1, addend = b ? b[first_channel + c] : (SM_T)0;
          SM_EACH(q->span, SM_V v = (SM_FN(sm_load)(x + i, part) - (SM_V)(mean)) * (SM_V)(rstd);
                  if (w) v = v * (SM_V)(factor);
                  if (b) v = v + (SM_V)(addend);
                  SM_FN(sm_store)(y + i, v, part);)
        }
        continue;
      }
      SM_EACH(n, SM_V v = (SM_FN(sm_load)(x + i, part) - (SM_V)(mean)) * (SM_V)(rstd);
              if (w) v = v * SM_FN(sm_load)(w + i, part);
              if (b) v = v + SM_FN(sm_load)(b + i, part);
              SM_FN(sm_store)(y + i, v, part);)
    }
  }
}

typedef struct {
  const SM_T *g, *x, *w;
  SM_T mean, rstd;
} SM_FN(norm_row);

TRI_INLINE SM_V SM_FN(norm_upstream)(const SM_FN(norm_row) *row, int64_t i, int part) {
  SM_V u = SM_FN(sm_load)(row->g + i, part);
  return row->w ? u * SM_FN(sm_load)(row->w + i, part) : u;
}

TRI_INLINE SM_V SM_FN(norm_value)(const SM_FN(norm_row) *row, int64_t i, int part) {
  return (SM_FN(sm_load)(row->x + i, part) - (SM_V)(row->mean)) * (SM_V)(row->rstd);
}

/* The sums of u and of u * h over one block of a row. */
TRI_INLINE void SM_FN(norm_block)(
    const SM_FN(norm_row) *row, int64_t start, int64_t length, SM_T *sum, SM_T *product) {
  const SM_V zero = (SM_V)((SM_T)-0.0);
  SM_V a = zero, b = zero;
  int64_t i = 0;
  for (; i + TRI_LANES <= length; i += TRI_LANES) {
    SM_V u = SM_FN(norm_upstream)(row, start + i, TRI_LANES);
    a = a + u;
    b = b + u * SM_FN(norm_value)(row, start + i, TRI_LANES);
  }
  int rest = (int)(length - i);
  if (rest > 0) {
    RED_PASTE(RED_MASK_, RED_TYPE) lane = RED_IOTA;
    SM_V u = SM_FN(norm_upstream)(row, start + i, rest), p = u * SM_FN(norm_value)(row, start + i, rest);
    a = a + (lane < (RED_PASTE(RED_MASK_, RED_TYPE))(rest) ? u : zero);
    b = b + (lane < (RED_PASTE(RED_MASK_, RED_TYPE))(rest) ? p : zero);
  }
  *sum = SM_OF(join_lanes, sum)(a);
  *product = SM_OF(join_lanes, sum)(b);
}

static void SM_FN(norm_sums)(const SM_FN(norm_row) *row, int64_t n, SM_T *sum, SM_T *product) {
  if (n <= TRI_ROW_BLOCK) return SM_FN(norm_block)(row, 0, n, sum, product);
  SM_OF(tree, sum) sums, products;
  sums.depth = products.depth = 0;
  for (int64_t start = 0, i = 0; start < n; start += TRI_ROW_BLOCK, i++) {
    SM_T a, b;
    SM_FN(norm_block)(row, start, n - start < TRI_ROW_BLOCK ? n - start : TRI_ROW_BLOCK, &a, &b);
    SM_OF(push, sum)(&sums, i, a);
    SM_OF(push, sum)(&products, i, b);
  }
  *sum = SM_OF(finish, sum)(&sums);
  *product = SM_OF(finish, sum)(&products);
}

static void SM_FN(norm_gradient)(const tri_norm_gradient *q, int64_t begin, int64_t end) {
  const int64_t n = q->n;
  for (int64_t block = begin; block < end; block++) {
    SM_T *dw = q->weight_partials ? (SM_T *)q->weight_partials + block * n : NULL;
    SM_T *db = q->bias_partials ? (SM_T *)q->bias_partials + block * n : NULL;
    for (int64_t i = 0; i < n; i++) {
      if (dw) dw[i] = (SM_T)-0.0;
      if (db) db[i] = (SM_T)-0.0;
    }
    int64_t last = (block + 1) * TRI_COLUMN_BLOCK;
    for (int64_t r = block * TRI_COLUMN_BLOCK; r < (last < q->rows ? last : q->rows); r++) {
      const SM_FN(norm_row) row = {(const SM_T *)q->g + r * n, (const SM_T *)q->x + r * n, q->weight,
                                   ((const SM_T *)q->mean)[r], ((const SM_T *)q->rstd)[r]};
      if (dw)
        SM_EACH(n, SM_V v = SM_FN(sm_load)(row.g + i, part) * SM_FN(norm_value)(&row, i, part);
                SM_FN(sm_store)(dw + i, SM_FN(sm_load)(dw + i, part) + v, part);)
      if (db)
        SM_EACH(n, SM_V v = SM_FN(sm_load)(row.g + i, part);
                SM_FN(sm_store)(db + i, SM_FN(sm_load)(db + i, part) + v, part);)
      if (!q->dx) continue;
      SM_T *dx = (SM_T *)q->dx + r * n, sum, product;
      SM_FN(norm_sums)(&row, n, &sum, &product);
      const SM_T a = sum / (SM_T)n, b = product / (SM_T)n;
      SM_EACH(n, SM_V u = SM_FN(norm_upstream)(&row, i, part);
              SM_V h = SM_FN(norm_value)(&row, i, part);
              if (q->centred) u = u - (SM_V)(a);
              SM_FN(sm_store)(dx + i, (u - h * (SM_V)(b)) * (SM_V)(row.rstd), part);)
    }
  }
}

static void SM_FN(norm_groups)(const tri_norm_gradient *q, int64_t begin, int64_t end) {
  const int64_t n = q->n, span = q->span, of_row = n / span;
  for (int64_t r = begin; r < end; r++) {
    const SM_T *w = q->weight ? (const SM_T *)q->weight + r * of_row % q->channels : NULL;
    SM_FN(norm_row) row = {(const SM_T *)q->g + r * n, (const SM_T *)q->x + r * n, NULL, ((const SM_T *)q->mean)[r],
                           ((const SM_T *)q->rstd)[r]};
    SM_T a = 0, b = 0;
    for (int64_t c = 0; c < of_row; c++, row.g += span, row.x += span) {
      SM_T sum, product;
      SM_FN(norm_sums)(&row, span, &sum, &product);
      if (q->weight_partials) ((SM_T *)q->weight_partials)[r * of_row + c] = product;
      if (q->bias_partials) ((SM_T *)q->bias_partials)[r * of_row + c] = sum;
      if (w) {
        sum = w[c] * sum;
        product = w[c] * product;
      }
      a = a + sum;
      b = b + product;
    }
    if (!q->dx) continue;
    SM_T *dx = (SM_T *)q->dx + r * n;
    row.g -= n;
    row.x -= n;
    a = a / (SM_T)n;
    b = b / (SM_T)n;
    for (int64_t c = 0; c < of_row; c++, row.g += span, row.x += span, dx += span) {
      const SM_T factor = w ? w[c] : (SM_T)1;
      SM_EACH(span, SM_V u = SM_FN(sm_load)(row.g + i, part);
              if (w) u = u * (SM_V)(factor);
              SM_V h = SM_FN(norm_value)(&row, i, part);
              if (q->centred) u = u - (SM_V)(a);
              SM_FN(sm_store)(dx + i, (u - h * (SM_V)(b)) * (SM_V)(row.rstd), part);)
    }
  }
}

#ifndef TRI_NORM_TABLE
#define TRI_NORM_TABLE \
  { .rows = {tri_red_norm_rows_f32, tri_red_norm_rows_f64}, \
    .gradient = {tri_red_norm_gradient_f32, tri_red_norm_gradient_f64}, \
    .groups = {tri_red_norm_groups_f32, tri_red_norm_groups_f64} }
#endif
