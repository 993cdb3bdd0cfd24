/* float64: the error function, its complement, and GELU. */

/* erfc(b) = 2^n y for b >= 0, where square + square_low = b^2 (|x|^2 / 2 for GELU): returns y.
   (1 + 2 b) e^(b^2) erfc(b) is a polynomial in t = (b - 4) / (b + 4) (Shepherd and Laframboise, Mathematics of
   Computation 36, 1981), here of degree 24 by Chebyshev interpolation in mpmath for 0 <= b <= 28, error below
   2^-57. Its constant, 1 + 2 b, b^2 and the quotient are kept as high + low; one division serves both quotients. */
TRI_INLINE tri_f64x8 tri_erfc_parts_f64(tri_f64x8 b, tri_f64x8 square, tri_f64x8 square_low, tri_i64x8 *n) {
  tri_f64x8 t, r = tri_exp_parts_f64(-square, n, &t);
  t = t - tri_fma_f64(square_low, r + t, square_low);
  tri_f64x8 d = tri_fmac_f64(b, tri_splat_f64(2.0), 1.0);
  tri_f64x8 d_low = tri_fma_f64(b, tri_splat_f64(2.0), 1.0 - d);
  tri_f64x8 b4 = b + 4.0;
  tri_f64x8 both = 1.0 / (d * b4);
  tri_f64x8 u = ((b - 4.0) * d) * both, inverse = b4 * both;
  tri_f64x8 p = tri_splat_f64(0x1.35179661948d6p-32);
  p = tri_fmac_f64(p, u, 0x1.1d0b4d2c6c875p-29);
  p = tri_fmac_f64(p, u, 0x1.d122d02aedf64p-30);
  p = tri_fmac_f64(p, u, -0x1.1bd9635aa5a3bp-26);
  p = tri_fmac_f64(p, u, -0x1.478c0b932e643p-26);
  p = tri_fmac_f64(p, u, 0x1.e610dfc23d728p-24);
  p = tri_fmac_f64(p, u, 0x1.4a82108b76819p-24);
  p = tri_fmac_f64(p, u, -0x1.bc5bdbbb7edc3p-21);
  p = tri_fmac_f64(p, u, 0x1.393b560e7ee54p-22);
  p = tri_fmac_f64(p, u, 0x1.7f3db9633e6b2p-18);
  p = tri_fmac_f64(p, u, -0x1.7883299fe4754p-17);
  p = tri_fmac_f64(p, u, -0x1.995b0b20b413ep-16);
  p = tri_fmac_f64(p, u, 0x1.3be0355b55f77p-13);
  p = tri_fmac_f64(p, u, -0x1.a1df18a16d7f6p-13);
  p = tri_fmac_f64(p, u, -0x1.8d4a99803a681p-11);
  p = tri_fmac_f64(p, u, 0x1.49c6727728060p-8);
  p = tri_fmac_f64(p, u, -0x1.096238857a98bp-6);
  p = tri_fmac_f64(p, u, 0x1.3079edf6ae439p-5);
  p = tri_fmac_f64(p, u, -0x1.0fb06dfe4760cp-4);
  p = tri_fmac_f64(p, u, 0x1.7fee004e1137dp-4);
  p = tri_fmac_f64(p, u, -0x1.9ddb23c3e91f5p-4);
  p = tri_fmac_f64(p, u, 0x1.16ecefcfa5402p-4);
  p = tri_fmac_f64(p, u, 0x1.f7f5df66fd7dcp-7);
  p = tri_fmac_f64(p, u, -0x1.1df1ad154a28fp-3);
  p = p * u;
  tri_f64x8 top = p + 0x1.3ba5916e9fd7fp0;
  tri_f64x8 top_low = (p - (top - 0x1.3ba5916e9fd7fp0)) - 0x1.abbbf0009143dp-55;
  tri_f64x8 q = top * inverse;
  tri_f64x8 left = tri_fma_f64(-q, d_low, tri_fma_f64(-q, d, top) + top_low) * inverse;
  return q + tri_fma_f64(r, q, tri_fma_f64(t, q, tri_fma_f64(r, left, left)));
}

TRI_INLINE tri_f64x8 tri_ldexp_f64(tri_f64x8 y, tri_i64x8 n) {
  tri_i64x8 half = tri_half_i64(n);
  return (y * tri_power2_f64(half)) * tri_power2_f64(n - half);
}

TRI_INLINE tri_f64x8 tri_erfc_positive_f64(tri_f64x8 a) {
  tri_f64x8 b = tri_at_most_f64(a, 28.0);
  tri_f64x8 square = b * b;
  tri_i64x8 n;
  tri_f64x8 y = tri_erfc_parts_f64(b, square, tri_fma_f64(b, b, -square), &n);
  return tri_ldexp_f64(y, n);
}

TRI_INLINE tri_f64x8 tri_erfc_f64(tri_f64x8 x) {
  tri_f64x8 y = tri_erfc_positive_f64(tri_abs_f64(x));
  return tri_keep_nan_f64(x, tri_pick_f64(x < tri_splat_f64(0.0), 2.0 - y, y));
}

/* |x| < 1: x + x P(x^2), P of degree 12 (Sollya, fpminimax), error below 2^-56.3; else 1 - erfc. */
TRI_INLINE tri_f64x8 tri_erf_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), z = a * a;
  tri_f64x8 p = tri_splat_f64(0x1.25ec3cb74ee9fp-34);
  p = tri_fmac_f64(p, z, -0x1.452ac54ffba4cp-30);
  p = tri_fmac_f64(p, z, 0x1.fc0d5c2f2905ap-27);
  p = tri_fmac_f64(p, z, -0x1.5f8e4d2412c71p-23);
  p = tri_fmac_f64(p, z, 0x1.b9ed71fb0fe73p-20);
  p = tri_fmac_f64(p, z, -0x1.f4d31d85b4f84p-17);
  p = tri_fmac_f64(p, z, 0x1.f9a3342152cf7p-14);
  p = tri_fmac_f64(p, z, -0x1.c02db49229b1fp-11);
  p = tri_fmac_f64(p, z, 0x1.565bcd126d6edp-8);
  p = tri_fmac_f64(p, z, -0x1.b82ce312ab0a3p-6);
  p = tri_fmac_f64(p, z, 0x1.ce2f21a04360fp-4);
  p = tri_fmac_f64(p, z, -0x1.812746b0379fdp-2);
  p = tri_fmac_f64(p, z, 0x1.06eba8214db69p-3);
  tri_f64x8 small = tri_fma_f64(a, p, a);
  tri_f64x8 y = tri_pick_f64(a < tri_splat_f64(1.0), small, 1.0 - tri_erfc_positive_f64(a));
  return tri_keep_nan_f64(x, tri_or_sign_f64(y, x));
}

/* x Phi(x) = x erfc(-x / sqrt 2) / 2. For x < 0 the tail itself, whose exponent -x^2 / 2 is formed from x (the
   argument x / sqrt 2 is rounded, and enters only where that does no harm); for x > 0, x - x erfc(x / sqrt 2) / 2. */
TRI_INLINE tri_f64x8 tri_gelu_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 40.0);
  tri_f64x8 half = a * 0.5, square = half * a;
  tri_i64x8 n;
  tri_f64x8 y = tri_erfc_parts_f64(a * 0x1.6a09e667f3bcdp-1, square, tri_fma_f64(half, a, -square), &n);
  y = tri_ldexp_f64(y * -half, n);
  return tri_keep_nan_f64(x, tri_pick_f64(x >= tri_splat_f64(0.0), x + y, y));
}
