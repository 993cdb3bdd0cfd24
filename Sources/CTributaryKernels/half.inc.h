/* Halves: float16 and bfloat16 to float32 and back, sixteen lanes at a time, to the nearest, half to even. Every NaN is
   rounded to one; float16's become quiet as they are widened. By integer arithmetic, which leaves no instruction set a
   choice, or by F16C, whose one choice, what becomes of a NaN, is taken from it (AVX512-BF16 also makes subnormal numbers
   zeros). The same functions for single numbers stand in scalar.inc.h. */

TRI_INLINE tri_f32x16 tri_widen_bf16(tri_u16x16 h) {
  return (tri_f32x16)(__builtin_convertvector(h, tri_u32x16) << 16);
}

TRI_INLINE tri_u16x16 tri_round_bf16(tri_f32x16 v) {
  tri_u32x16 bits = (tri_u32x16)v, near = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  near = v == v ? near : (tri_u32x16)0x7fc0u;
  return __builtin_convertvector(near, tri_u16x16);
}

#if defined(TRI_HAS_AVX512) || defined(TRI_HAS_AVX2)

#if defined(TRI_HAS_AVX512)
TRI_INLINE tri_f32x16 tri_widen_f16(tri_u16x16 h) { return (tri_f32x16)_mm512_cvtph_ps((__m256i)h); }

TRI_INLINE tri_u16x16 tri_nearest_f16(tri_i32x16 v) {
  return (tri_u16x16)_mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
#else
TRI_INLINE tri_f32x16 tri_widen_f16(tri_u16x16 h) {
  __m256 wide[2] = {_mm256_cvtph_ps((__m128i)h.lo), _mm256_cvtph_ps((__m128i)h.hi)};
  tri_f32x16 v;
  __builtin_memcpy(&v, wide, sizeof v);
  return v;
}

TRI_INLINE tri_u16x16 tri_nearest_f16(tri_i32x16 v) {
  __m128i near[2] = {_mm256_cvtps_ph((__m256)v.lo, _MM_FROUND_TO_NEAREST_INT),
                     _mm256_cvtps_ph((__m256)v.hi, _MM_FROUND_TO_NEAREST_INT)};
  tri_u16x16 h;
  __builtin_memcpy(&h, near, sizeof h);
  return h;
}
#endif

/* The instruction leaves a NaN its sign and the front of its payload. */
TRI_INLINE tri_u16x16 tri_round_f16(tri_f32x16 v) {
  tri_i32x16 bits = (tri_i32x16)v;
  return tri_nearest_f16((bits & 0x7fffffff) > (tri_i32x16)0x7f800000 ? (tri_i32x16)0x7fc00000 : bits);
}

#else

TRI_INLINE tri_f32x16 tri_widen_f16(tri_u16x16 h) {
  tri_u32x16 word = __builtin_convertvector(h, tri_u32x16), exponent = word & 0x7c00u;
  tri_u32x16 normal = ((word & 0x7fffu) << 13) + (112u << 23), large = normal + (112u << 23);
  tri_u32x16 small = (tri_u32x16)((tri_f32x16)(normal + (1u << 23)) - (tri_f32x16)0x1p-14f);
  tri_u32x16 size = exponent == (tri_u32x16)0x7c00u ? large : normal;
  size = exponent == (tri_u32x16)0u ? small : size;
  size |= (tri_u32x16)((tri_i32x16)(word & 0x7fffu) > (tri_i32x16)0x7c00) & 0x400000u;
  return (tri_f32x16)(size | (word & 0x8000u) << 16);
}

TRI_INLINE tri_u16x16 tri_round_f16(tri_f32x16 v) {
  tri_i32x16 size = (tri_i32x16)v & 0x7fffffff;
  tri_u32x16 sign = (tri_u32x16)v >> 16 & 0x8000u, word = (tri_u32x16)size;
  tri_u32x16 normal = (word - (112u << 23) + 0xfffu + (word >> 13 & 1u)) >> 13;
  tri_u32x16 small = (tri_u32x16)((tri_f32x16)size + (tri_f32x16)0.5f) - 0x3f000000u;
  tri_u32x16 near = size < (tri_i32x16)(113 << 23) ? small : normal;
  near = (size >= (tri_i32x16)0x47800000 ? (tri_u32x16)0x7c00u : near) | sign;
  near = size > (tri_i32x16)0x7f800000 ? (tri_u32x16)0x7e00u : near;
  return __builtin_convertvector(near, tri_u16x16);
}

#endif

/* To odd, as tri_float_to_odd: what is rounded next is rounded as if from the number itself. */
TRI_INLINE tri_f32x16 tri_f32_to_odd(tri_f64x16 v) {
  tri_f32x16 near = __builtin_convertvector(v, tri_f32x16);
  tri_f64x16 back = __builtin_convertvector(near, tri_f64x16);
  tri_i64x16 above = ((tri_i64x16)back & INT64_MAX) > ((tri_i64x16)v & INT64_MAX), lost = back != v;
  tri_i32x16 bits = (tri_i32x16)near + __builtin_convertvector(above, tri_i32x16);
  return (tri_f32x16)(bits | (__builtin_convertvector(lost, tri_i32x16) & 1));
}

/* As tri_double_to_odd. No choice between the number and what is made of it: see tri_round_f32. */
TRI_INLINE tri_f64x16 tri_f64_to_odd(tri_i64x16 v) {
  const tri_i64x16 bound = (tri_i64x16)((int64_t)1 << 53);
  tri_i64x16 rest = ((v > bound) | (v < -bound)) & (int64_t)((1 << 30) - 1);
  tri_i64x16 lost = ((v & rest) != (tri_i64x16)(int64_t)0) & ((int64_t)1 << 30);
  return __builtin_convertvector((v & ~rest) | lost, tri_f64x16);
}

/* Rows of them. `brain`: bfloat16. */
TRI_INLINE void tri_widen_row(_Bool brain, float *to, const uint16_t *from, int64_t n) {
  if (brain) {
    for (; n >= 16; n -= 16, from += 16, to += 16) tri_store_f32(to, tri_widen_bf16(tri_load_u16x16(from)));
    if (n > 0) tri_store_part_f32(to, tri_widen_bf16(tri_load_part_u16x16(from, n)), n);
  } else {
    for (; n >= 16; n -= 16, from += 16, to += 16) tri_store_f32(to, tri_widen_f16(tri_load_u16x16(from)));
    if (n > 0) tri_store_part_f32(to, tri_widen_f16(tri_load_part_u16x16(from, n)), n);
  }
}

TRI_INLINE void tri_round_row(_Bool brain, uint16_t *to, const float *from, int64_t n) {
  if (brain) {
    for (; n >= 16; n -= 16, from += 16, to += 16) tri_store_u16x16(to, tri_round_bf16(tri_load_f32(from)));
    if (n > 0) tri_store_part_u16x16(to, tri_round_bf16(tri_load_part_f32(from, n)), n);
  } else {
    for (; n >= 16; n -= 16, from += 16, to += 16) tri_store_u16x16(to, tri_round_f16(tri_load_f32(from)));
    if (n > 0) tri_store_part_u16x16(to, tri_round_f16(tri_load_part_f32(from, n)), n);
  }
}
