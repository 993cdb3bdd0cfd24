/* float64: the error function, its complement, and GELU. */

/* erfc(b + b_low) = 2^n (y + low) for b >= 0, where square + square_low = (b + b_low)^2: returns y; |low| < 0.42 y.
   (1 + 9/8 b) e^(b^2) erfc(b) is a polynomial in t = (b - 4) / (b + 4), here of degree 24 by Chebyshev interpolation
   in mpmath for 0 <= b <= 28, error below 2^-61. The form is Shepherd and Laframboise's (Mathematics of Computation
   36, 1981) but for the factor: with their 1 + 2 b the function is steep at 0, where the roundings of t then cost
   5 ulp; 9/8 is nearly 2 / sqrt(pi) and makes it flat. The constant, 1 + 9/8 b, b^2 and the quotient are kept as
   high + low; one division serves both quotients. */
TRI_INLINE tri_f64x8 tri_erfc_parts_f64(
    tri_f64x8 b, tri_f64x8 b_low, tri_f64x8 square, tri_f64x8 square_low, tri_i64x8 *n, tri_f64x8 *low) {
  tri_f64x8 t, r = tri_exp_parts_f64(-square, n, &t);
  t = t - tri_fma_f64(square_low, r + t, square_low);
  tri_f64x8 d = tri_fmac_f64(b, tri_splat_f64(1.125), 1.0);
  tri_f64x8 d_low = tri_fma_f64(b, tri_splat_f64(1.125), 1.0 - d) + b_low * 1.125;
  tri_f64x8 b4 = b + 4.0;
  tri_f64x8 both = 1.0 / (d * b4);
  tri_f64x8 u = ((b - 4.0) * d) * both, inverse = b4 * both;
  tri_f64x8 p = tri_splat_f64(0x1.16421c17b3c31p-33);
  p = tri_fmac_f64(p, u, 0x1.217e529842cc6p-30);
  p = tri_fmac_f64(p, u, 0x1.3629be351a29ep-30);
  p = tri_fmac_f64(p, u, -0x1.1b914ec9298c0p-27);
  p = tri_fmac_f64(p, u, -0x1.96c7687f8798cp-27);
  p = tri_fmac_f64(p, u, 0x1.e6ad01796a82cp-25);
  p = tri_fmac_f64(p, u, 0x1.d36cf6b8c63f1p-25);
  p = tri_fmac_f64(p, u, -0x1.c66d357323f1cp-22);
  p = tri_fmac_f64(p, u, 0x1.55ef1b168105cp-25);
  p = tri_fmac_f64(p, u, 0x1.9720e4ef2932dp-19);
  p = tri_fmac_f64(p, u, -0x1.511ff465ebcacp-18);
  p = tri_fmac_f64(p, u, -0x1.e876947703225p-17);
  p = tri_fmac_f64(p, u, 0x1.39f844cbb7660p-14);
  p = tri_fmac_f64(p, u, -0x1.452bb00d9931ap-14);
  p = tri_fmac_f64(p, u, -0x1.c8efa1e3787eap-12);
  p = tri_fmac_f64(p, u, 0x1.452c05305ec85p-9);
  p = tri_fmac_f64(p, u, -0x1.e0b28826c7b3ap-8);
  p = tri_fmac_f64(p, u, 0x1.f4f0daa243b32p-7);
  p = tri_fmac_f64(p, u, -0x1.82f2f2981c9a7p-6);
  p = tri_fmac_f64(p, u, 0x1.9b7c27f766af3p-6);
  p = tri_fmac_f64(p, u, -0x1.2c4186336433dp-7);
  p = tri_fmac_f64(p, u, -0x1.12e8a665fb286p-5);
  p = tri_fmac_f64(p, u, 0x1.ab6160c8dc484p-4);
  p = tri_fmac_f64(p, u, -0x1.88f7ef80ff627p-3);
  p = p * u;
  tri_f64x8 top = p + 0x1.81ca5c6ac35d4p-1;
  tri_f64x8 top_low = (p - (top - 0x1.81ca5c6ac35d4p-1)) - 0x1.272b40f107191p-56;
  tri_f64x8 q = top * inverse;
  tri_f64x8 left = tri_fma_f64(-q, d_low, tri_fma_f64(-q, d, top) + top_low) * inverse;
  *low = tri_fma_f64(r, q, tri_fma_f64(t, q, tri_fma_f64(r, left, left)));
  return q;
}

TRI_INLINE tri_f64x8 tri_ldexp_f64(tri_f64x8 y, tri_i64x8 n) {
  tri_i64x8 half = tri_half_i64(n);
  return (y * tri_power2_f64(half)) * tri_power2_f64(n - half);
}

TRI_INLINE tri_f64x8 tri_erfc_positive_f64(tri_f64x8 a) {
  tri_f64x8 b = tri_at_most_f64(a, 28.0);
  tri_f64x8 square = b * b;
  tri_i64x8 n;
  tri_f64x8 low, y = tri_erfc_parts_f64(b, tri_splat_f64(0.0), square, tri_fma_f64(b, b, -square), &n, &low);
  return tri_ldexp_f64(y + low, n);
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

/* x Phi(x) = x erfc(-x / sqrt 2) / 2. For x < 0 the tail itself, whose exponent -x^2 / 2 is formed from x
   itself; for x > 0, x - x erfc(x / sqrt 2) / 2. */
TRI_INLINE tri_f64x8 tri_gelu_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 40.0);
  tri_f64x8 half = a * 0.5, square = half * a;
  tri_f64x8 b = a * 0x1.6a09e667f3bcdp-1;
  tri_f64x8 b_low = tri_fma_f64(a, tri_splat_f64(0x1.6a09e667f3bcdp-1), -b) - a * 0x1.bdd3413b26456p-55;
  tri_i64x8 n;
  tri_f64x8 low, y = tri_erfc_parts_f64(b, b_low, square, tri_fma_f64(half, a, -square), &n, &low);
  y = tri_ldexp_f64(-tri_fma_f64(half, y, low * half), n);
  return tri_keep_nan_f64(x, tri_pick_f64(x >= tri_splat_f64(0.0), x + y, y));
}

/* cdf(x) + x pdf(x) of the normal distribution, which at -x is 1 less that at x. */
TRI_INLINE tri_f64x8 tri_gelu_derivative_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 40.0);
  tri_f64x8 half = a * 0.5, square = half * a, square_low = tri_fma_f64(half, a, -square);
  tri_f64x8 b = a * 0x1.6a09e667f3bcdp-1;
  tri_f64x8 b_low = tri_fma_f64(a, tri_splat_f64(0x1.6a09e667f3bcdp-1), -b) - a * 0x1.bdd3413b26456p-55;
  tri_i64x8 n;
  tri_f64x8 low, tail = tri_erfc_parts_f64(b, b_low, square, square_low, &n, &low);
  tail = tri_ldexp_f64((tail + low) * 0.5, n);
  tri_f64x8 e = tri_exp_f64(-square);
  tri_f64x8 density = tri_fma_f64(e, -square_low, e) * 0x1.9884533d43651p-2;
  tri_f64x8 y = tri_fma_f64(-a, density, tail);
  return tri_keep_nan_f64(x, tri_pick_f64(x >= tri_splat_f64(0.0), 1.0 - y, y));
}
