/* Vectors of 64 bytes in the compiler's generic form: one body, whatever the register width. The compiler
   lowers them to one zmm, two ymm, or four SSE or NEON registers. Included once by each path.

   `x < y ? p : q` on these vectors selects lane by lane; a comparison gives lanes of -1 and 0 of the
   operands' width. The loads and stores take any alignment of the elements. */
#ifndef TRI_VECTOR_INC_H
#define TRI_VECTOR_INC_H

/* Every function that takes a vector is static, so no caller sees the convention that this warns about. */
#pragma clang diagnostic ignored "-Wpsabi"

#define TRI_INLINE static inline __attribute__((always_inline, unused))

typedef float tri_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t tri_i32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t tri_u32x16 __attribute__((ext_vector_type(16)));
typedef double tri_f64x8 __attribute__((ext_vector_type(8)));
typedef int64_t tri_i64x8 __attribute__((ext_vector_type(8)));
typedef uint64_t tri_u64x8 __attribute__((ext_vector_type(8)));
typedef uint8_t tri_u8x64 __attribute__((ext_vector_type(64)));
typedef int8_t tri_i8x64 __attribute__((ext_vector_type(64)));

/* As many bytes as lanes of the wider elements: booleans beside them, and casts (sixteen lanes of any dtype). */
typedef uint8_t tri_u8x16 __attribute__((ext_vector_type(16)));
typedef int8_t tri_i8x16 __attribute__((ext_vector_type(16)));
typedef uint8_t tri_u8x8 __attribute__((ext_vector_type(8)));
typedef int8_t tri_i8x8 __attribute__((ext_vector_type(8)));
typedef double tri_f64x16 __attribute__((ext_vector_type(16)));
typedef int64_t tri_i64x16 __attribute__((ext_vector_type(16)));

/* Halves: sixteen beside the float32 that they are widened to, and a whole vector of them, which is only moved. */
typedef uint16_t tri_u16x16 __attribute__((ext_vector_type(16)));
typedef int16_t tri_i16x32 __attribute__((ext_vector_type(32)));
typedef uint8_t tri_u8x32 __attribute__((ext_vector_type(32)));
typedef int8_t tri_i8x32 __attribute__((ext_vector_type(32)));

/* Bytes 0 ..< 8. */
TRI_INLINE void tri_copy_few_bytes(void *to, const void *from, int64_t count) {
  uint8_t *t = (uint8_t *)to;
  const uint8_t *f = (const uint8_t *)from;
  if (count & 4) __builtin_memcpy(t, f, 4), t += 4, f += 4;
  if (count & 2) __builtin_memcpy(t, f, 2), t += 2, f += 2;
  if (count & 1) *t = *f;
}

/* Fewer than 64 bytes, without the call that a memcpy of unknown size is. */
TRI_INLINE void tri_copy_bytes(void *to, const void *from, int64_t count) {
  int64_t done = 0;
  for (; done + 8 <= count; done += 8) __builtin_memcpy((uint8_t *)to + done, (const uint8_t *)from + done, 8);
  tri_copy_few_bytes((uint8_t *)to + done, (const uint8_t *)from + done, count - done);
}

/* tri_load_K(p), tri_store_K(p, v), tri_splat_K(s); and of the first `count` lanes alone, 0 <= count <= the
   number of lanes: tri_load_part_K(p, count), the other lanes 0, and tri_store_part_K(p, v, count). Nothing
   outside these lanes is read or written. */
#define TRI_DEFINE_MOVES(K, V, E)                                                      \
  TRI_INLINE V tri_load_##K(const void *p) {                                           \
    V v;                                                                               \
    __builtin_memcpy(&v, p, sizeof v);                                                 \
    return v;                                                                          \
  }                                                                                    \
  TRI_INLINE void tri_store_##K(void *p, V v) { __builtin_memcpy(p, &v, sizeof v); }   \
  TRI_INLINE V tri_splat_##K(E s) { return (V)s; }

#define TRI_DEFINE_PARTS_BY_BYTES(K, V, E)                                             \
  TRI_INLINE V tri_load_part_##K(const void *p, int64_t count) {                       \
    V v = (V)(E)0;                                                                     \
    tri_copy_bytes(&v, p, count * (int64_t)sizeof(E));                                 \
    return v;                                                                          \
  }                                                                                    \
  TRI_INLINE void tri_store_part_##K(void *p, V v, int64_t count) {                    \
    tri_copy_bytes(p, &v, count * (int64_t)sizeof(E));                                 \
  }

TRI_DEFINE_MOVES(f32, tri_f32x16, float)
TRI_DEFINE_MOVES(i32, tri_i32x16, int32_t)
TRI_DEFINE_MOVES(f64, tri_f64x8, double)
TRI_DEFINE_MOVES(i64, tri_i64x8, int64_t)
TRI_DEFINE_MOVES(u8, tri_u8x64, uint8_t)
TRI_DEFINE_MOVES(u8x16, tri_u8x16, uint8_t)
TRI_DEFINE_MOVES(u8x8, tri_u8x8, uint8_t)
TRI_DEFINE_MOVES(f64x16, tri_f64x16, double)
TRI_DEFINE_MOVES(i64x16, tri_i64x16, int64_t)
TRI_DEFINE_MOVES(u16x16, tri_u16x16, uint16_t)
TRI_DEFINE_MOVES(i16, tri_i16x32, int16_t)
TRI_DEFINE_MOVES(u8x32, tri_u8x32, uint8_t)

TRI_DEFINE_PARTS_BY_BYTES(u8x8, tri_u8x8, uint8_t)
TRI_DEFINE_PARTS_BY_BYTES(i16, tri_i16x32, int16_t)
TRI_DEFINE_PARTS_BY_BYTES(u8x32, tri_u8x32, uint8_t)

/* Masked moves carry no arithmetic: they may differ by path where bits may not. */
#if defined(TRI_HAS_AVX512)

#define TRI_DEFINE_PARTS(K, V, E, MASK, LOAD, STORE, R)                                \
  TRI_INLINE V tri_load_part_##K(const void *p, int64_t count) {                       \
    return (V)LOAD((MASK)__builtin_ia32_bzhi_di(~0ull, (uint64_t)count), p);           \
  }                                                                                    \
  TRI_INLINE void tri_store_part_##K(void *p, V v, int64_t count) {                    \
    STORE(p, (MASK)__builtin_ia32_bzhi_di(~0ull, (uint64_t)count), (R)v);              \
  }
TRI_DEFINE_PARTS(f32, tri_f32x16, float, __mmask16, _mm512_maskz_loadu_epi32, _mm512_mask_storeu_epi32, __m512i)
TRI_DEFINE_PARTS(i32, tri_i32x16, int32_t, __mmask16, _mm512_maskz_loadu_epi32, _mm512_mask_storeu_epi32, __m512i)
TRI_DEFINE_PARTS(f64, tri_f64x8, double, __mmask8, _mm512_maskz_loadu_epi64, _mm512_mask_storeu_epi64, __m512i)
TRI_DEFINE_PARTS(i64, tri_i64x8, int64_t, __mmask8, _mm512_maskz_loadu_epi64, _mm512_mask_storeu_epi64, __m512i)
TRI_DEFINE_PARTS(u8, tri_u8x64, uint8_t, __mmask64, _mm512_maskz_loadu_epi8, _mm512_mask_storeu_epi8, __m512i)
TRI_DEFINE_PARTS(u8x16, tri_u8x16, uint8_t, __mmask16, _mm_maskz_loadu_epi8, _mm_mask_storeu_epi8, __m128i)
TRI_DEFINE_PARTS(u16x16, tri_u16x16, uint16_t, __mmask16, _mm256_maskz_loadu_epi16, _mm256_mask_storeu_epi16, __m256i)
#undef TRI_DEFINE_PARTS

#elif defined(TRI_HAS_AVX2)

TRI_INLINE __m256i tri_mask_i32x8(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
TRI_INLINE __m256i tri_mask_i64x4(int64_t count) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3));
}
/* Two halves; the intrinsics read and write no lane that the mask leaves out. */
#define TRI_DEFINE_PARTS(K, V, E, C, HALF, MASK, LOAD, STORE)                          \
  TRI_INLINE V tri_load_part_##K(const void *p, int64_t count) {                       \
    __m256i halves[2] = {LOAD((const C *)p, MASK(count)),                              \
                         LOAD((const C *)p + HALF, MASK(count - HALF))};               \
    V v;                                                                               \
    __builtin_memcpy(&v, halves, sizeof v);                                            \
    return v;                                                                          \
  }                                                                                    \
  TRI_INLINE void tri_store_part_##K(void *p, V v, int64_t count) {                    \
    __m256i halves[2];                                                                 \
    __builtin_memcpy(halves, &v, sizeof v);                                            \
    STORE((C *)p, MASK(count), halves[0]);                                             \
    STORE((C *)p + HALF, MASK(count - HALF), halves[1]);                               \
  }
TRI_DEFINE_PARTS(f32, tri_f32x16, float, int, 8, tri_mask_i32x8, _mm256_maskload_epi32, _mm256_maskstore_epi32)
TRI_DEFINE_PARTS(i32, tri_i32x16, int32_t, int, 8, tri_mask_i32x8, _mm256_maskload_epi32, _mm256_maskstore_epi32)
TRI_DEFINE_PARTS(f64, tri_f64x8, double, long long, 4, tri_mask_i64x4, _mm256_maskload_epi64, _mm256_maskstore_epi64)
TRI_DEFINE_PARTS(i64, tri_i64x8, int64_t, long long, 4, tri_mask_i64x4, _mm256_maskload_epi64, _mm256_maskstore_epi64)
#undef TRI_DEFINE_PARTS
TRI_DEFINE_PARTS_BY_BYTES(u8, tri_u8x64, uint8_t)
TRI_DEFINE_PARTS_BY_BYTES(u8x16, tri_u8x16, uint8_t)
TRI_DEFINE_PARTS_BY_BYTES(u16x16, tri_u16x16, uint16_t)

#else

TRI_DEFINE_PARTS_BY_BYTES(f32, tri_f32x16, float)
TRI_DEFINE_PARTS_BY_BYTES(i32, tri_i32x16, int32_t)
TRI_DEFINE_PARTS_BY_BYTES(f64, tri_f64x8, double)
TRI_DEFINE_PARTS_BY_BYTES(i64, tri_i64x8, int64_t)
TRI_DEFINE_PARTS_BY_BYTES(u8, tri_u8x64, uint8_t)
TRI_DEFINE_PARTS_BY_BYTES(u8x16, tri_u8x16, uint8_t)
TRI_DEFINE_PARTS_BY_BYTES(u16x16, tri_u16x16, uint16_t)

#endif

/* Sixteen lanes of eight bytes are two vectors. */
#define TRI_DEFINE_PARTS_OF_TWO(K, V, HALF)                                            \
  TRI_INLINE V tri_load_part_##K##x16(const void *p, int64_t count) {                  \
    int64_t low = count < 8 ? count : 8;                                               \
    V v;                                                                               \
    v.lo = tri_load_part_##K(p, low);                                                  \
    v.hi = tri_load_part_##K((const HALF *)p + low, count - low);                      \
    return v;                                                                          \
  }                                                                                    \
  TRI_INLINE void tri_store_part_##K##x16(void *p, V v, int64_t count) {               \
    int64_t low = count < 8 ? count : 8;                                               \
    tri_store_part_##K(p, v.lo, low);                                                  \
    tri_store_part_##K((HALF *)p + low, v.hi, count - low);                            \
  }
TRI_DEFINE_PARTS_OF_TWO(f64, tri_f64x16, double)
TRI_DEFINE_PARTS_OF_TWO(i64, tri_i64x16, int64_t)

#undef TRI_DEFINE_MOVES
#undef TRI_DEFINE_PARTS_BY_BYTES
#undef TRI_DEFINE_PARTS_OF_TWO

TRI_INLINE tri_f32x16 tri_fma_f32(tri_f32x16 a, tri_f32x16 b, tri_f32x16 c) { return __builtin_elementwise_fma(a, b, c); }
TRI_INLINE tri_f64x8 tri_fma_f64(tri_f64x8 a, tri_f64x8 b, tri_f64x8 c) { return __builtin_elementwise_fma(a, b, c); }

/* The bits of a lane, reread. */
TRI_INLINE tri_i32x16 tri_bits_f32(tri_f32x16 v) { return (tri_i32x16)v; }
TRI_INLINE tri_i64x8 tri_bits_f64(tri_f64x8 v) { return (tri_i64x8)v; }
TRI_INLINE tri_f32x16 tri_from_bits_f32(tri_i32x16 v) { return (tri_f32x16)v; }
TRI_INLINE tri_f64x8 tri_from_bits_f64(tri_i64x8 v) { return (tri_f64x8)v; }

TRI_INLINE tri_f32x16 tri_abs_f32(tri_f32x16 v) { return (tri_f32x16)((tri_i32x16)v & 0x7fffffff); }
TRI_INLINE tri_f64x8 tri_abs_f64(tri_f64x8 v) { return (tri_f64x8)((tri_i64x8)v & 0x7fffffffffffffff); }

/* The magnitude of the first with the sign of the second. */
TRI_INLINE tri_f32x16 tri_copysign_f32(tri_f32x16 v, tri_f32x16 sign) {
  return (tri_f32x16)(((tri_i32x16)v & 0x7fffffff) | ((tri_i32x16)sign & INT32_MIN));
}
TRI_INLINE tri_f64x8 tri_copysign_f64(tri_f64x8 v, tri_f64x8 sign) {
  return (tri_f64x8)(((tri_i64x8)v & INT64_MAX) | ((tri_i64x8)sign & INT64_MIN));
}

/* To the nearest whole number, half to even, the zero keeping its sign: adding 2^23 (2^52) rounds the fraction
   away. The rounding instruction was not taken: below SSE4.1 it is a call to libm.
   The choice comes before the sign: clang 21 for AVX-512 merges `mask ? copysign(m, v) : v` into one masked
   vpternlog with its operands in the wrong order. */
TRI_INLINE tri_f32x16 tri_round_f32(tri_f32x16 v) {
  tri_f32x16 whole = tri_abs_f32(v), big = (tri_f32x16)0x1p23f;
  return tri_copysign_f32(whole < big ? (whole + big) - big : whole, v);
}
TRI_INLINE tri_f64x8 tri_round_f64(tri_f64x8 v) {
  tri_f64x8 whole = tri_abs_f64(v), big = (tri_f64x8)0x1p52;
  return tri_copysign_f64(whole < big ? (whole + big) - big : whole, v);
}

#endif
