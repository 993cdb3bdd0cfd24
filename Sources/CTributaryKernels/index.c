#include <string.h>

#include "CTributaryKernels.h"

#pragma STDC FP_CONTRACT OFF

typedef struct {
  int64_t index, x, part;
} offsets;

static offsets offsets_of(const tri_index_problem *q, int64_t outer) {
  offsets at = {0, 0, 0};
  for (int32_t d = q->rank - 1; d >= 0; d--) {
    int64_t i = outer % q->outer[d];
    outer /= q->outer[d];
    at.index += i * q->index_outer[d];
    at.x += i * q->x_outer[d];
    at.part += i * q->part_outer[d];
  }
  return at;
}

tri_index_problem tri_index_at(const tri_index_problem *q, int32_t size, int64_t outer) {
  tri_index_problem one = *q;
  const offsets at = offsets_of(q, outer);
  one.rank = 0;
  one.index = q->index + at.index;
  one.x = (char *)q->x + at.x * size;
  one.part = (char *)q->part + at.part * size;
  return one;
}

/* Position p of n, negative ones from the end; -1: out of range. */
static inline int64_t position(int64_t p, int64_t n) {
  if ((uint64_t)p < (uint64_t)n) return p;
  if (p < 0 && p >= -n) return p + n;
  return -1;
}

/* One body for each type: `each` sees the element of x as *to or *from and that of the part as v. Where the index does not
   change along j it is read once for a run of elements. */
#define WALK(E, statement, run)                                                                              \
  _Bool fits = 1;                                                                                            \
  for (int64_t o = r->outer_begin; o < r->outer_end; o++) {                                                  \
    const offsets at = offsets_of(q, o);                                                                     \
    const int64_t *index = q->index + at.index, n = q->positions;                                            \
    E *x = (E *)q->x + at.x, *part = (E *)q->part + at.part;                                                 \
    if (q->index_inner == 0 && r->inner_end - r->inner_begin > 1) {                                          \
      for (int64_t k = r->begin; k < r->end; k++) {                                                          \
        const int64_t p = position(index[k * q->index_step], n), count = r->inner_end - r->inner_begin;      \
        if (p < 0) { fits = 0; continue; }                                                                   \
        E *xs = x + p * q->x_step + r->inner_begin * q->x_inner;                                             \
        E *vs = part + k * q->part_step + r->inner_begin * q->part_inner;                                    \
        run                                                                                                  \
      }                                                                                                      \
    } else if (r->inner_end - r->inner_begin == 1) {                                                         \
      x += r->inner_begin * q->x_inner, part += r->inner_begin * q->part_inner;                              \
      index += r->inner_begin * q->index_inner;                                                              \
      for (int64_t k = r->begin; k < r->end; k++) {                                                          \
        const int64_t p = position(index[k * q->index_step], n);                                             \
        if (p < 0) { fits = 0; continue; }                                                                   \
        E *e = x + p * q->x_step, *v = part + k * q->part_step;                                              \
        statement                                                                                            \
      }                                                                                                      \
    } else {                                                                                                 \
      for (int64_t k = r->begin; k < r->end; k++)                                                            \
        for (int64_t j = r->inner_begin; j < r->inner_end; j++) {                                            \
          const int64_t p = position(index[k * q->index_step + j * q->index_inner], n);                      \
          if (p < 0) { fits = 0; continue; }                                                                 \
          E *e = x + p * q->x_step + j * q->x_inner, *v = part + k * q->part_step + j * q->part_inner;       \
          statement                                                                                          \
        }                                                                                                    \
    }                                                                                                        \
  }                                                                                                          \
  return fits;

#define COPY_RUN(to, to_step, from, from_step, E)                                                            \
  if (to_step == 1 && from_step == 1) memcpy(to, from, (size_t)count * sizeof(E));                           \
  else for (int64_t j = 0; j < count; j++) to[j * to_step] = from[j * from_step];

#define TAKE(E)                                                                                              \
  static _Bool take_##E(const tri_index_problem *q, const tri_index_range *r) {                              \
    WALK(E, *v = *e;, COPY_RUN(vs, q->part_inner, xs, q->x_inner, E))                                        \
  }                                                                                                          \
  static _Bool set_##E(const tri_index_problem *q, const tri_index_range *r) {                               \
    WALK(E, *e = *v;, COPY_RUN(xs, q->x_inner, vs, q->part_inner, E))                                        \
  }                                                                                                          \
  static void move_##E(const tri_index_problem *q, const tri_index_line *line, int64_t chunk, int64_t *places, \
                       uint32_t *offsets, E *values) {                                                       \
    const E *part = (const E *)q->part;                                                                      \
    int64_t begin = chunk * line->chunk, end = begin + line->chunk < q->m ? begin + line->chunk : q->m;      \
    for (int64_t k = begin; k < end; k++) {                                                                  \
      int64_t p = position(q->index[k * q->index_step], q->positions);                                       \
      int64_t to = places[p >> line->shift]++;                                                               \
      offsets[to] = (uint32_t)(p & (((int64_t)1 << line->shift) - 1));                                       \
      values[to] = part[k * q->part_step];                                                                   \
    }                                                                                                        \
  }                                                                                                          \
  static void line_set_##E(E *x, int64_t step, int64_t count, const uint32_t *offsets, const E *values) {    \
    for (int64_t k = 0; k < count; k++) x[(int64_t)offsets[k] * step] = values[k];                           \
  }
TAKE(uint8_t)
TAKE(uint16_t)
TAKE(uint32_t)
TAKE(uint64_t)

#define PUT(name, E, EXPRESSION)                                                                             \
  static inline E name##_value(E a, E b) { return (E)(EXPRESSION); }                                         \
  static _Bool name(const tri_index_problem *q, const tri_index_range *r) {                                  \
    const int64_t xj = q->x_inner, vj = q->part_inner;                                                       \
    WALK(E, *e = name##_value(*e, *v);,                                                                      \
         if (xj == 1 && vj == 1) for (int64_t j = 0; j < count; j++) xs[j] = name##_value(xs[j], vs[j]);     \
         else for (int64_t j = 0; j < count; j++) xs[j * xj] = name##_value(xs[j * xj], vs[j * vj]);)        \
  }                                                                                                          \
  static void line_##name(E *x, int64_t step, int64_t count, const uint32_t *offsets, const E *values) {     \
    for (int64_t k = 0; k < count; k++)                                                                      \
      x[(int64_t)offsets[k] * step] = name##_value(x[(int64_t)offsets[k] * step], values[k]);                \
  }

#define FLOAT_PUTS(E)                                             \
  PUT(add_##E, E, a + b)                                          \
  PUT(mul_##E, E, a * b)                                          \
  PUT(max_##E, E, ((b > a) | (b != b)) ? b : a)                     \
  PUT(min_##E, E, ((b < a) | (b != b)) ? b : a)
#define WHOLE_PUTS(E, U)                                          \
  PUT(add_##E, E, (U)a + (U)b)                                    \
  PUT(mul_##E, E, (U)((U)1 * (U)a) * (U)b)                        \
  PUT(max_##E, E, b > a ? b : a)                                  \
  PUT(min_##E, E, b < a ? b : a)
FLOAT_PUTS(float)
FLOAT_PUTS(double)
WHOLE_PUTS(int64_t, uint64_t)
WHOLE_PUTS(int32_t, uint32_t)
WHOLE_PUTS(uint8_t, uint32_t)
PUT(or_bool, uint8_t, a | b)
PUT(and_bool, uint8_t, a & b)

_Bool tri_index_take(const tri_index_problem *q, int32_t size, const tri_index_range *r) {
  return size == 1   ? take_uint8_t(q, r)
         : size == 2 ? take_uint16_t(q, r)
         : size == 4 ? take_uint32_t(q, r)
                     : take_uint64_t(q, r);
}

typedef _Bool (*put_fn)(const tri_index_problem *, const tri_index_range *);

_Bool tri_index_put(const tri_index_problem *q, tri_dtype dtype, tri_put_op op, const tri_index_range *r) {
  static const put_fn table[4][TRI_DTYPE_COUNT] = {
      {add_float, add_double, add_int64_t, add_int32_t, add_uint8_t, or_bool},
      {mul_float, mul_double, mul_int64_t, mul_int32_t, mul_uint8_t, and_bool},
      {max_float, max_double, max_int64_t, max_int32_t, max_uint8_t, max_uint8_t},
      {min_float, min_double, min_int64_t, min_int32_t, min_uint8_t, min_uint8_t}};
  if (op != TRI_PUT_SET) return table[op - 1][dtype] ? table[op - 1][dtype](q, r) : 0;
  int32_t size = tri_dtype_size(dtype);
  return size == 1   ? set_uint8_t(q, r)
         : size == 2 ? set_uint16_t(q, r)
         : size == 4 ? set_uint32_t(q, r)
                     : set_uint64_t(q, r);
}

/* -- One long line ---------------------------------------------------------------------------------- */

tri_index_line tri_index_line_plan(const tri_index_problem *q) {
  /* A bucket's elements stay in the second cache; more buckets than so would each be written to too seldom. */
  tri_index_line line = {.shift = 14, .chunk = (int64_t)1 << 16};
  while (line.shift < 31 && q->positions >> line.shift >= 256) line.shift++;
  line.buckets = ((q->positions - 1) >> line.shift) + 1;
  while (q->m / line.chunk >= 1024) line.chunk *= 2;
  line.chunks = (q->m + line.chunk - 1) / line.chunk;
  return line;
}

_Bool tri_index_line_count(const tri_index_problem *q, const tri_index_line *line, int64_t chunk, int64_t *counts) {
  int64_t *count = counts + chunk * line->buckets;
  memset(count, 0, (size_t)line->buckets * sizeof *count);
  int64_t begin = chunk * line->chunk, end = begin + line->chunk < q->m ? begin + line->chunk : q->m;
  for (int64_t k = begin; k < end; k++) {
    int64_t p = position(q->index[k * q->index_step], q->positions);
    if (p < 0) return 0;
    count[p >> line->shift]++;
  }
  return 1;
}

void tri_index_line_places(const tri_index_line *line, int64_t *counts, int64_t *ends) {
  int64_t place = 0;
  for (int64_t b = 0; b < line->buckets; b++) {
    for (int64_t c = 0; c < line->chunks; c++) {
      int64_t own = counts[c * line->buckets + b];
      counts[c * line->buckets + b] = place;
      place += own;
    }
    ends[b] = place;
  }
}

void tri_index_line_move(const tri_index_problem *q, const tri_index_line *line, int32_t size, int64_t chunk,
                         int64_t *places, uint32_t *offsets, void *values) {
  places += chunk * line->buckets;
  if (size == 1) move_uint8_t(q, line, chunk, places, offsets, values);
  else if (size == 2) move_uint16_t(q, line, chunk, places, offsets, values);
  else if (size == 4) move_uint32_t(q, line, chunk, places, offsets, values);
  else move_uint64_t(q, line, chunk, places, offsets, values);
}

#define LINE(E, name) name((E *)x, step, count, offsets, (const E *)values); break
#define LINE_OPS(E, add, mul, max, min)                     \
  switch (op) {                                             \
  case TRI_PUT_ADD: LINE(E, line_##add);                    \
  case TRI_PUT_MUL: LINE(E, line_##mul);                    \
  case TRI_PUT_MAX: LINE(E, line_##max);                    \
  default: LINE(E, line_##min);                             \
  }                                                         \
  break

void tri_index_line_put(const tri_index_problem *q, const tri_index_line *line, tri_dtype dtype, tri_put_op op,
                        int64_t bucket, const int64_t *ends, const uint32_t *offsets, const void *values) {
  int64_t size = tri_dtype_size(dtype), first = bucket ? ends[bucket - 1] : 0, count = ends[bucket] - first;
  int64_t step = q->x_step;
  char *x = (char *)q->x + (bucket << line->shift) * step * size;
  values = (const char *)values + first * size;
  offsets += first;
  if (op == TRI_PUT_SET) {
    if (size == 1) line_set_uint8_t((uint8_t *)x, step, count, offsets, (const uint8_t *)values);
    else if (size == 2) line_set_uint16_t((uint16_t *)(void *)x, step, count, offsets, (const uint16_t *)values);
    else if (size == 4) line_set_uint32_t((uint32_t *)(void *)x, step, count, offsets, (const uint32_t *)values);
    else line_set_uint64_t((uint64_t *)(void *)x, step, count, offsets, (const uint64_t *)values);
    return;
  }
  void *to = x;
#define x to
  switch (dtype) {
  case TRI_F32: LINE_OPS(float, add_float, mul_float, max_float, min_float);
  case TRI_F64: LINE_OPS(double, add_double, mul_double, max_double, min_double);
  case TRI_I64: LINE_OPS(int64_t, add_int64_t, mul_int64_t, max_int64_t, min_int64_t);
  case TRI_I32: LINE_OPS(int32_t, add_int32_t, mul_int32_t, max_int32_t, min_int32_t);
  case TRI_U8: LINE_OPS(uint8_t, add_uint8_t, mul_uint8_t, max_uint8_t, min_uint8_t);
  case TRI_F16:
  case TRI_BF16: break;
  default: LINE_OPS(uint8_t, or_bool, and_bool, max_uint8_t, min_uint8_t);
  }
#undef x
}

/* -- Searching -------------------------------------------------------------------------------------- */

/* Halves without a branch on what was found. */
#define SEARCH(E, BEFORE)                                                                            \
  {                                                                                                  \
    const E *rows = (const E *)sorted, *value = (const E *)values;                                   \
    for (int64_t i = begin; i < end; i++) {                                                          \
      const E *row = rows + i / per_row * stride, v = value[i];                                      \
      int64_t low = 0, count = n;                                                                    \
      while (count > 0) {                                                                            \
        int64_t half = count / 2;                                                                    \
        E a = row[low + half];                                                                       \
        int before = BEFORE;                                                                         \
        low = before ? low + half + 1 : low;                                                         \
        count = before ? count - half - 1 : half;                                                    \
      }                                                                                              \
      out[i] = low;                                                                                  \
    }                                                                                                \
  }
#define SEARCHES(E)               \
  if (right) SEARCH(E, a <= v)    \
  else SEARCH(E, a < v)           \
  break
#define FLOAT_SEARCHES(E)                              \
  if (right) SEARCH(E, (a <= v) | (v != v))            \
  else SEARCH(E, (a < v) | ((v != v) & (a == a)))      \
  break

void tri_search_sorted(tri_dtype dtype, const void *sorted, int64_t n, int64_t stride, const void *values,
                       int64_t per_row, int64_t begin, int64_t end, _Bool right, int64_t *out) {
  switch (dtype) {
  case TRI_F32: FLOAT_SEARCHES(float);
  case TRI_F64: FLOAT_SEARCHES(double);
  case TRI_I64: SEARCHES(int64_t);
  case TRI_I32: SEARCHES(int32_t);
  case TRI_F16:
  case TRI_BF16: break;
  default: SEARCHES(uint8_t);
  }
}
