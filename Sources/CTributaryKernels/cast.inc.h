/* Casts between all dtypes, sixteen lanes at a time. C leaves a floating-point number that does not fit an
   integer undefined, and instruction sets differ on it: it is kept from the conversion and replaced after. */

TRI_INLINE tri_i32x16 tri_convert_f32_i32(tri_f32x16 v) {
  const tri_f32x16 bound = (tri_f32x16)0x1p31f;
  tri_i32x16 whole = __builtin_convertvector(((v >= -bound) & (v < bound)) ? v : (tri_f32x16)0.0f, tri_i32x16);
  return v >= bound ? (tri_i32x16)INT32_MAX : (v < -bound ? (tri_i32x16)INT32_MIN : whole);
}
TRI_INLINE tri_i32x16 tri_convert_f64_i32(tri_f64x16 v) {
  const tri_f64x16 most = (tri_f64x16)2147483647.0, least = (tri_f64x16)-2147483648.0;
  v = v == v ? v : (tri_f64x16)0.0;
  v = v > most ? most : v;
  return __builtin_convertvector(v < least ? least : v, tri_i32x16);
}
TRI_INLINE tri_i64x16 tri_convert_f64_i64(tri_f64x16 v) {
  const tri_f64x16 bound = (tri_f64x16)0x1p63;
  tri_i64x16 whole = __builtin_convertvector(((v >= -bound) & (v < bound)) ? v : (tri_f64x16)0.0, tri_i64x16);
  return v >= bound ? (tri_i64x16)INT64_MAX : (v < -bound ? (tri_i64x16)INT64_MIN : whole);
}
TRI_INLINE tri_i64x16 tri_convert_f32_i64(tri_f32x16 v) {
  return tri_convert_f64_i64(__builtin_convertvector(v, tri_f64x16));
}
TRI_INLINE tri_u8x16 tri_convert_f64_u8(tri_f64x16 v) {
  return __builtin_convertvector(tri_convert_f64_i64(v), tri_u8x16);
}
TRI_INLINE tri_u8x16 tri_convert_f32_u8(tri_f32x16 v) {
  return __builtin_convertvector(tri_convert_f32_i64(v), tri_u8x16);
}

#define TRI_CONVERT(A, VA, Z, VZ) \
  TRI_INLINE VZ tri_convert_##A##_##Z(VA v) { return __builtin_convertvector(v, VZ); }
TRI_CONVERT(f32, tri_f32x16, f32, tri_f32x16)
TRI_CONVERT(f32, tri_f32x16, f64, tri_f64x16)
TRI_CONVERT(f64, tri_f64x16, f32, tri_f32x16)
TRI_CONVERT(f64, tri_f64x16, f64, tri_f64x16)
TRI_CONVERT(i64, tri_i64x16, f32, tri_f32x16)
TRI_CONVERT(i64, tri_i64x16, f64, tri_f64x16)
TRI_CONVERT(i64, tri_i64x16, i64, tri_i64x16)
TRI_CONVERT(i64, tri_i64x16, i32, tri_i32x16)
TRI_CONVERT(i64, tri_i64x16, u8, tri_u8x16)
TRI_CONVERT(i32, tri_i32x16, f32, tri_f32x16)
TRI_CONVERT(i32, tri_i32x16, f64, tri_f64x16)
TRI_CONVERT(i32, tri_i32x16, i64, tri_i64x16)
TRI_CONVERT(i32, tri_i32x16, i32, tri_i32x16)
TRI_CONVERT(i32, tri_i32x16, u8, tri_u8x16)
TRI_CONVERT(u8, tri_u8x16, f32, tri_f32x16)
TRI_CONVERT(u8, tri_u8x16, f64, tri_f64x16)
TRI_CONVERT(u8, tri_u8x16, i64, tri_i64x16)
TRI_CONVERT(u8, tri_u8x16, i32, tri_i32x16)
TRI_CONVERT(u8, tri_u8x16, u8, tri_u8x16)
#undef TRI_CONVERT

#define TRI_CONVERT_TO_BOOL(A, VA, E)                                                       \
  TRI_INLINE tri_u8x16 tri_convert_##A##_bool(VA v) {                                       \
    return (tri_u8x16)(__builtin_convertvector(v != (VA)(E)0, tri_i8x16) & 1);              \
  }
TRI_CONVERT_TO_BOOL(f32, tri_f32x16, float)
TRI_CONVERT_TO_BOOL(f64, tri_f64x16, double)
TRI_CONVERT_TO_BOOL(i64, tri_i64x16, int64_t)
TRI_CONVERT_TO_BOOL(i32, tri_i32x16, int32_t)
TRI_CONVERT_TO_BOOL(u8, tri_u8x16, uint8_t)
#undef TRI_CONVERT_TO_BOOL

/* Through float32, which holds every half. */
#define TRI_CONVERT_HALF(H)                                                                                    \
  TRI_INLINE tri_u16x16 tri_convert_f32_##H(tri_f32x16 v) { return tri_round_##H(v); }                         \
  TRI_INLINE tri_u16x16 tri_convert_f64_##H(tri_f64x16 v) { return tri_round_##H(tri_f32_to_odd(v)); }         \
  TRI_INLINE tri_u16x16 tri_convert_i64_##H(tri_i64x16 v) { return tri_convert_f64_##H(tri_f64_to_odd(v)); }   \
  TRI_INLINE tri_u16x16 tri_convert_i32_##H(tri_i32x16 v) { return tri_convert_f64_##H(tri_convert_i32_f64(v)); } \
  TRI_INLINE tri_u16x16 tri_convert_u8_##H(tri_u8x16 v) { return tri_round_##H(tri_convert_u8_f32(v)); }       \
  TRI_INLINE tri_f32x16 tri_convert_##H##_f32(tri_u16x16 v) { return tri_widen_##H(v); }                       \
  TRI_INLINE tri_f64x16 tri_convert_##H##_f64(tri_u16x16 v) { return tri_convert_f32_f64(tri_widen_##H(v)); }  \
  TRI_INLINE tri_i64x16 tri_convert_##H##_i64(tri_u16x16 v) { return tri_convert_f32_i64(tri_widen_##H(v)); }  \
  TRI_INLINE tri_i32x16 tri_convert_##H##_i32(tri_u16x16 v) { return tri_convert_f32_i32(tri_widen_##H(v)); }  \
  TRI_INLINE tri_u8x16 tri_convert_##H##_u8(tri_u16x16 v) { return tri_convert_f32_u8(tri_widen_##H(v)); }     \
  TRI_INLINE tri_u8x16 tri_convert_##H##_bool(tri_u16x16 v) { return tri_convert_f32_bool(tri_widen_##H(v)); } \
  TRI_INLINE tri_u16x16 tri_convert_##H##_##H(tri_u16x16 v) { return v; }
TRI_CONVERT_HALF(f16)
TRI_CONVERT_HALF(bf16)
#undef TRI_CONVERT_HALF
TRI_INLINE tri_u16x16 tri_convert_f16_bf16(tri_u16x16 v) { return tri_round_bf16(tri_widen_f16(v)); }
TRI_INLINE tri_u16x16 tri_convert_bf16_f16(tri_u16x16 v) { return tri_round_f16(tri_widen_bf16(v)); }

/* A, its element and its kind of sixteen lanes; the same of the result Z. */
#define TRI_CAST(A, EA, KA, Z, EZ, KZ)                                                      \
  static void tri_cast_##A##_##Z(TRI_MAP_ARGUMENTS) {                                       \
    (void)b, (void)c, (void)param;                                                          \
    const EA *from = (const EA *)a;                                                         \
    EZ *to = (EZ *)out;                                                                     \
    EA repeated[16];                                                                        \
    int64_t step = 16;                                                                      \
    if (broadcast & TRI_BROADCAST_A) {                                                      \
      for (int k = 0; k < 16; k++) repeated[k] = *from;                                     \
      from = repeated, step = 0;                                                            \
    }                                                                                       \
    for (; n >= 16; n -= 16, from += step, to += 16)                                        \
      tri_store_##KZ(to, tri_convert_##A##_##Z(tri_load_##KA(from)));                       \
    if (n > 0) tri_store_part_##KZ(to, tri_convert_##A##_##Z(tri_load_part_##KA(from, n)), n); \
  }

#define TRI_CASTS_FROM(A, EA, KA)                      \
  TRI_CAST(A, EA, KA, f32, float, f32)                 \
  TRI_CAST(A, EA, KA, f64, double, f64x16)             \
  TRI_CAST(A, EA, KA, i64, int64_t, i64x16)            \
  TRI_CAST(A, EA, KA, i32, int32_t, i32)               \
  TRI_CAST(A, EA, KA, u8, uint8_t, u8x16)              \
  TRI_CAST(A, EA, KA, bool, uint8_t, u8x16)            \
  TRI_CAST(A, EA, KA, f16, uint16_t, u16x16)           \
  TRI_CAST(A, EA, KA, bf16, uint16_t, u16x16)
TRI_CASTS_FROM(f32, float, f32)
TRI_CASTS_FROM(f64, double, f64x16)
TRI_CASTS_FROM(i64, int64_t, i64x16)
TRI_CASTS_FROM(i32, int32_t, i32)
TRI_CASTS_FROM(u8, uint8_t, u8x16)
TRI_CASTS_FROM(f16, uint16_t, u16x16)
TRI_CASTS_FROM(bf16, uint16_t, u16x16)

#define TRI_CAST_ROW(A)                                                                                    \
  {tri_cast_##A##_f32, tri_cast_##A##_f64, tri_cast_##A##_i64,  tri_cast_##A##_i32, tri_cast_##A##_u8, \
   tri_cast_##A##_bool, tri_cast_##A##_f16, tri_cast_##A##_bf16}
