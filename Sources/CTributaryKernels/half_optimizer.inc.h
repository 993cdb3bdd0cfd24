/* Optimizer steps of halves: float32's over blocks of parameters and gradients that are widened on the stack; the
   parameters are rounded back. What the optimizers keep is float32. */

#define TRI_HALF_STEP(STEP)                                                                     \
  _Alignas(64) float wide[TRI_HALF_BLOCK], gradient[TRI_HALF_BLOCK];                                   \
  for (int64_t done = 0, count; done < n; done += count) {                                             \
    count = n - done < TRI_HALF_BLOCK ? n - done : TRI_HALF_BLOCK;                                     \
    tri_widen_row(brain, wide, param + done, count);                                                   \
    tri_widen_row(brain, gradient, grad + done, count);                                                \
    STEP;                                                                                              \
    tri_round_row(brain, param + done, wide, count);                                                   \
  }
#define TRI_STATE(s) ((s) ? (float *)(s) + done : NULL)

static void tri_sgd_halves(_Bool brain, uint16_t *param, const uint16_t *grad, void *momentum, int64_t n,
                           const tri_sgd_options *o) {
  TRI_HALF_STEP(tri_sgd_f32(wide, gradient, TRI_STATE(momentum), count, o))
}

static void tri_adam_halves(_Bool brain, uint16_t *param, const uint16_t *grad, void *average, void *square,
                            void *greatest, int64_t n, const tri_adam_options *o) {
  TRI_HALF_STEP(tri_adam_f32(wide, gradient, (float *)average + done, (float *)square + done,
                                      TRI_STATE(greatest), count, o))
}

#define TRI_HALF_STEPS(H, BRAIN)                                                                       \
  static void tri_sgd_##H(void *param, const void *grad, void *momentum, int64_t n, const tri_sgd_options *o) { \
    tri_sgd_halves(BRAIN, param, grad, momentum, n, o);                                                \
  }                                                                                                    \
  static void tri_adam_##H(void *param, const void *grad, void *average, void *square, void *greatest, int64_t n, \
                           const tri_adam_options *o) {                                                \
    tri_adam_halves(BRAIN, param, grad, average, square, greatest, n, o);                              \
  }
TRI_HALF_STEPS(f16, 0)
TRI_HALF_STEPS(bf16, 1)
#undef TRI_HALF_STEPS
#undef TRI_HALF_STEP
#undef TRI_STATE
