/* Cross-entropy with class indices on rows of one dtype: a template by RED_TYPE, included after
   softmax.inc.h. The targets have been checked. */

static void SM_FN(cross_entropy)(
    const void *x_, const int64_t *targets, int64_t classes, int64_t ignore_index, int64_t begin,
    int64_t end, void *loss_, void *saved_) {
  SM_T *loss = loss_, *saved = saved_, m[TRI_LANES], log_s[TRI_LANES];
  for (int64_t r = begin; r < end; r += TRI_LANES) {
    const SM_T *x = (const SM_T *)x_ + r * classes;
    int count = SM_FN(sm_group)(r, end);
    if (classes > 0) SM_FN(sm_statistics)(x, classes, count, 0, m, log_s);
    for (int k = 0; k < count; k++) {
      int64_t target = targets[r + k];
      if (target == ignore_index) {
        loss[r + k] = saved[2 * (r + k)] = saved[2 * (r + k) + 1] = 0;
        continue;
      }
      loss[r + k] = -((x[k * classes + target] - m[k]) - log_s[k]);
      saved[2 * (r + k)] = m[k];
      saved[2 * (r + k) + 1] = log_s[k];
    }
  }
}

static void SM_FN(cross_entropy_backward)(
    const void *x_, const void *saved_, const int64_t *targets, const void *g_, int64_t g_stride,
    int64_t classes, int64_t ignore_index, int64_t begin, int64_t end, void *out_) {
  const SM_T *saved = saved_;
  for (int64_t r = begin; r < end; r++) {
    const SM_T *x = (const SM_T *)x_ + r * classes;
    SM_T *out = (SM_T *)out_ + r * classes;
    int64_t target = targets[r];
    if (target == ignore_index) {
      for (int64_t c = 0; c < classes; c++) out[c] = 0;
      continue;
    }
    SM_T m = saved[2 * r], log_s = saved[2 * r + 1], g = ((const SM_T *)g_)[r * g_stride];
    SM_EACH(classes, SM_V v = (SM_FN(sm_load)(x + i, part) - (SM_V)(m)) - (SM_V)(log_s);
            SM_FN(sm_store)(out + i, SM_FN(exp)(v) * (SM_V)(g), part);)
    /* Elsewhere 0 would be subtracted, which changes no bit. */
    out[target] = out[target] - g;
  }
}

#undef SM_FN
#undef SM_OF
#undef SM_T
#undef SM_V
#undef SM_EXP
#undef SM_EXP_STORE
#undef SM_PRODUCT
#undef SM_SQUARE
#undef SM_EACH
