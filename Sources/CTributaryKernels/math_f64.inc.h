/* float64: exponentials, logarithms, hyperbolic tangent, logistic, roots. The methods are those of the float32 file
   (Cody and Waite's reduction, sums kept as high + low), with polynomials by Sollya 8.0, fpminimax, to 2^-54 and
   better; the logarithm goes by s = f / (2 + f) and the series of atanh(s), as in fdlibm. */

TRI_INLINE tri_f64x8 tri_fmac_f64(tri_f64x8 a, tri_f64x8 b, double c) { return tri_fma_f64(a, b, (tri_f64x8)c); }
TRI_INLINE tri_f64x8 tri_pick_f64(tri_i64x8 mask, tri_f64x8 yes, tri_f64x8 no) {
  return (tri_f64x8)((mask & (tri_i64x8)yes) | (~mask & (tri_i64x8)no));
}
TRI_INLINE tri_f64x8 tri_or_sign_f64(tri_f64x8 x, tri_f64x8 of) {
  return (tri_f64x8)((tri_i64x8)x | ((tri_i64x8)of & (tri_i64x8)INT64_MIN));
}
TRI_INLINE tri_f64x8 tri_keep_nan_f64(tri_f64x8 x, tri_f64x8 y) {
  return tri_pick_f64(x != x, (tri_f64x8)((tri_i64x8)x | 0x0008000000000000), y);
}
TRI_INLINE tri_f64x8 tri_at_most_f64(tri_f64x8 x, double high) {
  return tri_pick_f64(x > (tri_f64x8)high, (tri_f64x8)high, x);
}
TRI_INLINE tri_f64x8 tri_at_least_f64(tri_f64x8 x, double low) {
  return tri_pick_f64(x < (tri_f64x8)low, (tri_f64x8)low, x);
}
TRI_INLINE tri_f64x8 tri_power2_f64(tri_i64x8 n) { return (tri_f64x8)(((tri_u64x8)n + 1023u) << 52); }
/* Floor of n / 2 for |n| < 4096: AVX2 has no arithmetic shift of 64 bits. */
TRI_INLINE tri_i64x8 tri_half_i64(tri_i64x8 n) {
  return (tri_i64x8)((((tri_u64x8)n + 4096u) >> 1) - 2048u);
}

/* e^x = 2^n (1 + r + t): returns r (exact: this part of ln 2 has 32 bits), |r| < 0.3468, and t, |t| < 0.07.
   Polynomial: (e^r - 1 - r) / r^2, degree 9, error of e^r below 2^-57.8. */
TRI_INLINE tri_f64x8 tri_exp_parts_f64(tri_f64x8 x, tri_i64x8 *n, tri_f64x8 *t) {
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52);
  tri_f64x8 shifted = tri_fma_f64(x, tri_splat_f64(0x1.71547652b82fep0), magic);
  tri_f64x8 k = shifted - magic;
  *n = (tri_i64x8)((tri_u64x8)shifted - (tri_u64x8)magic);
  tri_f64x8 r = tri_fma_f64(k, tri_splat_f64(-0x1.62e42feep-1), x);
  tri_f64x8 rest = k * -0x1.a39ef35793c76p-33;
  tri_f64x8 whole = r + rest;
  tri_f64x8 q = tri_splat_f64(0x1.ad904c232627dp-26);
  q = tri_fmac_f64(q, whole, 0x1.28ae252d63205p-22);
  q = tri_fmac_f64(q, whole, 0x1.71df1af29625ap-19);
  q = tri_fmac_f64(q, whole, 0x1.a01999392ab12p-16);
  q = tri_fmac_f64(q, whole, 0x1.a01a012edf549p-13);
  q = tri_fmac_f64(q, whole, 0x1.6c16c18482215p-10);
  q = tri_fmac_f64(q, whole, 0x1.1111111126ecbp-7);
  q = tri_fmac_f64(q, whole, 0x1.555555555069cp-5);
  q = tri_fmac_f64(q, whole, 0x1.55555555554fdp-3);
  q = tri_fmac_f64(q, whole, 0x1.000000000000ap-1);
  *t = tri_fma_f64(whole * whole, q, rest);
  return r;
}

TRI_INLINE tri_f64x8 tri_scale_f64(tri_f64x8 s, tri_i64x8 n) {
  tri_i64x8 half = tri_half_i64(n);
  tri_f64x8 first = tri_power2_f64(half);
  return tri_fma_f64(first, s, first) * tri_power2_f64(n - half);
}

TRI_INLINE tri_f64x8 tri_exp_f64(tri_f64x8 x) {
  tri_i64x8 n;
  tri_f64x8 t, r = tri_exp_parts_f64(tri_at_least_f64(tri_at_most_f64(x, 710.0), -746.0), &n, &t);
  return tri_keep_nan_f64(x, tri_scale_f64(r + t, n));
}

/* Polynomial: (2^r - 1) / r on |r| <= 1/2, degree 10, error of 2^r below 2^-55.8. */
TRI_INLINE tri_f64x8 tri_exp2_f64(tri_f64x8 x) {
  tri_f64x8 c = tri_at_least_f64(tri_at_most_f64(x, 1025.0), -1076.0);
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52);
  tri_f64x8 shifted = c + magic;
  tri_f64x8 r = c - (shifted - magic);
  tri_i64x8 n = (tri_i64x8)((tri_u64x8)shifted - (tri_u64x8)magic);
  tri_f64x8 q = tri_splat_f64(0x1.eb5ad16d72089p-32);
  q = tri_fmac_f64(q, r, 0x1.e60570d75ca42p-28);
  q = tri_fmac_f64(q, r, 0x1.b523dc6b6d027p-24);
  q = tri_fmac_f64(q, r, 0x1.62bfd4f394576p-20);
  q = tri_fmac_f64(q, r, 0x1.ffcbfd01645c8p-17);
  q = tri_fmac_f64(q, r, 0x1.430913093d128p-13);
  q = tri_fmac_f64(q, r, 0x1.5d87fe7880471p-10);
  q = tri_fmac_f64(q, r, 0x1.3b2ab6fba1edbp-7);
  q = tri_fmac_f64(q, r, 0x1.c6b08d704a1acp-5);
  q = tri_fmac_f64(q, r, 0x1.ebfbdff82c598p-3);
  tri_f64x8 s = tri_fma_f64(r, tri_splat_f64(0x1.62e42fefa39efp-1), r * (r * q));
  return tri_keep_nan_f64(x, tri_scale_f64(s, n));
}

/* 2^n (1 + r + t) - 1 with the exact part summed first; half the power, as n may be 1024. */
TRI_INLINE tri_f64x8 tri_expm1_f64(tri_f64x8 x) {
  tri_i64x8 n;
  tri_f64x8 t, r = tri_exp_parts_f64(tri_at_least_f64(tri_at_most_f64(x, 710.0), -50.0), &n, &t);
  tri_f64x8 power = tri_power2_f64(n - 1);
  tri_f64x8 less = power - 0.5;
  tri_f64x8 high = tri_fma_f64(power, r, less);
  tri_f64x8 low = tri_fma_f64(power, r, less - high) + ((power - less) - 0.5);
  tri_f64x8 y = (high + tri_fma_f64(power, t, low)) * 2.0;
  y = tri_pick_f64(tri_abs_f64(x) < tri_splat_f64(0x1p-54), x, y);
  return tri_keep_nan_f64(x, y);
}

/* log(1 + f) = f + t for sqrt(1/2) <= 1 + f < sqrt(2): returns t. With s = f / (2 + f) and h = f^2 / 2,
   log(1 + f) = f - (h - s (h + R)), R = 2 atanh(s) / s - 2, as a polynomial in s^2 of degree 8 without constant,
   error of the whole below 2^-62. */
TRI_INLINE tri_f64x8 tri_log_tail_f64(tri_f64x8 f) {
  tri_f64x8 s = f / (f + 2.0), z = s * s, h = (f * 0.5) * f;
  tri_f64x8 p = tri_splat_f64(0x1.0f0c4506622e1p-3);
  p = tri_fmac_f64(p, z, 0x1.0f677c4f8c0a4p-3);
  p = tri_fmac_f64(p, z, 0x1.3b20216f15bc4p-3);
  p = tri_fmac_f64(p, z, 0x1.745ce1de2e708p-3);
  p = tri_fmac_f64(p, z, 0x1.c71c724b18b7ap-3);
  p = tri_fmac_f64(p, z, 0x1.2492492439c5ep-2);
  p = tri_fmac_f64(p, z, 0x1.9999999999d0ep-2);
  p = tri_fmac_f64(p, z, 0x1.5555555555555p-1);
  return tri_fma_f64(s, tri_fma_f64(p, z, h), -h);
}

/* x = 2^e m, sqrt(1/2) <= m < sqrt(2), for positive finite bits of normal numbers: returns m. The exponent becomes
   a number by lying in the low bits of 1.5 * 2^52 (AVX2 cannot convert 64-bit integers). */
TRI_INLINE tri_f64x8 tri_split_f64(tri_u64x8 bits, tri_f64x8 *e) {
  tri_u64x8 biased = (bits + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  *e = (tri_f64x8)(biased + 0x4338000000000000u) - (0x1.8p52 + 1023.0);
  return (tri_f64x8)(bits - ((biased - 1023u) << 52));
}
TRI_INLINE tri_f64x8 tri_log_parts_f64(tri_f64x8 x, tri_f64x8 *e) {
  tri_i64x8 tiny = x < tri_splat_f64(0x1p-1022);
  tri_f64x8 f = tri_split_f64((tri_u64x8)tri_pick_f64(tiny, x * 0x1p54, x), e) - 1.0;
  *e = *e - tri_pick_f64(tiny, tri_splat_f64(54.0), tri_splat_f64(0.0));
  return f;
}

TRI_INLINE tri_f64x8 tri_log_special_f64(tri_f64x8 x, double zero, tri_f64x8 y) {
  y = tri_pick_f64(x < tri_splat_f64(zero), tri_splat_f64(__builtin_nan("")), y);
  y = tri_pick_f64(x == tri_splat_f64(zero), tri_splat_f64(-__builtin_inf()), y);
  y = tri_pick_f64(x == tri_splat_f64(__builtin_inf()), x, y);
  return tri_keep_nan_f64(x, y);
}

TRI_INLINE tri_f64x8 tri_log_sum_f64(tri_f64x8 e, tri_f64x8 f, tri_f64x8 rest) {
  tri_f64x8 a = e * 0x1.62e42feep-1;
  tri_f64x8 high = a + f;
  tri_f64x8 low = f - (high - a);
  return high + (rest + tri_fma_f64(e, tri_splat_f64(0x1.a39ef35793c76p-33), low));
}

TRI_INLINE tri_f64x8 tri_log_f64(tri_f64x8 x) {
  tri_f64x8 e, f = tri_log_parts_f64(x, &e);
  return tri_log_special_f64(x, 0.0, tri_log_sum_f64(e, f, tri_log_tail_f64(f)));
}

/* e * unit + (f + t) * c, with c and unit each in two parts (unit's first short enough for an exact product). */
TRI_INLINE tri_f64x8 tri_log_base_f64(
    tri_f64x8 x, double unit, double unit_low, double c, double c_low) {
  tri_f64x8 e, f = tri_log_parts_f64(x, &e), t = tri_log_tail_f64(f);
  tri_f64x8 v = f + t, v_low = t - (v - f);
  tri_f64x8 p = v * c;
  tri_f64x8 p_low = tri_fma_f64(v, tri_splat_f64(c), -p);
  p_low = tri_fma_f64(v_low, tri_splat_f64(c), tri_fma_f64(v, tri_splat_f64(c_low), p_low));
  tri_f64x8 a = e * unit;
  tri_f64x8 high = a + p;
  tri_f64x8 low = p - (high - a);
  return tri_log_special_f64(x, 0.0, high + (tri_fma_f64(e, tri_splat_f64(unit_low), low) + p_low));
}
TRI_INLINE tri_f64x8 tri_log2_f64(tri_f64x8 x) {
  return tri_log_base_f64(x, 1.0, 0.0, 0x1.71547652b82fep0, 0x1.777d0ffda0d24p-56);
}
TRI_INLINE tri_f64x8 tri_log10_f64(tri_f64x8 x) {
  return tri_log_base_f64(x, 0x1.34413509f7p-2, 0x1.3fde623e2566bp-43, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57);
}

/* As in float32: f + g = 2^-e (1 + x) - 1 without loss. */
TRI_INLINE tri_f64x8 tri_log1p_f64(tri_f64x8 x) {
  tri_f64x8 u = x + 1.0, e;
  tri_u64x8 biased = ((tri_u64x8)u + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu)) >> 52;
  e = (tri_f64x8)(biased + 0x4338000000000000u) - (0x1.8p52 + 1023.0);
  tri_f64x8 s4 = (tri_f64x8)(0x4010000000000000u - ((biased - 1023u) << 52));
  tri_f64x8 less = tri_fmac_f64(s4, tri_splat_f64(0.25), -1.0);
  tri_f64x8 quarter = x * 0.25;
  tri_f64x8 f = tri_fma_f64(quarter, s4, less);
  tri_f64x8 g = tri_fma_f64(quarter, s4, less - f);
  tri_f64x8 rest = tri_fma_f64(-g, f, g) + tri_log_tail_f64(f);
  tri_f64x8 y = tri_log_sum_f64(e, f, rest);
  y = tri_pick_f64(tri_abs_f64(x) < tri_splat_f64(0x1p-54), x, y);
  return tri_log_special_f64(x, -1.0, y);
}

/* |x| < 0.5625: x + x^3 P(x^2), P of degree 11, error below 2^-64; else 1 - 2 / (e^2|x| + 1). */
TRI_INLINE tri_f64x8 tri_tanh_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x);
  tri_i64x8 n;
  tri_f64x8 t, s = tri_exp_parts_f64(tri_at_most_f64(a, 20.0) * 2.0, &n, &t);
  s = s + t;
  tri_f64x8 power = tri_power2_f64(n);
  tri_f64x8 d = power + 1.0;
  tri_f64x8 high = tri_fma_f64(power, s, d);
  tri_f64x8 low = tri_fma_f64(power, s, d - high);
  tri_f64x8 q = 2.0 / high;
  tri_f64x8 left = tri_fma_f64(-q, low, tri_fmac_f64(-q, high, 2.0));
  tri_f64x8 y = 1.0 - q;
  tri_f64x8 large = y + (((1.0 - y) - q) - left * (q * 0.5));

  tri_f64x8 z = a * a;
  tri_f64x8 p = tri_splat_f64(0x1.e3c2856cde51bp-18);
  p = tri_fmac_f64(p, z, -0x1.10f9d3e6991edp-15);
  p = tri_fmac_f64(p, z, 0x1.88c0da157b034p-14);
  p = tri_fmac_f64(p, z, -0x1.f344902a93f14p-13);
  p = tri_fmac_f64(p, z, 0x1.3538a240902d9p-11);
  p = tri_fmac_f64(p, z, -0x1.7da0faddda044p-10);
  p = tri_fmac_f64(p, z, 0x1.d6d3b07764df2p-9);
  p = tri_fmac_f64(p, z, -0x1.226e34ccc12c9p-7);
  p = tri_fmac_f64(p, z, 0x1.664f487f7e548p-6);
  p = tri_fmac_f64(p, z, -0x1.ba1ba1ba10af2p-5);
  p = tri_fmac_f64(p, z, 0x1.111111111107ep-3);
  p = tri_fmac_f64(p, z, -0x1.5555555555555p-2);
  tri_f64x8 small = tri_fma_f64(a * z, p, a);
  y = tri_or_sign_f64(tri_pick_f64(a < tri_splat_f64(0.5625), small, large), x);
  return tri_keep_nan_f64(x, y);
}

TRI_INLINE tri_f64x8 tri_sigmoid_f64(tri_f64x8 x) {
  tri_i64x8 n;
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 746.0);
  tri_f64x8 t, r = tri_exp_parts_f64(-a, &n, &t);
  tri_f64x8 s = r + t;
  tri_i64x8 half = tri_half_i64(n), negative = x < tri_splat_f64(0.0);
  tri_f64x8 first = tri_power2_f64(half), second = tri_power2_f64(n - half);
  tri_f64x8 power = first * second;
  tri_f64x8 d = power + 1.0;
  tri_f64x8 high = tri_fma_f64(power, s, d);
  tri_f64x8 low = tri_fma_f64(power, s, d - high) + (power - (d - 1.0));
  tri_f64x8 q = 1.0 / high;
  tri_f64x8 left = tri_fma_f64(-q, low, tri_fmac_f64(-q, high, 1.0)) * q;
  const tri_f64x8 none = tri_splat_f64(0.0), one = tri_splat_f64(1.0);
  r = tri_pick_f64(negative, r, none);
  t = tri_pick_f64(negative, t, none);
  tri_f64x8 y = q + tri_fma_f64(r, q, tri_fma_f64(t, q, tri_fma_f64(r, left, left)));
  y = (y * tri_pick_f64(negative, first, one)) * tri_pick_f64(negative, second, one);
  return tri_keep_nan_f64(x, y);
}

/* log(1 + e^x) = max(x, 0) + log1p(e^-|x|). */
TRI_INLINE tri_f64x8 tri_softplus_f64(tri_f64x8 x) {
  const tri_f64x8 none = tri_splat_f64(0.0);
  tri_f64x8 tail = tri_log1p_f64(tri_exp_f64(-tri_abs_f64(x)));
  return tri_keep_nan_f64(x, tri_pick_f64(x > none, x, none) + tail);
}

/* The instruction's own NaN differs in sign between processors. */
TRI_INLINE tri_f64x8 tri_sqrt_f64(tri_f64x8 x) {
  tri_f64x8 y = tri_pick_f64(x < tri_splat_f64(0.0), tri_splat_f64(__builtin_nan("")), __builtin_elementwise_sqrt(x));
  return tri_keep_nan_f64(x, y);
}

/* s = sqrt(x) and y = 1 / s, each rounded; then one Newton step on their exact remainders, x - s^2 and 1 - s y.
   Tiny x is scaled by an even power of two, so that the remainder of the root is not lost in the denormals. */
TRI_INLINE tri_f64x8 tri_rsqrt_f64(tri_f64x8 x) {
  tri_i64x8 tiny = x < tri_splat_f64(0x1p-900);
  tri_f64x8 v = tri_pick_f64(tiny, x * 0x1p200, x);
  tri_f64x8 s = __builtin_elementwise_sqrt(v), y = 1.0 / s;
  tri_f64x8 root_left = tri_fma_f64(-s, s, v), left = tri_fmac_f64(-y, s, 1.0);
  tri_f64x8 better = tri_fma_f64(y, tri_fma_f64(root_left * -0.5, y * y, left), y);
  better = tri_pick_f64(tiny, better * 0x1p100, better);
  better = tri_pick_f64(tri_abs_f64(x) == tri_splat_f64(0.0),
                        tri_or_sign_f64(tri_splat_f64(__builtin_inf()), x), better);
  better = tri_pick_f64(x == tri_splat_f64(__builtin_inf()), tri_splat_f64(0.0), better);
  better = tri_pick_f64(x < tri_splat_f64(0.0), tri_splat_f64(__builtin_nan("")), better);
  return tri_keep_nan_f64(x, better);
}
