/* Template: optimizer steps, one pass over all their arrays. */

typedef struct F(sgd_terms) {
  V lr, momentum, undamped, decay;
  bool with_decay, with_momentum, nesterov, maximize, first_step;
} F(sgd_terms);

TRI_INLINE void F(sgd_step)(const F(sgd_terms) * t, V *param, V grad, V *momentum) {
  V g = t->maximize ? -grad : grad;
  if (t->with_decay) g = g + t->decay * *param;
  if (t->with_momentum) {
    *momentum = t->first_step ? g : t->momentum * *momentum + t->undamped * g;
    g = t->nesterov ? g + t->momentum * *momentum : *momentum;
  }
  *param = *param - t->lr * g;
}

TRI_INLINE void F(sgd_all)(F(sgd_terms) terms, E *p, const E *g, E *v, int64_t n) {
  for (int64_t i = 0; i < n; i += L) {
    int64_t left = n - i;
    V pv, vv = C(0);
    if (__builtin_expect(left >= L, 1)) {
      pv = F(load)(p + i);
      if (terms.with_momentum) vv = F(load)(v + i);
      F(sgd_step)(&terms, &pv, F(load)(g + i), &vv);
      F(store)(p + i, pv);
      if (terms.with_momentum) F(store)(v + i, vv);
    } else {
      pv = F(load_part)(p + i, left);
      if (terms.with_momentum) vv = F(load_part)(v + i, left);
      F(sgd_step)(&terms, &pv, F(load_part)(g + i, left), &vv);
      F(store_part)(p + i, pv, left);
      if (terms.with_momentum) F(store_part)(v + i, vv, left);
    }
  }
}

static void F(sgd)(void *param, const void *grad, void *momentum_buffer, int64_t n, const tri_sgd_options *o) {
  F(sgd_terms) terms = {
    .lr = C(o->lr), .momentum = C(o->momentum), .undamped = C(1 - o->dampening), .decay = C(o->weight_decay),
    .with_decay = o->weight_decay != 0, .with_momentum = o->momentum != 0 && momentum_buffer,
    .nesterov = o->nesterov, .maximize = o->maximize, .first_step = o->first_step,
  };
  if (terms.with_momentum && !(terms.with_decay | terms.nesterov | terms.maximize | terms.first_step)) {
    /* Most steps. Said once more for the compiler: with a branch for each of these an element took up to twice as long. */
    terms.with_momentum = true;
    terms.with_decay = terms.nesterov = terms.maximize = terms.first_step = false;
    F(sgd_all)(terms, (E *)param, (const E *)grad, (E *)momentum_buffer, n);
  } else {
    F(sgd_all)(terms, (E *)param, (const E *)grad, (E *)momentum_buffer, n);
  }
}

typedef struct F(adam_terms) {
  V weight1, beta2, weight2, eps, decay, shrink, step, root_correction2;
  bool with_decay, decoupled, maximize, with_maximum;
} F(adam_terms);

TRI_INLINE void F(adam_step)(const F(adam_terms) * t, V *param, V grad, V *m, V *v, V *most) {
  V g = t->maximize ? -grad : grad;
  if (t->with_decay) {
    if (t->decoupled) *param = *param * t->shrink;
    else g = g + t->decay * *param;
  }
  *m = F(lerp)(*m, g, t->weight1);
  *v = t->beta2 * *v + (t->weight2 * g) * g;
  V second = *v;
  if (t->with_maximum) *most = second = ((*most > *v) | (*most != *most)) ? *most : *v;
  V denominator = F(sqrt)(second) / t->root_correction2 + t->eps;
  *param = *param + (t->step * *m) / denominator;
}

static void F(adam)(void *param, const void *grad, void *exp_avg, void *exp_avg_sq, void *max_exp_avg_sq, int64_t n,
                    const tri_adam_options *o) {
  const F(adam_terms) terms = {
    .weight1 = C(1 - o->beta1), .beta2 = C(o->beta2), .weight2 = C(1 - o->beta2), .eps = C(o->eps),
    .decay = C(o->weight_decay), .shrink = C(1 - o->lr * o->weight_decay),
    .step = C(-(o->lr / o->bias_correction1)),
    /* In double, by the instruction: exact to the last bit, so the same wherever it runs. */
    .root_correction2 = C(__builtin_elementwise_sqrt(o->bias_correction2)),
    .with_decay = o->weight_decay != 0, .decoupled = o->decoupled, .maximize = o->maximize,
    .with_maximum = max_exp_avg_sq != NULL,
  };
  E *p = (E *)param, *m = (E *)exp_avg, *v = (E *)exp_avg_sq, *w = (E *)max_exp_avg_sq;
  const E *g = (const E *)grad;
  for (int64_t i = 0; i < n; i += L) {
    int64_t left = n - i;
    V pv, mv, vv, wv = C(0);
    if (__builtin_expect(left >= L, 1)) {
      pv = F(load)(p + i), mv = F(load)(m + i), vv = F(load)(v + i);
      if (terms.with_maximum) wv = F(load)(w + i);
      F(adam_step)(&terms, &pv, F(load)(g + i), &mv, &vv, &wv);
      F(store)(p + i, pv), F(store)(m + i, mv), F(store)(v + i, vv);
      if (terms.with_maximum) F(store)(w + i, wv);
    } else {
      pv = F(load_part)(p + i, left), mv = F(load_part)(m + i, left), vv = F(load_part)(v + i, left);
      if (terms.with_maximum) wv = F(load_part)(w + i, left);
      F(adam_step)(&terms, &pv, F(load_part)(g + i, left), &mv, &vv, &wv);
      F(store_part)(p + i, pv, left), F(store_part)(m + i, mv, left), F(store_part)(v + i, vv, left);
      if (terms.with_maximum) F(store_part)(w + i, wv, left);
    }
  }
}

#undef C
