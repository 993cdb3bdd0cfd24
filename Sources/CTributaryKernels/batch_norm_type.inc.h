/* Batch normalisation of one dtype: a template by RED_TYPE (f32 or f64), included after the reductions, whose lanes and
   trees it uses. */

#define BN_FN(name) RED_PASTE(RED_PASTE(tri_bn_, RED_PASTE(name, _)), RED_TYPE)

/* The terms that are summed over a channel. */
#define BN_VALUE TRI_BATCH_NORM_VALUE       /* x */
#define BN_SQUARE TRI_BATCH_NORM_SQUARE     /* (x - m)² */
#define BN_GRADIENT TRI_BATCH_NORM_GRADIENT /* g, and beside it g * (x - m) */

typedef struct {
  tri_f64x16 first, second;
} BN_FN(lanes);

TRI_INLINE void BN_FN(term)(const int term, const SM_T *x, const SM_T *g, double m, int part, BN_FN(lanes) *sum) {
  tri_f64x16 v = __builtin_convertvector(SM_FN(sm_load)(x, part), tri_f64x16), first, second = sum->second;
  if (term == BN_VALUE) {
    first = sum->first + v;
  } else if (term == BN_SQUARE) {
    v = v - (tri_f64x16)(m);
    first = __builtin_elementwise_fma(v, v, sum->first);
  } else {
    tri_f64x16 w = __builtin_convertvector(SM_FN(sm_load)(g, part), tri_f64x16);
    first = sum->first + w;
    second = __builtin_elementwise_fma(w, v - (tri_f64x16)(m), sum->second);
  }
  if (part < TRI_LANES) {
    tri_red_i64 lane = RED_IOTA;
    first = lane < (tri_red_i64)(part) ? first : sum->first;
    second = lane < (tri_red_i64)(part) ? second : sum->second;
  }
  sum->first = first;
  sum->second = second;
}

TRI_INLINE void BN_FN(run)(const int term, const SM_T *x, const SM_T *g, double m, int64_t count,
                            BN_FN(lanes) *sum) {
  int64_t i = 0;
  for (; i + TRI_LANES <= count; i += TRI_LANES) BN_FN(term)(term, x + i, g + i, m, TRI_LANES, sum);
  if (i < count) BN_FN(term)(term, x + i, g + i, m, (int)(count - i), sum);
}

/* Both sums over one block of the channel that begins at x (and g). */
static void BN_FN(block)(const int term, const tri_batch_norm *q, const SM_T *x, const SM_T *g, double m, int64_t block,
                         double *first, double *second) {
  int64_t stride = q->channels * q->size, n = q->batch * q->size, start = block * TRI_ROW_BLOCK;
  /* Where a sample ends in the middle of the lanes, the block's elements are first put side by side. */
  int whole = q->size % TRI_LANES == 0;
  SM_T beside[2][TRI_ROW_BLOCK];
  int64_t length = n - start < TRI_ROW_BLOCK ? n - start : TRI_ROW_BLOCK;
  BN_FN(lanes) sum = {(tri_f64x16)(-0.0), (tri_f64x16)(-0.0)};
  for (int64_t done = 0, run; done < length; done += run) {
    int64_t sample = (start + done) / q->size, p = (start + done) % q->size, at = sample * stride + p;
    run = length - done < q->size - p ? length - done : q->size - p;
    if (whole) {
      BN_FN(run)(term, x + at, g + at, m, run, &sum);
    } else {
      __builtin_memcpy(beside[0] + done, x + at, (size_t)run * sizeof(SM_T));
      if (term == BN_GRADIENT) __builtin_memcpy(beside[1] + done, g + at, (size_t)run * sizeof(SM_T));
    }
  }
  if (!whole) BN_FN(run)(term, beside[0], beside[1], m, length, &sum);
  *first = tri_red_join_lanes_sum_f64(sum.first);
  if (term == BN_GRADIENT) *second = tri_red_join_lanes_sum_f64(sum.second);
}

TRI_INLINE void BN_FN(any_block)(int term, const tri_batch_norm *q, const SM_T *x, const SM_T *g, double m, int64_t block,
                                 double *first, double *second) {
  if (term == BN_VALUE) BN_FN(block)(BN_VALUE, q, x, x, 0, block, first, second);
  else if (term == BN_SQUARE) BN_FN(block)(BN_SQUARE, q, x, x, m, block, first, second);
  else BN_FN(block)(BN_GRADIENT, q, x, g, m, block, first, second);
}

/* Both sums over channel c: of its blocks, or of what has been summed of them. */
static void BN_FN(sums)(int term, const tri_batch_norm *q, int64_t c, double m, double *first, double *second) {
  const SM_T *x = (const SM_T *)q->x + c * q->size, *g = q->g ? (const SM_T *)q->g + c * q->size : x;
  int64_t blocks = tri_batch_norm_blocks(q->batch, q->size);
  const double *partials = q->partials ? q->partials + 2 * c * blocks : NULL;
  tri_red_tree_sum_f64 trees[2];
  trees[0].depth = trees[1].depth = 0;
  for (int64_t block = 0; block < blocks; block++) {
    double a, b = 0;
    if (partials) a = partials[2 * block], b = partials[2 * block + 1];
    else BN_FN(any_block)(term, q, x, g, m, block, &a, &b);
    tri_red_push_sum_f64(&trees[0], block, a);
    if (term == BN_GRADIENT) tri_red_push_sum_f64(&trees[1], block, b);
  }
  *first = tri_red_finish_sum_f64(&trees[0]);
  if (term == BN_GRADIENT) *second = tri_red_finish_sum_f64(&trees[1]);
}

static void BN_FN(partial)(const tri_batch_norm *q, int term, int64_t begin, int64_t end) {
  int64_t blocks = tri_batch_norm_blocks(q->batch, q->size);
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t c = unit / blocks;
    const SM_T *x = (const SM_T *)q->x + c * q->size, *g = q->g ? (const SM_T *)q->g + c * q->size : x;
    double m = term == BN_SQUARE ? q->means[c] : ((const SM_T *)q->mean)[c];
    q->partials[2 * unit + 1] = 0;
    BN_FN(any_block)(term, q, x, g, m, unit % blocks, q->partials + 2 * unit, q->partials + 2 * unit + 1);
  }
}

TRI_INLINE void BN_FN(set_mean)(const tri_batch_norm *q, int64_t c, double *mean) {
  double unused;
  BN_FN(sums)(BN_VALUE, q, c, 0, mean, &unused);
  *mean = *mean / (double)(q->batch * q->size);
  ((SM_T *)q->mean)[c] = (SM_T)*mean;
}

TRI_INLINE void BN_FN(set_variance)(const tri_batch_norm *q, int64_t c, double mean) {
  double variance, unused;
  BN_FN(sums)(BN_SQUARE, q, c, mean, &variance, &unused);
  ((SM_T *)q->variance)[c] = (SM_T)(variance / (double)(q->batch * q->size));
}

TRI_INLINE void BN_FN(set_invstd)(const tri_batch_norm *q, int64_t c) {
  const SM_T variance = ((const SM_T *)q->variance)[c];
  ((SM_T *)q->invstd)[c] = (SM_T)1 / __builtin_elementwise_sqrt((SM_T)(variance + (SM_T)q->eps));
}

/* The result of channel c in the samples begin ..< end, places first ..< last of each. */
TRI_INLINE void BN_FN(map)(const tri_batch_norm *q, int64_t c, int64_t begin, int64_t end, int64_t first, int64_t last) {
  int64_t stride = q->channels * q->size, count = last - first, at = begin * stride + c * q->size + first;
  const SM_T *x = (const SM_T *)q->x + at;
  SM_T *y = (SM_T *)q->y + at, s = ((const SM_T *)q->invstd)[c];
  SM_V m = (SM_V)(((const SM_T *)q->mean)[c]), scale = (SM_V)(q->weight ? s * ((const SM_T *)q->weight)[c] : s);
  SM_V bias = (SM_V)(q->bias ? ((const SM_T *)q->bias)[c] : (SM_T)0);
  for (int64_t sample = begin; sample < end; sample++, x += stride, y += stride) {
    SM_EACH(count, SM_V v = SM_FN(sm_load)(x + i, part) - m;
            SM_FN(sm_store)(y + i, __builtin_elementwise_fma(v, scale, bias), part);)
  }
}

static void BN_FN(forward)(const tri_batch_norm *q, int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; c++) {
    if (q->training) {
      double mean;
      BN_FN(set_mean)(q, c, &mean);
      BN_FN(set_variance)(q, c, mean);
    }
    BN_FN(set_invstd)(q, c);
    BN_FN(map)(q, c, 0, q->batch, 0, q->size);
  }
}

TRI_INLINE void BN_FN(set_gradients)(const tri_batch_norm *q, int64_t c, double *sum, double *product) {
  *sum = *product = 0;
  if (q->training || q->dweight || q->dbias)
    BN_FN(sums)(BN_GRADIENT, q, c, ((const SM_T *)q->mean)[c], sum, product);
  if (q->dweight) ((SM_T *)q->dweight)[c] = (SM_T)(*product * ((const SM_T *)q->invstd)[c]);
  if (q->dbias) ((SM_T *)q->dbias)[c] = (SM_T)*sum;
}

/* The gradient of x, as the result above. */
TRI_INLINE void BN_FN(back)(const tri_batch_norm *q, int64_t c, double sum, double product, int64_t begin, int64_t end,
                            int64_t first, int64_t last) {
  double n = (double)(q->batch * q->size);
  int64_t stride = q->channels * q->size, count = last - first, at = begin * stride + c * q->size + first;
  const SM_T *x = (const SM_T *)q->x + at, *g = (const SM_T *)q->g + at;
  SM_T *dx = (SM_T *)q->dx + at, s = ((const SM_T *)q->invstd)[c];
  SM_V scale = (SM_V)(q->weight ? s * ((const SM_T *)q->weight)[c] : s), mean = (SM_V)(((const SM_T *)q->mean)[c]);
  SM_V level = (SM_V)((SM_T)(sum / n)), slope = (SM_V)((SM_T)(product * s * s / n));
  for (int64_t sample = begin; sample < end; sample++, x += stride, g += stride, dx += stride) {
    if (q->training) {
      SM_EACH(count, SM_V d = mean - SM_FN(sm_load)(x + i, part);
              SM_V v = __builtin_elementwise_fma(d, slope, SM_FN(sm_load)(g + i, part) - level);
              SM_FN(sm_store)(dx + i, v * scale, part);)
    } else {
      SM_EACH(count, SM_FN(sm_store)(dx + i, SM_FN(sm_load)(g + i, part) * scale, part);)
    }
  }
}

static void BN_FN(backward)(const tri_batch_norm *q, int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; c++) {
    double sum, product;
    BN_FN(set_gradients)(q, c, &sum, &product);
    if (q->dx) BN_FN(back)(q, c, sum, product, 0, q->batch, 0, q->size);
  }
}

/* What follows from the sums of the blocks: for all channels, in `means` what the parts need. */
static void BN_FN(join)(const tri_batch_norm *q, int term) {
  for (int64_t c = 0; c < q->channels; c++) {
    if (term == BN_VALUE) BN_FN(set_mean)(q, c, q->means + c);
    else if (term == BN_SQUARE) BN_FN(set_variance)(q, c, q->means[c]);
    else BN_FN(set_gradients)(q, c, q->means + 2 * c, q->means + 2 * c + 1);
  }
}

static void BN_FN(scale)(const tri_batch_norm *q) {
  for (int64_t c = 0; c < q->channels; c++) BN_FN(set_invstd)(q, c);
}

/* Units of channels by samples by TRI_BATCH_NORM_PIECE places. */
static void BN_FN(parts)(const tri_batch_norm *q, int backward, int64_t begin, int64_t end) {
  int64_t pieces = (q->size + TRI_BATCH_NORM_PIECE - 1) / TRI_BATCH_NORM_PIECE;
  for (int64_t unit = begin; unit < end; unit++) {
    int64_t c = unit / pieces / q->batch, sample = unit / pieces % q->batch, first = unit % pieces * TRI_BATCH_NORM_PIECE;
    int64_t last = first + TRI_BATCH_NORM_PIECE < q->size ? first + TRI_BATCH_NORM_PIECE : q->size;
    if (backward) BN_FN(back)(q, c, q->means[2 * c], q->means[2 * c + 1], sample, sample + 1, first, last);
    else BN_FN(map)(q, c, sample, sample + 1, first, last);
  }
}

#undef BN_FN
#undef BN_VALUE
#undef BN_SQUARE
#undef BN_GRADIENT
