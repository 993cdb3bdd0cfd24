/* The inverse error function, float64 and float32. */

/* erfinv(1 - c) for 0 < c <= 1/2, to 2^-32.9 relatively: t N(t) / D(t) with t = sqrt(-log(c)), degrees 6 and 5, for
   c >= 2^-53; linearised least squares in mpmath. */
TRI_INLINE tri_f64x8 tri_erfinv_tail_f64(tri_f64x8 minus_log) {
  tri_f64x8 t = __builtin_elementwise_sqrt(minus_log);
  tri_f64x8 p = tri_splat_f64(0x1.0dcf24e0483ap-2);
  p = tri_fmac_f64(p, t, 0x1.46df7aa42361fp1);
  p = tri_fmac_f64(p, t, 0x1.19ea76e3f59efp2);
  p = tri_fmac_f64(p, t, 0x1.f7e7e4ced854p0);
  p = tri_fmac_f64(p, t, 0x1.3059d4a0b6e7ap0);
  p = tri_fmac_f64(p, t, -0x1.338d6db2c02f3p-4);
  p = tri_fmac_f64(p, t, 0x1.0e47552a9922p-7);
  tri_f64x8 q = tri_splat_f64(0x1.0dbf3fa9a31b7p-2);
  q = tri_fmac_f64(q, t, 0x1.47852899a4921p1);
  q = tri_fmac_f64(q, t, 0x1.3ade0fe5bfaf5p2);
  q = tri_fmac_f64(q, t, 0x1.1d2e6d6fff988p2);
  q = tri_fmac_f64(q, t, 0x1.7fceb88922ec5p1);
  q = tri_fmac_f64(q, t, 1.0);
  return p / q;
}

/* |x| < 9/16: x (c + x^2 P(x^2)), c = sqrt(pi) / 2 in two parts, P of degree 16, error below 2^-66. Else one step of
   Newton's from the tail: with E = erfc(y) = c (1 + h), y + h e^(y^2) E sqrt(pi) / 2, where the parts of erfc are
   E / 2^n = scaled + low, scaled = e^(y^2) E. */
TRI_INLINE tri_f64x8 tri_erfinv_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), z = a * a;
  tri_f64x8 p = tri_splat_f64(0x1.301e6e20c9679p-2);
  p = tri_fmac_f64(p, z, -0x1.0dd402e63952fp-1);
  p = tri_fmac_f64(p, z, 0x1.11613f046ecd7p-1);
  p = tri_fmac_f64(p, z, -0x1.2c483aca3b0d8p-2);
  p = tri_fmac_f64(p, z, 0x1.2e23d20270855p-3);
  p = tri_fmac_f64(p, z, -0x1.246f93466efc2p-6);
  p = tri_fmac_f64(p, z, 0x1.fddd7916835d5p-6);
  p = tri_fmac_f64(p, z, 0x1.82e1da6aa2c5ap-6);
  p = tri_fmac_f64(p, z, 0x1.cd4bfab8313f4p-6);
  p = tri_fmac_f64(p, z, 0x1.0376e5072780ep-5);
  p = tri_fmac_f64(p, z, 0x1.2abcdf2c80f3ep-5);
  p = tri_fmac_f64(p, z, 0x1.5eeb01617e099p-5);
  p = tri_fmac_f64(p, z, 0x1.a7c85d728145fp-5);
  p = tri_fmac_f64(p, z, 0x1.0a13189a07ef6p-4);
  p = tri_fmac_f64(p, z, 0x1.62847c47e4bbdp-4);
  p = tri_fmac_f64(p, z, 0x1.053c2c0ab917ep-3);
  p = tri_fmac_f64(p, z, 0x1.db29fb2fee5e4p-3);
  const tri_f64x8 top = tri_splat_f64(0x1.c5bf891b4ef6bp-1);
  tri_f64x8 small = a * top;
  small = small + tri_fma_f64(a, tri_fmac_f64(p, z, -0x1.618f13eb7ca89p-55), tri_fma_f64(a, top, -small));

  tri_f64x8 c = tri_at_least_f64(tri_at_most_f64(1.0 - a, 0.5), 0x1p-53);
  tri_f64x8 y = tri_erfinv_tail_f64(-tri_log_f64(c));
  tri_f64x8 square = y * y;
  tri_i64x8 n;
  tri_f64x8 low, scaled = tri_erfc_parts_f64(y, tri_splat_f64(0.0), square, tri_fma_f64(y, y, -square), &n, &low);
  c = c * tri_power2_f64(-n);
  y = tri_fma_f64((((scaled - c) + low) / c) * scaled, top, y);

  y = tri_or_sign_f64(tri_pick_f64(a < tri_splat_f64(0.5625), small, y), x);
  y = tri_pick_f64(a == tri_splat_f64(1.0), tri_or_sign_f64(tri_splat_f64(__builtin_inf()), x), y);
  y = tri_pick_f64(a > tri_splat_f64(1.0), tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}

/* Up to 1/2 P of degree 7, error below 2^-38; from there the tail as it is. */
TRI_INLINE tri_f64x8 tri_narrow_erfinv(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), z = a * a;
  tri_f64x8 p = tri_splat_f64(0x1.83f2233aab86cp-4);
  p = tri_fmac_f64(p, z, 0x1.d7c86a927ba3bp-11);
  p = tri_fmac_f64(p, z, 0x1.af2b01d59d423p-5);
  p = tri_fmac_f64(p, z, 0x1.9b6db01e8d02bp-5);
  p = tri_fmac_f64(p, z, 0x1.0a9e69cb7baaap-4);
  p = tri_fmac_f64(p, z, 0x1.627dc28ad5844p-4);
  p = tri_fmac_f64(p, z, 0x1.053c400d5d8c1p-3);
  p = tri_fmac_f64(p, z, 0x1.db29fb073105bp-3);
  p = tri_fmac_f64(p, z, 0x1.c5bf891b4ef6bp-1);
  tri_f64x8 c = tri_at_least_f64(tri_at_most_f64(1.0 - a, 0.5), 0x1p-53);
  tri_f64x8 y = tri_erfinv_tail_f64(-tri_narrow_log(c));
  return tri_or_sign_f64(tri_pick_f64(a < tri_splat_f64(0.5), a * p, y), x);
}
TRI_WIDEN_FINITE(erfinv, -1.0f, 1.0f)
