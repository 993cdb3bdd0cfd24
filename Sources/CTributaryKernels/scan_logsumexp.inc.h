/* Running logarithms of sums of exponentials, 16 chains side by side: a template by SCAN_TYPE. */

#define SCAN_FN(name) RED_PASTE(RED_PASTE(tri_scan_, RED_PASTE(name, _)), SCAN_TYPE)
#define SCAN_T RED_PASTE(SCAN_IN_, SCAN_TYPE)
#define SCAN_SELECT(mask, a, b) ((SCAN_LANES)(((SCAN_MASK)(a) & (mask)) | ((SCAN_MASK)(b) & ~(mask))))

TRI_INLINE SCAN_LANES SCAN_FN(log_add_exp)(SCAN_LANES y, SCAN_LANES v) {
  const SCAN_LANES infinity = (SCAN_LANES)((SCAN_T)__builtin_inf());
  SCAN_MASK later = (v > y) | (v != v);
  SCAN_LANES m = SCAN_SELECT(later, v, y), less = SCAN_SELECT(later, y, v);
  SCAN_LANES sum = m + SCAN_FN(log1p)(RED_PASTE(tri_red_exp_, SCAN_TYPE)(less - m));
  return SCAN_SELECT((y == v) & ((m == infinity) | (m == -infinity)), m, sum);
}

/* `count` chains, 1 to 16, that begin `apart` from each other. */
TRI_INLINE void SCAN_FN(logsumexp_beside)(const SCAN_T *x, int64_t apart, int64_t n, int64_t step, int count, SCAN_T *y) {
  SCAN_T lanes[TRI_LANES] = {0};
  SCAN_LANES sum, v;
  for (int64_t i = 0; i < n; i++, x += step, y += step) {
    for (int c = 0; c < count; c++) lanes[c] = x[c * apart];
    __builtin_memcpy(&v, lanes, sizeof v);
    sum = i == 0 ? v : SCAN_FN(log_add_exp)(sum, v);
    __builtin_memcpy(lanes, &sum, sizeof sum);
    for (int c = 0; c < count; c++) y[c * apart] = lanes[c];
  }
}

static void SCAN_FN(logsumexp)(const tri_scan *q, int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end) {
  int64_t n = q->n, inner = q->inner, first = q->reverse ? (n - 1) * inner : 0, step = q->reverse ? -inner : inner;
  /* Rows lie n apart, columns side by side. */
  if (inner == 1) inner_begin = begin, inner_end = end, begin = 0, end = 1;
  for (int64_t o = begin; o < end; o++)
    for (int64_t j = inner_begin; j < inner_end; j += TRI_LANES) {
      int64_t apart = inner == 1 ? n : 1, at = o * n * inner + j * apart + first;
      int count = inner_end - j < TRI_LANES ? (int)(inner_end - j) : TRI_LANES;
      SCAN_FN(logsumexp_beside)((const SCAN_T *)q->x + at, apart, n, step, count, (SCAN_T *)q->y + at);
    }
}

#undef SCAN_FN
#undef SCAN_T
#undef SCAN_SELECT
