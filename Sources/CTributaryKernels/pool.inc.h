/* Pooling: included once by each path. */

typedef struct {
  const int64_t *start[3], *end[3], *extent[3];
} tri_pool_windows;

TRI_INLINE tri_pool_windows tri_pool_windows_of(const tri_pool *q) {
  tri_pool_windows t;
  const int64_t *next = q->windows;
  for (int d = 0; d < 3; d++, next += 3 * q->map[d - 1]) {
    t.start[d] = next;
    t.end[d] = next + q->map[d];
    t.extent[d] = next + 2 * q->map[d];
  }
  return t;
}

#define POOL_T float
#define POOL_FN(name) tri_pool_##name##_f32
#include "pool_type.inc.h"
#undef POOL_T
#undef POOL_FN
#define POOL_T double
#define POOL_FN(name) tri_pool_##name##_f64
#include "pool_type.inc.h"
#undef POOL_T
#undef POOL_FN

#define TRI_POOL_ENTRY(name)                                                              \
  static void tri_pool_##name##_entry(const tri_pool *q, int64_t begin, int64_t end) {    \
    if (q->dtype == TRI_F32) tri_pool_##name##_f32(q, begin, end);                        \
    else if (q->dtype == TRI_F64) tri_pool_##name##_f64(q, begin, end);                   \
  }
TRI_POOL_ENTRY(max)
TRI_POOL_ENTRY(average)
TRI_POOL_ENTRY(spread)
TRI_POOL_ENTRY(gather)
TRI_POOL_ENTRY(scatter)
#undef TRI_POOL_ENTRY

#define TRI_POOL_TABLE                                                                             \
  {                                                                                                \
    .max = tri_pool_max_entry, .average = tri_pool_average_entry, .spread = tri_pool_spread_entry, \
    .gather = tri_pool_gather_entry, .scatter = tri_pool_scatter_entry                             \
  }
