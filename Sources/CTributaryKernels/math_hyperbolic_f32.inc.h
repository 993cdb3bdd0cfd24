/* float32: hyperbolic functions and their inverses, by way of float64 lanes. */

/* |x| < 0.5: x + x^3 P(x^2), P of degree 3, error below 2^-44. */
TRI_INLINE tri_f64x8 tri_narrow_sinh(tri_f64x8 x) {
  tri_f64x8 e = tri_narrow_exp(tri_at_most_f64(tri_abs_f64(x), 100.0)) * 0.5;
  tri_f64x8 z = x * x;
  tri_f64x8 p = tri_splat_f64(0x1.73eda26be7f1bp-19);
  p = tri_fmac_f64(p, z, 0x1.a018443d70ed8p-13);
  p = tri_fmac_f64(p, z, 0x1.111111a597c14p-7);
  p = tri_fmac_f64(p, z, 0x1.55555555176e7p-3);
  tri_f64x8 large = tri_or_sign_f64(e - 0.25 / e, x);
  return tri_pick_f64(tri_abs_f64(x) < tri_splat_f64(0.5), tri_fma_f64(x * z, p, x), large);
}
TRI_INLINE tri_f64x8 tri_narrow_cosh(tri_f64x8 x) {
  tri_f64x8 e = tri_narrow_exp(tri_at_most_f64(tri_abs_f64(x), 100.0)) * 0.5;
  return e + 0.25 / e;
}

/* Beside 0, where 1 + u has lost the low bits of u, two terms of the series do. */
TRI_INLINE tri_f64x8 tri_narrow_asinh(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), z = a * a;
  tri_f64x8 y = tri_narrow_log((a + z / (__builtin_elementwise_sqrt(z + 1.0) + 1.0)) + 1.0);
  tri_f64x8 small = tri_fma_f64(a * z, tri_splat_f64(-0x1.5555555555555p-3), a);
  return tri_or_sign_f64(tri_pick_f64(a < tri_splat_f64(0x1p-10), small, y), x);
}
TRI_INLINE tri_f64x8 tri_narrow_acosh(tri_f64x8 x) {
  tri_f64x8 z = x - 1.0;
  return tri_narrow_log((__builtin_elementwise_sqrt(tri_fma_f64(z, z, z + z)) + z) + 1.0);
}
TRI_INLINE tri_f64x8 tri_narrow_atanh(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), z = a * a;
  tri_f64x8 y = tri_narrow_log((a + 1.0) / (1.0 - a)) * 0.5;
  tri_f64x8 small = tri_fma_f64(a * z, tri_splat_f64(0x1.5555555555555p-2), a);
  return tri_or_sign_f64(tri_pick_f64(a < tri_splat_f64(0x1p-10), small, y), x);
}

TRI_WIDEN(sinh)
TRI_WIDEN(cosh)

#define TRI_WIDEN_FINITE(name, LEAST, MOST)                                                    \
  TRI_INLINE tri_f32x16 tri_##name##_f32(tri_f32x16 x) {                                       \
    tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);                                  \
    wide.lo = tri_narrow_##name(wide.lo);                                                      \
    wide.hi = tri_narrow_##name(wide.hi);                                                      \
    tri_f32x16 y = __builtin_convertvector(wide, tri_f32x16);                                  \
    y = tri_pick_f32(tri_abs_f32(x) == tri_splat_f32(MOST), tri_or_sign_f32(tri_splat_f32(__builtin_inff()), x), y); \
    y = tri_pick_f32((x < tri_splat_f32(LEAST)) | (x > tri_splat_f32(MOST)), tri_splat_f32(__builtin_nanf("")), y);  \
    return tri_keep_nan_f32(x, y);                                                             \
  }
/* Where the function ends, and where it is infinite. */
TRI_WIDEN_FINITE(asinh, -__builtin_inff(), __builtin_inff())
TRI_WIDEN_FINITE(acosh, 1.0f, __builtin_inff())
TRI_WIDEN_FINITE(atanh, -1.0f, 1.0f)
