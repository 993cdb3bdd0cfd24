/* Batch normalisation of one dtype: a template by RED_TYPE (f32 or f64), included after the reductions, whose lanes and
   trees it uses. */

#define BN_FN(name) RED_PASTE(RED_PASTE(tri_bn_, RED_PASTE(name, _)), RED_TYPE)

/* The terms that are summed over a channel. */
#define BN_VALUE 0    /* x */
#define BN_SQUARE 1   /* (x - m)² */
#define BN_GRADIENT 2 /* g, and beside it g * (x - m) */

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

/* Both sums over the channel that begins at x (and g). */
TRI_INLINE void BN_FN(sums)(const int term, const tri_batch_norm *q, const SM_T *x, const SM_T *g, double m, double *first,
                            double *second) {
  int64_t stride = q->channels * q->size, n = q->batch * q->size;
  /* Where a sample ends in the middle of the lanes, a block's elements are first put side by side. */
  int whole = q->size % TRI_LANES == 0;
  SM_T beside[2][TRI_ROW_BLOCK];
  tri_red_tree_sum_f64 trees[2];
  trees[0].depth = trees[1].depth = 0;
  for (int64_t start = 0, block = 0; start < n; start += TRI_ROW_BLOCK, block++) {
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
    tri_red_push_sum_f64(&trees[0], block, tri_red_join_lanes_sum_f64(sum.first));
    if (term == BN_GRADIENT) tri_red_push_sum_f64(&trees[1], block, tri_red_join_lanes_sum_f64(sum.second));
  }
  *first = tri_red_finish_sum_f64(&trees[0]);
  if (term == BN_GRADIENT) *second = tri_red_finish_sum_f64(&trees[1]);
}

static void BN_FN(forward)(const tri_batch_norm *q, int64_t begin, int64_t end) {
  SM_T *means = q->mean, *variances = q->variance, *invstds = q->invstd;
  double n = (double)(q->batch * q->size), mean, variance, unused;
  for (int64_t c = begin; c < end; c++) {
    const SM_T *x = (const SM_T *)q->x + c * q->size;
    SM_T *y = (SM_T *)q->y + c * q->size;
    if (q->training) {
      BN_FN(sums)(BN_VALUE, q, x, x, 0, &mean, &unused);
      mean = mean / n;
      BN_FN(sums)(BN_SQUARE, q, x, x, mean, &variance, &unused);
      means[c] = (SM_T)mean;
      variances[c] = (SM_T)(variance / n);
    }
    invstds[c] = (SM_T)1 / __builtin_elementwise_sqrt((SM_T)(variances[c] + (SM_T)q->eps));
    SM_V m = (SM_V)(means[c]), scale = (SM_V)(q->weight ? invstds[c] * ((const SM_T *)q->weight)[c] : invstds[c]);
    SM_V bias = (SM_V)(q->bias ? ((const SM_T *)q->bias)[c] : (SM_T)0);
    for (int64_t s = 0; s < q->batch; s++, x += q->channels * q->size, y += q->channels * q->size) {
      SM_EACH(q->size, SM_V v = SM_FN(sm_load)(x + i, part) - m;
              SM_FN(sm_store)(y + i, __builtin_elementwise_fma(v, scale, bias), part);)
    }
  }
}

static void BN_FN(backward)(const tri_batch_norm *q, int64_t begin, int64_t end) {
  double n = (double)(q->batch * q->size);
  for (int64_t c = begin; c < end; c++) {
    const SM_T *x = (const SM_T *)q->x + c * q->size, *g = (const SM_T *)q->g + c * q->size;
    SM_T m = ((const SM_T *)q->mean)[c], s = ((const SM_T *)q->invstd)[c];
    double sum = 0, product = 0;
    if (q->training || q->dweight || q->dbias) BN_FN(sums)(BN_GRADIENT, q, x, g, m, &sum, &product);
    if (q->dweight) ((SM_T *)q->dweight)[c] = (SM_T)(product * s);
    if (q->dbias) ((SM_T *)q->dbias)[c] = (SM_T)sum;
    if (!q->dx) continue;
    SM_T *dx = (SM_T *)q->dx + c * q->size;
    SM_V scale = (SM_V)(q->weight ? s * ((const SM_T *)q->weight)[c] : s);
    SM_V mean = (SM_V)(m), level = (SM_V)((SM_T)(sum / n)), slope = (SM_V)((SM_T)(product * s * s / n));
    int64_t stride = q->channels * q->size;
    for (int64_t sample = 0; sample < q->batch; sample++, x += stride, g += stride, dx += stride) {
      if (q->training) {
        SM_EACH(q->size, SM_V d = mean - SM_FN(sm_load)(x + i, part);
                SM_V v = __builtin_elementwise_fma(d, slope, SM_FN(sm_load)(g + i, part) - level);
                SM_FN(sm_store)(dx + i, v * scale, part);)
      } else {
        SM_EACH(q->size, SM_FN(sm_store)(dx + i, SM_FN(sm_load)(g + i, part) * scale, part);)
      }
    }
  }
}

#undef BN_FN
#undef BN_VALUE
#undef BN_SQUARE
#undef BN_GRADIENT
