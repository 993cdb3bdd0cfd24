/* random: included once by each path. Philox4x32-10 by Salmon, Moraes, Dror and Shaw (SC 2011), eight counters at
   a time: 32 words, in the order of the counters. Work is done in whole groups of 32 words; a range that begins or
   ends inside one takes its share of it, so that an element's bits do not depend on the range. */

/* Eight counters, each lane of `c` one 32-bit word. The multiplier takes the low half of a lane only, so the upper
   halves need no clearing in between. */
typedef struct tri_philox8 {
  tri_u64x8 c[4];
} tri_philox8;

TRI_INLINE tri_philox8 tri_philox_rounds(tri_philox8 s, uint32_t k0, uint32_t k1) {
  const tri_u64x8 low = (tri_u64x8)(uint64_t)0xffffffff;
  for (int round = 0; round < 10; round++) {
    tri_u64x8 p0 = (s.c[0] & low) * (uint64_t)0xD2511F53, p1 = (s.c[2] & low) * (uint64_t)0xCD9E8D57;
    tri_u64x8 c0 = (p1 >> 32) ^ s.c[1] ^ (uint64_t)k0, c2 = (p0 >> 32) ^ s.c[3] ^ (uint64_t)k1;
    s.c[0] = c0, s.c[1] = p1 & low, s.c[2] = c2, s.c[3] = p0 & low;
    k0 += 0x9E3779B9, k1 += 0xBB67AE85;
  }
  s.c[0] &= low, s.c[2] &= low;
  return s;
}

static void tri_philox_once(uint32_t *out, const uint32_t *counter, const uint32_t *key) {
  tri_philox8 s;
  for (int k = 0; k < 4; k++) s.c[k] = (tri_u64x8)(uint64_t)counter[k];
  s = tri_philox_rounds(s, key[0], key[1]);
  for (int k = 0; k < 4; k++) out[k] = (uint32_t)s.c[k][0];
}

/* The words of blocks 8 * group ..< 8 * group + 8 of a draw, two to a lane: first[j] holds words 2j and 2j + 1 (the
   even one low), second the next sixteen. */
TRI_INLINE void tri_philox_group(uint64_t group, uint64_t seed, uint64_t offset, tri_u64x8 *first, tri_u64x8 *second) {
  const tri_u64x8 block = (tri_u64x8)(group * 8) + (tri_u64x8){0, 1, 2, 3, 4, 5, 6, 7};
  tri_philox8 s = {{block & (uint64_t)0xffffffff, block >> 32, (tri_u64x8)(offset & 0xffffffff),
                    (tri_u64x8)(offset >> 32)}};
  s = tri_philox_rounds(s, (uint32_t)seed, (uint32_t)(seed >> 32));
  tri_u64x8 even = s.c[0] | s.c[1] << 32, odd = s.c[2] | s.c[3] << 32;
  *first = __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
  *second = __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}

/* Defines FUNCTION over groups: GROUP(to, group) writes PER elements of type E; the variables of the function's
   scope are open to it. */
#define TRI_FOR_GROUPS(E, PER, GROUP)                                                                  \
  {                                                                                                    \
    E *to = (E *)out;                                                                                  \
    for (int64_t at = begin; at < begin + n;) {                                                        \
      const int64_t group = at / (PER), skip = at % (PER);                                             \
      const int64_t left = begin + n - at, take = left < (PER) - skip ? left : (PER) - skip;           \
      if (take == (PER)) {                                                                             \
        { GROUP(to, (uint64_t)group); }                                                                 \
      } else {                                                                                         \
        E share[PER];                                                                                 \
        { GROUP(share, (uint64_t)group); }                                                               \
        __builtin_memcpy(to, share + skip, (size_t)take * sizeof(E));                                   \
      }                                                                                                \
      to += take, at += take;                                                                          \
    }                                                                                                  \
  }

/* low + u * span, below high: a sum that rounds up to it gives the number before. */
TRI_INLINE tri_f32x16 tri_spread_f32(tri_f32x16 u, tri_f32x16 low, tri_f32x16 span, tri_f32x16 last) {
  tri_f32x16 v = low + u * span;
  return v > last ? last : v;
}
TRI_INLINE tri_f64x8 tri_spread_f64(tri_f64x8 u, tri_f64x8 low, tri_f64x8 span, tri_f64x8 last) {
  tri_f64x8 v = low + u * span;
  return v > last ? last : v;
}

/* The largest number below a finite one; zero and the least range apart this is one step of the bits. */
TRI_INLINE float tri_before_f32(float v) {
  int32_t bits;
  if (v == 0) return -0x1p-149f;
  __builtin_memcpy(&bits, &v, sizeof bits);
  bits += v > 0 ? -1 : 1;
  __builtin_memcpy(&v, &bits, sizeof bits);
  return v;
}
TRI_INLINE double tri_before_f64(double v) {
  int64_t bits;
  if (v == 0) return -0x1p-1074;
  __builtin_memcpy(&bits, &v, sizeof bits);
  bits += v > 0 ? -1 : 1;
  __builtin_memcpy(&v, &bits, sizeof bits);
  return v;
}

static void tri_uniform_f32(void *out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset, double low,
                            double high) {
  const float bottom = (float)low, top = (float)high, before = top > bottom ? tri_before_f32(top) : bottom;
  const tri_f32x16 base = (tri_f32x16)bottom, span = (tri_f32x16)(top - bottom), last = (tri_f32x16)before;
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 first, second;                                                                             \
  tri_philox_group(NUMBER, seed, offset, &first, &second);                                             \
  tri_i32x16 w0 = (tri_i32x16)((tri_u32x16)first >> 8), w1 = (tri_i32x16)((tri_u32x16)second >> 8);    \
  tri_f32x16 u0 = __builtin_convertvector(w0, tri_f32x16) * 0x1p-24f;                                  \
  tri_f32x16 u1 = __builtin_convertvector(w1, tri_f32x16) * 0x1p-24f;                                  \
  tri_store_f32(TO, tri_spread_f32(u0, base, span, last));                                             \
  tri_store_f32((TO) + 16, tri_spread_f32(u1, base, span, last))
  TRI_FOR_GROUPS(float, 32, TRI_GROUP)
#undef TRI_GROUP
}

static void tri_uniform_f64(void *out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset, double low,
                            double high) {
  const double before = high > low ? tri_before_f64(high) : low;
  const tri_f64x8 base = (tri_f64x8)low, span = (tri_f64x8)(high - low), last = (tri_f64x8)before;
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 first, second;                                                                             \
  tri_philox_group(NUMBER, seed, offset, &first, &second);                                             \
  tri_f64x8 u0 = __builtin_convertvector((tri_i64x8)(first >> 11), tri_f64x8) * 0x1p-53;               \
  tri_f64x8 u1 = __builtin_convertvector((tri_i64x8)(second >> 11), tri_f64x8) * 0x1p-53;              \
  tri_store_f64(TO, tri_spread_f64(u0, base, span, last));                                             \
  tri_store_f64((TO) + 8, tri_spread_f64(u1, base, span, last))
  TRI_FOR_GROUPS(double, 16, TRI_GROUP)
#undef TRI_GROUP
}

#include "random_normal.inc.h"

/* One word an element; elements that the word chooses take the value `yes`, of the dtype's bits, others 0. */
#define TRI_CHOOSE(E, YES)                                                                             \
  {                                                                                                    \
    const E yes = (E)(YES);                                                                            \
    TRI_FOR_GROUPS(E, 32, TRI_GROUP)                                                                   \
  }
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 words[2];                                                                                  \
  tri_philox_group(NUMBER, seed, offset, &words[0], &words[1]);                                        \
  uint32_t word[32];                                                                                   \
  __builtin_memcpy(word, words, sizeof word);                                                          \
  for (int k = 0; k < 32; k++) (TO)[k] = word[k] < threshold ? yes : 0

static void tri_bernoulli(void *out, tri_dtype dtype, int64_t begin, int64_t n, uint64_t seed, uint64_t offset,
                          double p, double scale) {
  const uint64_t threshold = p > 0 ? (p < 1 ? (uint64_t)(p * 0x1p32) : (uint64_t)1 << 32) : 0;
  switch (dtype) {
  case TRI_F32: TRI_CHOOSE(float, scale) break;
  case TRI_F64: TRI_CHOOSE(double, scale) break;
  case TRI_I64: TRI_CHOOSE(int64_t, tri_whole_number(scale)) break;
  case TRI_I32: TRI_CHOOSE(int32_t, tri_bounded(scale, INT32_MIN, INT32_MAX)) break;
  case TRI_U8: TRI_CHOOSE(uint8_t, tri_whole_number(scale)) break;
  case TRI_F16: TRI_CHOOSE(uint16_t, tri_f16_of(tri_float_to_odd(scale))) break;
  case TRI_BF16: TRI_CHOOSE(uint16_t, tri_bf16_of(tri_float_to_odd(scale))) break;
  default: TRI_CHOOSE(uint8_t, scale != 0) break;
  }
}
#undef TRI_GROUP
#undef TRI_CHOOSE

/* Two words an element. A range of 2^64 has `span` 0 and takes the word as it is. */
#define TRI_GROUP(TO, NUMBER)                                                                          \
  tri_u64x8 words[2];                                                                                  \
  tri_philox_group(NUMBER, seed, offset, &words[0], &words[1]);                                        \
  uint64_t word[16];                                                                                   \
  __builtin_memcpy(word, words, sizeof word);                                                          \
  for (int k = 0; k < 16; k++) {                                                                       \
    uint64_t v = (uint64_t)low + (span ? (uint64_t)(((unsigned __int128)word[k] * span) >> 64) : word[k]); \
    (TO)[k] = TRI_AS((int64_t)v);                                                                      \
  }

static void tri_integers(void *out, tri_dtype dtype, int64_t begin, int64_t n, uint64_t seed, uint64_t offset,
                         int64_t low, int64_t high) {
  const uint64_t span = (uint64_t)high - (uint64_t)low;
  switch (dtype) {
#define TRI_AS(v) (float)(v)
  case TRI_F32: TRI_FOR_GROUPS(float, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) (double)(v)
  case TRI_F64: TRI_FOR_GROUPS(double, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) (v)
  case TRI_I64: TRI_FOR_GROUPS(int64_t, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) (int32_t)(v)
  case TRI_I32: TRI_FOR_GROUPS(int32_t, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) (uint8_t)(v)
  case TRI_U8: TRI_FOR_GROUPS(uint8_t, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) tri_f16_of(tri_float_to_odd(tri_double_to_odd(v)))
  case TRI_F16: TRI_FOR_GROUPS(uint16_t, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) tri_bf16_of(tri_float_to_odd(tri_double_to_odd(v)))
  case TRI_BF16: TRI_FOR_GROUPS(uint16_t, 16, TRI_GROUP) break;
#undef TRI_AS
#define TRI_AS(v) ((v) != 0)
  default: TRI_FOR_GROUPS(uint8_t, 16, TRI_GROUP) break;
#undef TRI_AS
  }
}
#undef TRI_GROUP

#define TRI_RANDOM_TABLE {           \
  .uniform_f32 = tri_uniform_f32,    \
  .uniform_f64 = tri_uniform_f64,    \
  .normal_f32 = tri_normal_f32,      \
  .normal_f64 = tri_normal_f64,      \
  .bernoulli = tri_bernoulli,        \
  .integers = tri_integers,          \
  .philox = tri_philox_once,         \
}
