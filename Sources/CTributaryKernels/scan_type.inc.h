/* Scans of one dtype: a template by SCAN_TYPE. */

#define SCAN_FN(name) RED_PASTE(RED_PASTE(tri_scan_, RED_PASTE(name, _)), SCAN_TYPE)
#define SCAN_IN RED_PASTE(SCAN_IN_, SCAN_TYPE)
#define SCAN_ACC RED_PASTE(SCAN_ACC_, SCAN_TYPE)

/* `count` chains of n steps, each `step` after the last, that begin `apart` from each other. */
#define SCAN_CHAINS(op) \
  TRI_INLINE void SCAN_FN(op##_beside)(const SCAN_IN *x, const SCAN_IN *f, int64_t apart, int64_t n, int64_t step, \
                                       const int count, SCAN_ACC *y) { \
    SCAN_ACC a[SCAN_SIDE]; \
    for (int c = 0; c < count; c++) y[c * apart] = a[c] = (SCAN_ACC)x[c * apart]; \
    for (int64_t i = 1, at = step; i < n; i++, at += step) \
      for (int c = 0; c < count; c++) \
        y[c * apart + at] = a[c] = SCAN_NEXT_##op(a[c], (SCAN_ACC)x[c * apart + at], (SCAN_ACC)f[c * apart + at]); \
  } \
  TRI_INLINE void SCAN_FN(op##_rows)(const tri_scan *q, int64_t begin, int64_t end) { \
    int64_t n = q->n, first = q->reverse ? n - 1 : 0, step = q->reverse ? -1 : 1, r = begin; \
    const SCAN_IN *x = (const SCAN_IN *)q->x + first, *f = q->factor ? (const SCAN_IN *)q->factor + first : x; \
    SCAN_ACC *y = (SCAN_ACC *)q->y + first; \
    for (; r + SCAN_SIDE <= end; r += SCAN_SIDE) \
      SCAN_FN(op##_beside)(x + r * n, f + r * n, n, n, step, SCAN_SIDE, y + r * n); \
    for (; r < end; r++) SCAN_FN(op##_beside)(x + r * n, f + r * n, n, n, step, 1, y + r * n); \
  }

/* Steps begin ..< end of `columns` chains that lie beside each other, each from the result before it. */
#define SCAN_COLUMNS(op) \
  TRI_INLINE void SCAN_FN(op##_columns)(const SCAN_IN *x, const SCAN_IN *f, int64_t begin, int64_t end, int64_t step, \
                                        int64_t columns, SCAN_ACC *y) { \
    for (int64_t j = 0; j < columns; j++) y[begin * step + j] = (SCAN_ACC)x[begin * step + j]; \
    for (int64_t i = begin + 1; i < end; i++) { \
      const SCAN_IN *v = x + i * step, *w = f + i * step; \
      const SCAN_ACC *before = y + (i - 1) * step; \
      SCAN_ACC *to = y + i * step; \
      for (int64_t j = 0; j < columns; j++) to[j] = SCAN_NEXT_##op(before[j], (SCAN_ACC)v[j], (SCAN_ACC)w[j]); \
    } \
  }

/* The chains of one o, stripe by stripe; `statement` sees x, f, y at the first step, `step` and `columns`. */
#define SCAN_STRIPES(statement) \
  for (int64_t o = begin; o < end; o++) \
    for (int64_t j = inner_begin, columns; j < inner_end; j += columns) { \
      columns = inner_end - j < SCAN_STRIPE ? inner_end - j : SCAN_STRIPE; \
      int64_t at = (o * q->n + (q->reverse ? q->n - 1 : 0)) * q->inner + j, step = q->reverse ? -q->inner : q->inner; \
      const SCAN_IN *x = (const SCAN_IN *)q->x + at, *f = q->factor ? (const SCAN_IN *)q->factor + at : x; \
      SCAN_ACC *y = (SCAN_ACC *)q->y + at; \
      statement \
    }

#define SCAN_PLAIN(op) \
  static void SCAN_FN(op)(const tri_scan *q, int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end) { \
    if (q->inner == 1) SCAN_FN(op##_rows)(q, begin, end); \
    else SCAN_STRIPES(SCAN_FN(op##_columns)(x, f, 0, q->n, step, columns, y);) \
  }

SCAN_CHAINS(sum)
SCAN_COLUMNS(sum)
SCAN_CHAINS(prod)
SCAN_COLUMNS(prod)
SCAN_PLAIN(prod)
#ifdef SCAN_LANES
SCAN_CHAINS(recurrence)
SCAN_COLUMNS(recurrence)
SCAN_PLAIN(recurrence)
#endif

/* -- Sums, whose blocks begin anew ----------------------------------------------------------------- */

TRI_INLINE int64_t SCAN_FN(steps)(int64_t n, int64_t block) {
  return n - block * TRI_SCAN_BLOCK < TRI_SCAN_BLOCK ? n - block * TRI_SCAN_BLOCK : TRI_SCAN_BLOCK;
}

/* The sums within the blocks begin ..< end of a row, SCAN_SIDE whole ones beside each other. */
TRI_INLINE int64_t SCAN_FN(some_blocks)(const SCAN_IN *x, int64_t n, int64_t step, int64_t block, int64_t end,
                                        SCAN_ACC *y) {
  int64_t at = block * TRI_SCAN_BLOCK * step;
  if (block + SCAN_SIDE <= end && (block + SCAN_SIDE) * TRI_SCAN_BLOCK <= n) {
    SCAN_FN(sum_beside)(x + at, x + at, TRI_SCAN_BLOCK * step, TRI_SCAN_BLOCK, step, SCAN_SIDE, y + at);
    return SCAN_SIDE;
  }
  SCAN_FN(sum_beside)(x + at, x + at, 0, SCAN_FN(steps)(n, block), step, 1, y + at);
  return 1;
}

/* Adds what stands before a block to its sums. */
TRI_INLINE void SCAN_FN(raise)(SCAN_ACC *y, int64_t n, int64_t step, int64_t block, SCAN_ACC before) {
  int64_t count = SCAN_FN(steps)(n, block), at = block * TRI_SCAN_BLOCK * step;
  SCAN_ACC *lowest = y + (step > 0 ? at : at - (count - 1));
  for (int64_t i = 0; i < count; i++) lowest[i] = before + lowest[i];
}

static void SCAN_FN(long_row)(const SCAN_IN *x, int64_t n, int64_t step, SCAN_ACC *y) {
  SCAN_ACC before = 0;
  int64_t blocks = (n + TRI_SCAN_BLOCK - 1) / TRI_SCAN_BLOCK;
  for (int64_t block = 0, some; block < blocks; block += some) {
    some = SCAN_FN(some_blocks)(x, n, step, block, blocks, y);
    for (int64_t b = block; b < block + some; b++) {
      SCAN_ACC sum = y[(b * TRI_SCAN_BLOCK + SCAN_FN(steps)(n, b) - 1) * step];
      if (b > 0) SCAN_FN(raise)(y, n, step, b, before);
      before = b > 0 ? before + sum : sum;
    }
  }
}

static void SCAN_FN(block_sums)(const tri_scan *q, int64_t row, int64_t begin, int64_t end, void *sums_) {
  int64_t n = q->n, step = q->reverse ? -1 : 1;
  const SCAN_IN *x = (const SCAN_IN *)q->x + row * n + (q->reverse ? n - 1 : 0);
  SCAN_ACC *sums = sums_;
  for (int64_t block = begin; block < end;) {
    int64_t at = block * TRI_SCAN_BLOCK * step;
    if (block + SCAN_SIDE <= end && (block + SCAN_SIDE) * TRI_SCAN_BLOCK <= n) {
      SCAN_ACC a[SCAN_SIDE];
      for (int c = 0; c < SCAN_SIDE; c++) a[c] = (SCAN_ACC)x[at + c * TRI_SCAN_BLOCK * step];
      for (int64_t i = 1; i < TRI_SCAN_BLOCK; i++)
        for (int c = 0; c < SCAN_SIDE; c++) a[c] = a[c] + (SCAN_ACC)x[at + (c * TRI_SCAN_BLOCK + i) * step];
      for (int c = 0; c < SCAN_SIDE; c++) sums[block + c] = a[c];
      block += SCAN_SIDE;
    } else {
      SCAN_ACC a = (SCAN_ACC)x[at];
      for (int64_t i = 1, count = SCAN_FN(steps)(n, block); i < count; i++) a = a + (SCAN_ACC)x[at + i * step];
      sums[block++] = a;
    }
  }
}

static void SCAN_FN(from_sums)(const tri_scan *q, int64_t row, int64_t begin, int64_t end, void *sums) {
  int64_t n = q->n, step = q->reverse ? -1 : 1, at = row * n + (q->reverse ? n - 1 : 0);
  SCAN_ACC *y = (SCAN_ACC *)q->y + at;
  for (int64_t block = begin, some; block < end; block += some) {
    some = SCAN_FN(some_blocks)((const SCAN_IN *)q->x + at, n, step, block, end, y);
    for (int64_t b = block; b < block + some; b++)
      if (b > 0) SCAN_FN(raise)(y, n, step, b, ((const SCAN_ACC *)sums)[b]);
  }
}

/* Columns of more than one block: what runs within the block, and what stands before it, for each column. */
static void SCAN_FN(long_columns)(const SCAN_IN *x, int64_t n, int64_t step, int64_t columns, SCAN_ACC *y) {
  SCAN_ACC before[SCAN_STRIPE], sum[SCAN_STRIPE];
  SCAN_FN(sum_columns)(x, x, 0, TRI_SCAN_BLOCK, step, columns, y);
  for (int64_t j = 0; j < columns; j++) before[j] = y[(TRI_SCAN_BLOCK - 1) * step + j];
  for (int64_t start = TRI_SCAN_BLOCK; start < n; start += TRI_SCAN_BLOCK) {
    int64_t end = start + SCAN_FN(steps)(n, start / TRI_SCAN_BLOCK);
    for (int64_t i = start; i < end; i++) {
      const SCAN_IN *v = x + i * step;
      SCAN_ACC *to = y + i * step;
      if (i == start)
        for (int64_t j = 0; j < columns; j++) sum[j] = (SCAN_ACC)v[j];
      else
        for (int64_t j = 0; j < columns; j++) sum[j] = sum[j] + (SCAN_ACC)v[j];
      for (int64_t j = 0; j < columns; j++) to[j] = before[j] + sum[j];
    }
    for (int64_t j = 0; j < columns; j++) before[j] = before[j] + sum[j];
  }
}

static void SCAN_FN(sum)(const tri_scan *q, int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end) {
  if (q->inner > 1) {
    SCAN_STRIPES((void)f;
                 if (q->n > TRI_SCAN_BLOCK) SCAN_FN(long_columns)(x, q->n, step, columns, y);
                 else SCAN_FN(sum_columns)(x, x, 0, q->n, step, columns, y);)
  } else if (q->n <= TRI_SCAN_BLOCK) {
    SCAN_FN(sum_rows)(q, begin, end);
  } else {
    for (int64_t r = begin; r < end; r++) {
      int64_t at = r * q->n + (q->reverse ? q->n - 1 : 0);
      SCAN_FN(long_row)((const SCAN_IN *)q->x + at, q->n, q->reverse ? -1 : 1, (SCAN_ACC *)q->y + at);
    }
  }
}

/* -- The greatest and the least so far -------------------------------------------------------------- */

#define SCAN_EXTREME(name, COMPARE) \
  static void SCAN_FN(name)(const tri_scan *q, int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end) { \
    const int64_t step = q->inner; \
    for (int64_t o = begin; o < end; o++) { \
      const SCAN_IN *x = (const SCAN_IN *)q->x + o * q->n * step; \
      SCAN_IN *y = (SCAN_IN *)q->y + o * q->n * step; \
      int64_t *at = q->indices + o * q->n * step; \
      if (step == 1) { \
        SCAN_IN best = x[0]; \
        int64_t place = 0; \
        for (int64_t i = 0; i < q->n; i++) { \
          SCAN_IN v = x[i]; \
          int wins = (v COMPARE best) | (v != v); \
          best = wins ? v : best; \
          place = wins ? i : place; \
          y[i] = best; \
          at[i] = place; \
        } \
        continue; \
      } \
      for (int64_t j = inner_begin; j < inner_end; j++) y[j] = x[j], at[j] = 0; \
      for (int64_t i = 1; i < q->n; i++) { \
        const SCAN_IN *v = x + i * step, *best = y + (i - 1) * step; \
        const int64_t *before = at + (i - 1) * step; \
        SCAN_IN *to = y + i * step; \
        int64_t *place = at + i * step; \
        for (int64_t j = inner_begin; j < inner_end; j++) { \
          int wins = (v[j] COMPARE best[j]) | (v[j] != v[j]); \
          to[j] = wins ? v[j] : best[j]; \
          place[j] = wins ? i : before[j]; \
        } \
      } \
    } \
  }
SCAN_EXTREME(max, >=)
SCAN_EXTREME(min, <=)

#undef SCAN_FN
#undef SCAN_IN
#undef SCAN_ACC
#undef SCAN_CHAINS
#undef SCAN_COLUMNS
#undef SCAN_STRIPES
#undef SCAN_PLAIN
#undef SCAN_EXTREME
