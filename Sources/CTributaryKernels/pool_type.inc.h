/* Pooling of one dtype: a template by POOL_T and POOL_FN(name). No include guard: included once for each type. */

/* One statement for every element of the map's rows first ..< last, `o` its place in the map; `at` places its window in
   each dim. */
#define POOL_EACH(q, first, last, statement) \
  for (int64_t r = (first), o = (first) * (q)->map[2]; r < (last); r++) { \
    const int64_t d = r / (q)->map[1], h = r % (q)->map[1]; \
    for (int64_t w = 0; w < (q)->map[2]; w++, o++) { \
      const int64_t at[3] = {d, h, w}; \
      statement \
    } \
  }

/* One statement for every element of a window, `place` its row-major place in the plane. */
#define POOL_WINDOW(q, statement) \
  for (int64_t a = t.start[0][at[0]]; a < t.end[0][at[0]]; a += (q)->step[0]) \
    for (int64_t b = t.start[1][at[1]]; b < t.end[1][at[1]]; b += (q)->step[1]) { \
      const int64_t row = (a * (q)->image[1] + b) * (q)->image[2]; \
      for (int64_t c = t.start[2][at[2]]; c < t.end[2][at[2]]; c += (q)->step[2]) { \
        const int64_t place = row + c; \
        statement \
      } \
    }

TRI_INLINE int64_t POOL_FN(image_size)(const tri_pool *q) { return q->image[0] * q->image[1] * q->image[2]; }
TRI_INLINE int64_t POOL_FN(map_size)(const tri_pool *q) { return q->map[0] * q->map[1] * q->map[2]; }

TRI_INLINE POOL_T POOL_FN(divisor)(const tri_pool *q, const tri_pool_windows *t, const int64_t *at) {
  if (q->divisor != 0) return (POOL_T)q->divisor;
  return (POOL_T)(t->extent[0][at[0]] * t->extent[1][at[1]] * t->extent[2][at[2]]);
}

TRI_INLINE int POOL_FN(sees)(const tri_pool_windows *t, const int64_t *at) {
  return t->start[0][at[0]] < t->end[0][at[0]] && t->start[1][at[1]] < t->end[1][at[1]] &&
         t->start[2][at[2]] < t->end[2][at[2]];
}

/* The plane of a unit, and its rows: of the map, or, where the image is written, of the image. */
typedef struct {
  int64_t plane, first, last;
} POOL_FN(part);

TRI_INLINE POOL_FN(part) POOL_FN(part_of)(const tri_pool *q, int64_t unit, int64_t rows) {
  int64_t piece = unit % q->pieces;
  return (POOL_FN(part)){unit / q->pieces, rows * piece / q->pieces, rows * (piece + 1) / q->pieces};
}

/* Whether row r of the map sees any of the image's rows first ..< last. */
TRI_INLINE int POOL_FN(reaches)(const tri_pool *q, const tri_pool_windows *t, int64_t r, POOL_FN(part) image) {
  int64_t d = r / q->map[1], h = r % q->map[1];
  int64_t low = t->start[0][d] * q->image[1] + t->start[1][h];
  int64_t high = (t->end[0][d] - 1) * q->image[1] + t->end[1][h] - 1;
  return low < image.last && high >= image.first;
}

static void POOL_FN(max)(const tri_pool *q, int64_t begin, int64_t end) {
  tri_pool_windows t = tri_pool_windows_of(q);
  for (int64_t unit = begin; unit < end; unit++) {
    const POOL_FN(part) map = POOL_FN(part_of)(q, unit, q->map[0] * q->map[1]);
    const POOL_T *x = (const POOL_T *)q->x + map.plane * POOL_FN(image_size)(q);
    POOL_T *y = (POOL_T *)q->y + map.plane * POOL_FN(map_size)(q);
    int64_t *indices = q->indices + map.plane * POOL_FN(map_size)(q);
    POOL_EACH(q, map.first, map.last, {
      int64_t best = (t.start[0][d] * q->image[1] + t.start[1][h]) * q->image[2] + t.start[2][w];
      POOL_T most = (POOL_T)-__builtin_inf();
      POOL_WINDOW(q, if (x[place] > most || x[place] != x[place]) {
        most = x[place];
        best = place;
      })
      y[o] = most;
      indices[o] = best;
    })
  }
}

static void POOL_FN(average)(const tri_pool *q, int64_t begin, int64_t end) {
  tri_pool_windows t = tri_pool_windows_of(q);
  for (int64_t unit = begin; unit < end; unit++) {
    const POOL_FN(part) map = POOL_FN(part_of)(q, unit, q->map[0] * q->map[1]);
    const POOL_T *x = (const POOL_T *)q->x + map.plane * POOL_FN(image_size)(q);
    POOL_T *y = (POOL_T *)q->y + map.plane * POOL_FN(map_size)(q);
    POOL_EACH(q, map.first, map.last, {
      POOL_T sum = 0;
      POOL_WINDOW(q, sum = sum + x[place];)
      y[o] = POOL_FN(sees)(&t, at) ? sum / POOL_FN(divisor)(q, &t, at) : 0;
    })
  }
}

static void POOL_FN(spread)(const tri_pool *q, int64_t begin, int64_t end) {
  tri_pool_windows t = tri_pool_windows_of(q);
  for (int64_t unit = begin; unit < end; unit++) {
    const POOL_FN(part) image = POOL_FN(part_of)(q, unit, q->image[0] * q->image[1]);
    POOL_T *x = (POOL_T *)q->x + image.plane * POOL_FN(image_size)(q);
    const POOL_T *y = (const POOL_T *)q->y + image.plane * POOL_FN(map_size)(q);
    const int64_t low = image.first * q->image[2], high = image.last * q->image[2];
    for (int64_t i = low; i < high; i++) x[i] = 0;
    for (int64_t row = 0; row < q->map[0] * q->map[1]; row++) {
      if (!POOL_FN(reaches)(q, &t, row, image)) continue;
      POOL_EACH(q, row, row + 1, if (POOL_FN(sees)(&t, at)) {
        POOL_T part = y[o] / POOL_FN(divisor)(q, &t, at);
        POOL_WINDOW(q, if (place >= low && place < high) x[place] = x[place] + part;)
      })
    }
  }
}

static void POOL_FN(gather)(const tri_pool *q, int64_t begin, int64_t end) {
  for (int64_t unit = begin; unit < end; unit++) {
    const POOL_FN(part) map = POOL_FN(part_of)(q, unit, q->map[0] * q->map[1]);
    const POOL_T *x = (const POOL_T *)q->x + map.plane * POOL_FN(image_size)(q);
    int64_t first = map.plane * POOL_FN(map_size)(q);
    POOL_T *y = (POOL_T *)q->y + first;
    for (int64_t o = map.first * q->map[2]; o < map.last * q->map[2]; o++) y[o] = x[q->indices[first + o]];
  }
}

static void POOL_FN(scatter)(const tri_pool *q, int64_t begin, int64_t end) {
  tri_pool_windows t = tri_pool_windows_of(q);
  for (int64_t unit = begin; unit < end; unit++) {
    const POOL_FN(part) image = POOL_FN(part_of)(q, unit, q->image[0] * q->image[1]);
    POOL_T *x = (POOL_T *)q->x + image.plane * POOL_FN(image_size)(q);
    int64_t first = image.plane * POOL_FN(map_size)(q);
    const POOL_T *y = (const POOL_T *)q->y + first;
    const int64_t low = image.first * q->image[2], high = image.last * q->image[2];
    for (int64_t i = low; i < high; i++) x[i] = 0;
    for (int64_t row = 0; row < q->map[0] * q->map[1]; row++) {
      /* An element taken lies in its window, or, of a window without elements, where that would begin. */
      if (q->pieces > 1 && !POOL_FN(reaches)(q, &t, row, image)) continue;
      for (int64_t o = row * q->map[2]; o < (row + 1) * q->map[2]; o++) {
        const int64_t place = q->indices[first + o];
        if (place >= low && place < high) x[place] = x[place] + y[o];
      }
    }
  }
}

#undef POOL_EACH
#undef POOL_WINDOW
