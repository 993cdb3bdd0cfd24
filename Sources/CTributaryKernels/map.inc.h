/* The loop that every map shares, for templates. A template is a file that is included once for each kind of
   element K (f32, f64, i64, i32, u8), with these set:
     V  the vector, E  its element, L  its lanes, I  the vector of as wide signed integers (a comparison's type),
     B  the vector of as many signed bytes, KB  its kind for loads and stores
   and F(name) for tri_name_K. TRI_HALVES defines, beside the map of float32, those of halves; for other kinds nothing. */

#include "scalar.inc.h"
#include "half.inc.h"

#define TRI_OF_KIND_NAMED(a, b) a##_##b
#define TRI_OF_KIND(a, b) TRI_OF_KIND_NAMED(a, b)
#define F(name) TRI_OF_KIND(tri_##name, K)
#define FB(name) TRI_OF_KIND(tri_##name, KB)

#define TRI_MAP_ARGUMENTS                                                                              \
  void *out, const void *a, const void *b, const void *c, int64_t n, uint32_t broadcast, const double *param

#include "half_map.inc.h"

/* How many bytes ahead a function's input is asked for: the processor sees few elements of it at a time. */
#define TRI_PREFETCHED 1024

/* Defines tri_map_<op>_K: out = EXPR of x, y, z (as many as INPUTS) and p, q, the splats of the scalars P and Q,
   which may read `param`. A repeated input is spread over a vector on the stack, read with step 0: one loop
   serves every mask, and the last lanes go through the same arithmetic as all others. */
#define TRI_MAP(OP, INPUTS, P, Q, EXPR) TRI_MAP_STORED(OP, INPUTS, P, Q, EXPR, 0)
#define TRI_MAP_STORED(OP, INPUTS, P, Q, EXPR, STREAMS)                                                \
  TRI_INLINE V F(op_##OP)(V x, V y, V z, V p, V q, const double *param) {                              \
    (void)x, (void)y, (void)z, (void)p, (void)q, (void)param;                                          \
    return EXPR;                                                                                       \
  }                                                                                                    \
  static void F(map_##OP)(TRI_MAP_ARGUMENTS) {                                                         \
    (void)param;                                                                                       \
    const V p = F(splat)(P), q = F(splat)(Q);                                                          \
    V repeated[3];                                                                                     \
    const E *from[3] = {(const E *)a, (const E *)b, (const E *)c};                                     \
    int64_t step[3] = {L, L, L};                                                                       \
    if (__builtin_expect(broadcast != 0, 0)) {                                                         \
      for (int k = 0; k < INPUTS; k++) {                                                               \
        if (!(broadcast >> k & 1)) continue;                                                           \
        repeated[k] = F(splat)(*from[k]);                                                              \
        from[k] = (const E *)&repeated[k];                                                             \
        step[k] = 0;                                                                                   \
      }                                                                                                \
    }                                                                                                  \
    const E *x = from[0], *y = from[1], *z = from[2];                                                  \
    E *to = (E *)out;                                                                                  \
    if (STREAMS && (broadcast & TRI_STREAMED)) {                                                       \
      for (; n >= L; n -= L, to += L, x += step[0]) {                                                  \
        if (INPUTS == 1) __builtin_prefetch(x + TRI_PREFETCHED / sizeof(E));                           \
        V result = F(op_##OP)(F(load)(x), INPUTS > 1 ? F(load)(y) : p, p, p, q, param);                \
        __builtin_nontemporal_store(result, (V *)to);                                                  \
        if (INPUTS > 1) y += step[1];                                                                  \
      }                                                                                                \
    }                                                                                                  \
    for (; n >= L; n -= L) {                                                                           \
      F(store)(to, F(op_##OP)(F(load)(x), INPUTS > 1 ? F(load)(y) : p, INPUTS > 2 ? F(load)(z) : p,    \
                              p, q, param));                                                           \
      to += L, x += step[0];                                                                           \
      if (INPUTS > 1) y += step[1];                                                                    \
      if (INPUTS > 2) z += step[2];                                                                    \
    }                                                                                                  \
    if (n > 0)                                                                                         \
      F(store_part)(to, F(op_##OP)(F(load_part)(x, n), INPUTS > 1 ? F(load_part)(y, n) : p,            \
                                   INPUTS > 2 ? F(load_part)(z, n) : p, p, q, param), n);              \
  }                                                                                                    \
  TRI_HALVES(OP, INPUTS, 0)

/* Of one input, with arithmetic that takes about as long as memory, and of two with little: arithmetic and the reading of
   two streams hide behind one another where results are stored past the caches one by one, which they do not where blocks
   are computed and copied in turn (an addition on Zen 5: 47 GB/s in blocks, 57 one by one). A function of one input asks
   ahead for it; beside a second stream that gained nothing. */
#define TRI_MAP_FUNCTION(OP, EXPR) TRI_MAP_STORED(OP, 1, (E)0, (E)0, EXPR, 1)
#define TRI_MAP_ARITHMETIC(OP, EXPR) TRI_MAP_STORED(OP, 2, (E)0, (E)0, EXPR, 1)
#define TRI_MAP1(OP, EXPR) TRI_MAP(OP, 1, (E)0, (E)0, EXPR)
#define TRI_MAP2(OP, EXPR) TRI_MAP(OP, 2, (E)0, (E)0, EXPR)
#define TRI_MAP3(OP, EXPR) TRI_MAP(OP, 3, (E)0, (E)0, EXPR)

/* Defines tri_map_<op>_K with a result of bools: EXPR is a comparison of x (and y). */
#define TRI_MAP_TO_BOOL(OP, INPUTS, EXPR)                                                              \
  TRI_INLINE B F(op_##OP)(V x, V y) {                                                                  \
    (void)x, (void)y;                                                                                  \
    return __builtin_convertvector((I)(EXPR), B) & 1;                                                  \
  }                                                                                                    \
  static void F(map_##OP)(TRI_MAP_ARGUMENTS) {                                                         \
    (void)c, (void)param;                                                                              \
    V repeated[2];                                                                                     \
    const E *from[2] = {(const E *)a, (const E *)b};                                                   \
    int64_t step[2] = {L, L};                                                                          \
    if (__builtin_expect(broadcast != 0, 0)) {                                                         \
      for (int k = 0; k < INPUTS; k++) {                                                               \
        if (!(broadcast >> k & 1)) continue;                                                           \
        repeated[k] = F(splat)(*from[k]);                                                              \
        from[k] = (const E *)&repeated[k];                                                             \
        step[k] = 0;                                                                                   \
      }                                                                                                \
    }                                                                                                  \
    const E *x = from[0], *y = from[1];                                                                \
    uint8_t *to = (uint8_t *)out;                                                                      \
    for (; n >= L; n -= L) {                                                                           \
      B r = F(op_##OP)(F(load)(x), INPUTS > 1 ? F(load)(y) : F(load)(x));                              \
      __builtin_memcpy(to, &r, L);                                                                     \
      to += L, x += step[0];                                                                           \
      if (INPUTS > 1) y += step[1];                                                                    \
    }                                                                                                  \
    if (n > 0) {                                                                                       \
      V part = F(load_part)(x, n);                                                                     \
      B r = F(op_##OP)(part, INPUTS > 1 ? F(load_part)(y, n) : part);                                  \
      tri_copy_bytes(to, &r, n);                                                                       \
    }                                                                                                  \
  }                                                                                                    \
  TRI_HALVES(OP, INPUTS, 1)
