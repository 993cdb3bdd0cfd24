/* Normal numbers by Box and Muller ("A note on the generation of random normal deviates", 1958): from one word w the
   radius sqrt(-2 log((w + 1/2) / 2^b)), from the next the angle. The angle is a binary fraction of a turn: its
   quadrant is exact, and so is the rest, in [-1/8, 1/8) of a turn, but that in float32 it is rounded to 24 bits; sine
   and cosine of the rest are their Taylor polynomials, good to the last bit there. */

TRI_INLINE tri_f32x16 tri_sine_f32(tri_f32x16 x) {
  const tri_f32x16 s = x * x;
  tri_f32x16 t = tri_fma_f32(s, (tri_f32x16)(float)(1.0 / 362880), (tri_f32x16)(float)(-1.0 / 5040));
  t = tri_fma_f32(t, s, (tri_f32x16)(float)(1.0 / 120));
  t = tri_fma_f32(t, s, (tri_f32x16)(float)(-1.0 / 6));
  return tri_fma_f32(t * s, x, x);
}
TRI_INLINE tri_f32x16 tri_cosine_f32(tri_f32x16 x) {
  const tri_f32x16 s = x * x;
  tri_f32x16 t = tri_fma_f32(s, (tri_f32x16)(float)(-1.0 / 3628800), (tri_f32x16)(float)(1.0 / 40320));
  t = tri_fma_f32(t, s, (tri_f32x16)(float)(-1.0 / 720));
  t = tri_fma_f32(t, s, (tri_f32x16)(float)(1.0 / 24));
  t = tri_fma_f32(t, s, (tri_f32x16)-0.5f);
  return tri_fma_f32(t, s, (tri_f32x16)1.0f);
}
TRI_INLINE tri_f64x8 tri_sine_f64(tri_f64x8 x) {
  const tri_f64x8 s = x * x;
  tri_f64x8 t = tri_fma_f64(s, (tri_f64x8)(1.0 / 355687428096000), (tri_f64x8)(-1.0 / 1307674368000));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 6227020800));
  t = tri_fma_f64(t, s, (tri_f64x8)(-1.0 / 39916800));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 362880));
  t = tri_fma_f64(t, s, (tri_f64x8)(-1.0 / 5040));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 120));
  t = tri_fma_f64(t, s, (tri_f64x8)(-1.0 / 6));
  return tri_fma_f64(t * s, x, x);
}
TRI_INLINE tri_f64x8 tri_cosine_f64(tri_f64x8 x) {
  const tri_f64x8 s = x * x;
  tri_f64x8 t = tri_fma_f64(s, (tri_f64x8)(1.0 / 20922789888000), (tri_f64x8)(-1.0 / 87178291200));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 479001600));
  t = tri_fma_f64(t, s, (tri_f64x8)(-1.0 / 3628800));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 40320));
  t = tri_fma_f64(t, s, (tri_f64x8)(-1.0 / 720));
  t = tri_fma_f64(t, s, (tri_f64x8)(1.0 / 24));
  t = tri_fma_f64(t, s, (tri_f64x8)-0.5);
  return tri_fma_f64(t, s, (tri_f64x8)1.0);
}

/* The quadrant turns (c, s) by a right angle each time. */
#define TRI_DEFINE_PAIR(K, V, I)                                                                       \
  TRI_INLINE void tri_normal_pair_##K(V radius, I quadrant, V rest, V *first, V *second) {             \
    V c = tri_cosine_##K(rest), s = tri_sine_##K(rest);                                                \
    I swap = (quadrant & 1) != 0;                                                                      \
    V x = swap ? s : c, y = swap ? c : s;                                                              \
    x = ((quadrant + 1) & 2) != 0 ? -x : x;                                                            \
    y = (quadrant & 2) != 0 ? -y : y;                                                                  \
    *first = radius * x, *second = radius * y;                                                         \
  }
TRI_DEFINE_PAIR(f32, tri_f32x16, tri_i32x16)
TRI_DEFINE_PAIR(f64, tri_f64x8, tri_i64x8)
#undef TRI_DEFINE_PAIR

static void tri_normal_f32(void *out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset, double mean,
                           double std) {
  const tri_f32x16 shift = (tri_f32x16)(float)mean, scale = (tri_f32x16)(float)std;
/* Sixteen pairs: the even words give the radius, the odd ones the angle. The radius word loses a bit, so that its
   conversion is one rounding on every instruction set. */
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 lo, hi;                                                                                    \
  tri_philox_group(NUMBER, seed, offset, &lo, &hi);                                                    \
  tri_u32x16 w0 = (tri_u32x16)lo, w1 = (tri_u32x16)hi;                                                 \
  tri_u32x16 r = __builtin_shufflevector(w0, w1, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30); \
  tri_u32x16 a = __builtin_shufflevector(w0, w1, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31); \
  tri_f32x16 u = __builtin_convertvector((tri_i32x16)(r >> 1), tri_f32x16);                            \
  u = tri_fma_f32(u, (tri_f32x16)0x1p-31f, (tri_f32x16)0x1p-32f);                                      \
  tri_f32x16 radius = tri_sqrt_f32(tri_log_f32(u > 1.0f ? (tri_f32x16)1.0f : u) * -2.0f);              \
  tri_u32x16 quadrant = (a + 0x20000000u) >> 30;                                                       \
  tri_f32x16 rest = __builtin_convertvector((tri_i32x16)(a - (quadrant << 30)), tri_f32x16) *          \
                    (float)(6.28318530717958647692 * 0x1p-32);                                         \
  tri_f32x16 x, y;                                                                                     \
  tri_normal_pair_f32(radius, (tri_i32x16)quadrant, rest, &x, &y);                                     \
  x = shift + scale * x, y = shift + scale * y;                                                        \
  tri_store_f32(TO, __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)); \
  tri_store_f32((TO) + 16,                                                                             \
                __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31))
  TRI_FOR_GROUPS(float, 32, TRI_GROUP)
#undef TRI_GROUP
}

static void tri_normal_f64(void *out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset, double mean,
                           double std) {
  const tri_f64x8 shift = (tri_f64x8)mean, scale = (tri_f64x8)std;
/* Eight pairs, of 52 bits for the radius and 51 for the rest of the angle: all conversions are exact. */
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 lo, hi;                                                                                    \
  tri_philox_group(NUMBER, seed, offset, &lo, &hi);                                                    \
  tri_u64x8 r = __builtin_shufflevector(lo, hi, 0, 2, 4, 6, 8, 10, 12, 14);                            \
  tri_u64x8 a = __builtin_shufflevector(lo, hi, 1, 3, 5, 7, 9, 11, 13, 15);                            \
  tri_f64x8 u = (__builtin_convertvector((tri_i64x8)(r >> 12), tri_f64x8) + 0.5) * 0x1p-52;            \
  tri_f64x8 radius = tri_sqrt_f64(tri_log_f64(u) * -2.0);                                              \
  tri_u64x8 quadrant = (a + 0x2000000000000000u) >> 62;                                                \
  tri_i64x8 part = (tri_i64x8)(a - (quadrant << 62)) >> 11;                                            \
  tri_f64x8 rest = __builtin_convertvector(part, tri_f64x8) * (6.28318530717958647692 * 0x1p-53);      \
  tri_f64x8 x, y;                                                                                      \
  tri_normal_pair_f64(radius, (tri_i64x8)quadrant, rest, &x, &y);                                      \
  x = shift + scale * x, y = shift + scale * y;                                                        \
  tri_store_f64(TO, __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11));                          \
  tri_store_f64((TO) + 8, __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15))
  TRI_FOR_GROUPS(double, 16, TRI_GROUP)
#undef TRI_GROUP
}
