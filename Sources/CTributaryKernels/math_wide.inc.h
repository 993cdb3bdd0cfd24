/* float32 functions by way of float64 lanes, rounded once at the end (0.5 ulp and a trace). */

#define TRI_WIDEN(name)                                                             \
  TRI_INLINE tri_f32x16 tri_##name##_f32(tri_f32x16 x) {                            \
    tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);                       \
    wide.lo = tri_##name##_f64(wide.lo);                                            \
    wide.hi = tri_##name##_f64(wide.hi);                                            \
    return tri_keep_nan_f32(x, __builtin_convertvector(wide, tri_f32x16));          \
  }
TRI_WIDEN(expm1)
TRI_WIDEN(log2)
TRI_WIDEN(log10)
TRI_WIDEN(erfc)
TRI_WIDEN(rsqrt)
TRI_WIDEN(sin)
TRI_WIDEN(cos)
TRI_WIDEN(gelu)
TRI_WIDEN(softplus)
#undef TRI_WIDEN

TRI_INLINE tri_f32x16 tri_sqrt_f32(tri_f32x16 x) {
  tri_f32x16 y = tri_pick_f32(x < tri_splat_f32(0.0f), tri_splat_f32(__builtin_nanf("")), __builtin_elementwise_sqrt(x));
  return tri_keep_nan_f32(x, y);
}

TRI_INLINE tri_f32x16 tri_pow_f32(tri_f32x16 x, tri_f32x16 y) {
  tri_f64x16 a = __builtin_convertvector(x, tri_f64x16), b = __builtin_convertvector(y, tri_f64x16);
  a.lo = tri_pow_f64(a.lo, b.lo);
  a.hi = tri_pow_f64(a.hi, b.hi);
  return __builtin_convertvector(a, tri_f32x16);
}
