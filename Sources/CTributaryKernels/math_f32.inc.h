/* float32 functions in float32 arithmetic: fused multiply-add polynomials, no wider lanes.

   Coefficients: Sollya 8.0, fpminimax over the interval named at each, rounded to float32 with the leading terms
   held exact. Argument reduction by Cody and Waite; the splitting of a sum into a high and a low part by Dekker's
   Fast2Sum and by the exact remainder of a fused multiply-add (Muller et al., Handbook of Floating-Point
   Arithmetic, chapters 4 and 5). */

TRI_INLINE tri_f32x16 tri_fmac_f32(tri_f32x16 a, tri_f32x16 b, float c) {
  return tri_fma_f32(a, b, (tri_f32x16)c);
}
/* a x + b: a pair of coefficients. Polynomials on a function's longest chain are summed in pairs (Estrin): it is the
   chain's length, not the number of steps, that a processor waits for. */
TRI_INLINE tri_f32x16 tri_pair_f32(tri_f32x16 x, float a, float b) {
  return tri_fmac_f32(tri_splat_f32(a), x, b);
}
TRI_INLINE tri_f32x16 tri_pick_f32(tri_i32x16 mask, tri_f32x16 yes, tri_f32x16 no) {
  return (tri_f32x16)((mask & (tri_i32x16)yes) | (~mask & (tri_i32x16)no));
}
TRI_INLINE tri_f32x16 tri_or_sign_f32(tri_f32x16 x, tri_f32x16 of) {
  return (tri_f32x16)((tri_i32x16)x | ((tri_i32x16)of & (tri_i32x16)(int32_t)0x80000000));
}
/* y, or x quieted where x is NaN. */
TRI_INLINE tri_f32x16 tri_keep_nan_f32(tri_f32x16 x, tri_f32x16 y) {
  return tri_pick_f32(x != x, (tri_f32x16)((tri_i32x16)x | 0x00400000), y);
}
/* The comparison is false for NaN, which therefore passes. */
TRI_INLINE tri_f32x16 tri_at_most_f32(tri_f32x16 x, float high) {
  return tri_pick_f32(x > (tri_f32x16)high, (tri_f32x16)high, x);
}
TRI_INLINE tri_f32x16 tri_at_least_f32(tri_f32x16 x, float low) {
  return tri_pick_f32(x < (tri_f32x16)low, (tri_f32x16)low, x);
}
/* 2^n for -126 <= n <= 127; other n give some bits or other, never a trap. */
TRI_INLINE tri_f32x16 tri_power2_f32(tri_i32x16 n) {
  return (tri_f32x16)(((tri_u32x16)n + 127u) << 23);
}

/* e^(r + rest) = 1 + r + t: returns t. Polynomial: (e^r - 1 - r) / r^2 on |r| <= 0.3468, degree 5, error of e^r below
   2^-32.8 (with degree 4, 2^-28.2, expm1 is out by 1.013 ulp). */
TRI_INLINE tri_f32x16 tri_exp_tail_f32(tri_f32x16 r, tri_f32x16 rest) {
  tri_f32x16 w = r + rest, w2 = w * w;
  tri_f32x16 q = tri_pair_f32(w, 0x1.9a9442p-13f, 0x1.6d5156p-10f);
  q = tri_fma_f32(q, w2, tri_pair_f32(w, 0x1.1115b6p-7f, 0x1.5554e4p-5f));
  q = tri_fma_f32(q, w2, tri_pair_f32(w, 0x1.555552p-3f, 0.5f));
  return tri_fma_f32(w2, q, rest);
}

/* e^x = 2^n (1 + r + t): returns r, |r| < 0.3468, and t, |t| < 0.07. Needs |x| < 2^21; any values for NaN.
   r is exact (the first part of ln 2 has 15 bits) and t holds all roundings: where 1 + r + t < 1, a rounding of
   r itself would cost 0.18 ulp more. `shifted` is n and a constant whose low nine bits are 0. */
TRI_INLINE tri_f32x16 tri_exp_shifted_f32(tri_f32x16 x, tri_u32x16 *shifted, tri_f32x16 *t) {
  /* Adding 1.5 * 2^23 rounds to an integer, which then lies in the low bits. */
  const tri_f32x16 magic = tri_splat_f32(0x1.8p23f);
  tri_f32x16 sum = tri_fma_f32(x, tri_splat_f32(0x1.715476p0f), magic);
  tri_f32x16 k = sum - magic;
  *shifted = (tri_u32x16)sum;
  tri_f32x16 r = tri_fma_f32(k, tri_splat_f32(-0x1.62e4p-1f), x);
  *t = tri_exp_tail_f32(r, k * -0x1.7f7d1cp-20f);
  return r;
}
/* The same with n itself. */
TRI_INLINE tri_f32x16 tri_exp_parts_f32(tri_f32x16 x, tri_i32x16 *n, tri_f32x16 *t) {
  tri_u32x16 shifted;
  tri_f32x16 r = tri_exp_shifted_f32(x, &shifted, t);
  *n = (tri_i32x16)(shifted - (tri_u32x16)tri_splat_f32(0x1.8p23f));
  return r;
}

/* 2^n (1 + s) with one rounding into the denormals. -252 <= n <= 254. */
TRI_INLINE tri_f32x16 tri_scale_f32(tri_f32x16 s, tri_i32x16 n) {
  tri_i32x16 half = n >> 1;
  tri_f32x16 first = tri_power2_f32(half);
  return tri_fma_f32(first, s, first) * tri_power2_f32(n - half);
}

/* Where every |x| <= 87 no result leaves the normal range: 2^n is then an addition to the exponent. The bits are the same
   either way, for scaling by powers of two rounds nothing there. */
TRI_INLINE tri_f32x16 tri_exp_f32(tri_f32x16 x) {
  tri_f32x16 t;
  if (!__builtin_reduce_or((tri_i32x16)tri_abs_f32(x) > 0x42ae0000)) {
    tri_u32x16 shifted;
    tri_f32x16 r = tri_exp_shifted_f32(x, &shifted, &t);
    return (tri_f32x16)((tri_u32x16)(r + t + 1.0f) + (shifted << 23));
  }
  tri_i32x16 n;
  /* e^-104.5 is less than half the least denormal, e^89 overflows: the arithmetic gives 0 and infinity itself. */
  tri_f32x16 s = tri_exp_parts_f32(tri_at_least_f32(tri_at_most_f32(x, 89.0f), -104.5f), &n, &t);
  return tri_keep_nan_f32(x, tri_scale_f32(s + t, n));
}

/* 2^x = 2^n (1 + s). Polynomial: (2^r - 1) / r on |r| <= 1/2, degree 5, error of 2^r below 2^-27.7;
   ln 2 is split so that the product r ln 2 is rounded once, in the last step. */
TRI_INLINE tri_f32x16 tri_exp2_f32(tri_f32x16 x) {
  tri_f32x16 c = tri_at_least_f32(tri_at_most_f32(x, 129.0f), -151.0f);
  const tri_f32x16 magic = tri_splat_f32(0x1.8p23f);
  tri_f32x16 t = c + magic;
  tri_f32x16 r = c - (t - magic);
  tri_i32x16 n = (tri_i32x16)((tri_u32x16)t - (tri_u32x16)magic);
  tri_f32x16 q = tri_splat_f32(0x1.42994p-13f);
  q = tri_fmac_f32(q, r, 0x1.5f07e2p-10f);
  q = tri_fmac_f32(q, r, 0x1.3b2c3cp-7f);
  q = tri_fmac_f32(q, r, 0x1.c6af6ep-5f);
  q = tri_fmac_f32(q, r, 0x1.ebfbdep-3f);
  q = tri_fmac_f32(q, r, 0x1.8p-28f);
  tri_f32x16 s = tri_fma_f32(r, tri_splat_f32(0x1.62e43p-1f), r * q);
  return tri_keep_nan_f32(x, tri_scale_f32(s, n));
}

/* log(1 + f) = f + f^2 p for sqrt(1/2) <= 1 + f < sqrt(2): returns p.
   Polynomial: degree 10 with f - f^2/2 held exact, on [-0.2932, 0.41425], error below 2^-30.2. */
TRI_INLINE tri_f32x16 tri_log_factor_f32(tri_f32x16 f) {
  tri_f32x16 f2 = f * f;
  tri_f32x16 low = tri_fma_f32(
      tri_pair_f32(f, -0x1.555ba4p-3f, 0x1.99a47ep-3f), f2, tri_pair_f32(f, -0x1.000008p-2f, 0x1.555548p-2f));
  tri_f32x16 high = tri_fma_f32(tri_splat_f32(0x1.13f956p-4f), f2, tri_pair_f32(f, -0x1.ddcdbap-4f, 0x1.e6e1f6p-4f));
  high = tri_fma_f32(high, f2, tri_pair_f32(f, -0x1.fc37c8p-4f, 0x1.233a4cp-3f));
  /* The constant last: log2 has no room for a second rounding of its size. */
  return tri_fmac_f32(tri_fma_f32(high, f2 * f2, low), f, -0.5f);
}
TRI_INLINE tri_f32x16 tri_log_tail_f32(tri_f32x16 f) { return (f * f) * tri_log_factor_f32(f); }

/* x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for positive finite x, denormal ones too. */
TRI_INLINE tri_f32x16 tri_log_parts_f32(tri_f32x16 x, tri_f32x16 *e) {
  tri_i32x16 tiny = x < tri_splat_f32(0x1p-126f);
  tri_i32x16 bits = (tri_i32x16)tri_pick_f32(tiny, x * 0x1p24f, x);
  tri_i32x16 above = (tri_i32x16)((tri_u32x16)bits - 0x3f3504f3u);
  tri_i32x16 m = (tri_i32x16)((tri_u32x16)bits - ((tri_u32x16)above & 0xff800000u));
  *e = __builtin_convertvector((above >> 23) - (tiny & 24), tri_f32x16);
  return (tri_f32x16)m - 1.0f;
}

/* log of 0 is -infinity (a pole), of less is NaN, of infinity is infinity. `zero` is where the pole lies. */
TRI_INLINE tri_f32x16 tri_log_special_f32(tri_f32x16 x, float zero, tri_f32x16 y) {
  y = tri_pick_f32(x < tri_splat_f32(zero), tri_splat_f32(__builtin_nanf("")), y);
  y = tri_pick_f32(x == tri_splat_f32(zero), tri_splat_f32(-__builtin_inff()), y);
  y = tri_pick_f32(x == tri_splat_f32(__builtin_inff()), x, y);
  return tri_keep_nan_f32(x, y);
}

/* e ln 2 + f is kept as high + low (ln 2's first part has 15 bits: the product is exact), so that only the last
   addition rounds at full size; without it results near e = -1 are out by 1.2 ulp. Returns high. */
TRI_INLINE tri_f32x16 tri_log_sum_f32(tri_f32x16 e, tri_f32x16 f, tri_f32x16 *low) {
  const tri_f32x16 first = tri_splat_f32(0x1.62e4p-1f);
  tri_f32x16 high = tri_fma_f32(e, first, f);
  *low = tri_fma_f32(e, tri_splat_f32(0x1.7f7d1cp-20f), f - tri_fma_f32(-e, first, high));
  return high;
}

/* Of e and f, the parts of an argument. */
TRI_INLINE tri_f32x16 tri_log_of_parts_f32(tri_f32x16 e, tri_f32x16 f) {
  tri_f32x16 low, high = tri_log_sum_f32(e, f, &low);
  return high + tri_fma_f32(f * f, tri_log_factor_f32(f), low);
}

/* Where every lane is positive, normal and finite, there is nothing to scale and nothing special; the lanes' bits are
   the same by either way. */
TRI_INLINE tri_f32x16 tri_log_f32(tri_f32x16 x) {
  tri_u32x16 bits = (tri_u32x16)x;
  /* With an exponent more, all others are negative or below two of the least normal number's. */
  if (__builtin_reduce_or((tri_i32x16)(bits + 0x00800000u) < 0x01000000)) {
    tri_f32x16 e, f = tri_log_parts_f32(x, &e);
    return tri_log_special_f32(x, 0.0f, tri_log_of_parts_f32(e, f));
  }
  tri_u32x16 above = bits - 0x3f3504f3u;
  tri_f32x16 e = __builtin_convertvector((tri_i32x16)above >> 23, tri_f32x16);
  tri_f32x16 f = (tri_f32x16)(bits - (above & 0xff800000u)) - 1.0f;
  return tri_log_of_parts_f32(e, f);
}

/* 1 + x = 2^e (1 + f + g): with s = 2^-e, f = x s + (s - 1) comes from one fused step and g is what it lost
   (exact: either f is exact by Sterbenz, or |s - 1| is the larger term and Fast2Sum holds). x / 4 and 4 s stand for
   x and s, since s alone leaves the normal range for the largest x. */
TRI_INLINE tri_f32x16 tri_log1p_f32(tri_f32x16 x) {
  tri_f32x16 u = x + 1.0f;
  tri_i32x16 above = (tri_i32x16)((tri_u32x16)u - 0x3f3504f3u);
  tri_f32x16 s4 = (tri_f32x16)(0x40800000u - ((tri_u32x16)above & 0xff800000u));
  tri_f32x16 e = __builtin_convertvector(above >> 23, tri_f32x16);
  tri_f32x16 less = tri_fmac_f32(s4, tri_splat_f32(0.25f), -1.0f);
  tri_f32x16 quarter = x * 0.25f;
  tri_f32x16 f = tri_fma_f32(quarter, s4, less);
  tri_f32x16 g = tri_fma_f32(quarter, s4, less - f);
  tri_f32x16 rest = tri_fma_f32(-g, f, g) + tri_log_tail_f32(f);
  tri_f32x16 low, high = tri_log_sum_f32(e, f, &low);
  tri_f32x16 y = high + (rest + low);
  /* log1p(x) = x to within half an ulp; also keeps -0 and denormals, which x / 4 does not. */
  y = tri_pick_f32(tri_abs_f32(x) < tri_splat_f32(0x1p-25f), x, y);
  return tri_log_special_f32(x, -1.0f, y);
}

/* For |x| >= 0.92: 1 - q, q = 2 / (e^2|x| + 1) < 0.28, so that q's own errors weigh a quarter. Below: x + x^3 P(x^2), P
   of degree 6 on [0, 0.865] (mpmath 1.3, Lawson's iteration, rounded from the constant term upwards), error below 2^-29. */
TRI_INLINE tri_f32x16 tri_tanh_f32(tri_f32x16 x) {
  tri_f32x16 a = tri_abs_f32(x), z = a * a;
  tri_u32x16 shifted;
  tri_f32x16 t, r = tri_exp_shifted_f32(tri_at_most_f32(a, 9.25f) * 2.0f, &shifted, &t);
  tri_f32x16 power = (tri_f32x16)((shifted << 23) + (127u << 23));
  tri_f32x16 large = 1.0f - 2.0f / tri_fma_f32(power, r + t, power + 1.0f);
  tri_f32x16 p = tri_splat_f32(-0x1.bc15cep-12f);
  p = tri_fmac_f32(p, z, 0x1.472d9ep-9f);
  p = tri_fmac_f32(p, z, -0x1.0bd2c2p-7f);
  p = tri_fmac_f32(p, z, 0x1.6229cp-6f);
  p = tri_fmac_f32(p, z, -0x1.b9b036p-5f);
  p = tri_fmac_f32(p, z, 0x1.110e7p-3f);
  p = tri_fmac_f32(p, z, -0x1.55554ap-2f);
  tri_f32x16 small = tri_fma_f32(a * z, p, a);
  /* NaN takes the small side, whose every step keeps it. */
  return tri_or_sign_f32(tri_pick_f32(a >= tri_splat_f32(0.92f), large, small), x);
}

/* With z = e^-|x| = 2^n (1 + s): 1 / (1 + z) for x >= 0, z / (1 + z) for x < 0. The denominator is high + low, and
   the quotient carries its remainder, so that only the last addition rounds. */
TRI_INLINE tri_f32x16 tri_sigmoid_f32(tri_f32x16 x) {
  tri_i32x16 n;
  tri_f32x16 a = tri_at_most_f32(tri_abs_f32(x), 104.5f);
  tri_f32x16 t, r = tri_exp_parts_f32(-a, &n, &t);
  tri_f32x16 s = r + t;
  tri_i32x16 half = n >> 1, negative = x < tri_splat_f32(0.0f);
  tri_f32x16 first = tri_power2_f32(half), second = tri_power2_f32(n - half);
  tri_f32x16 power = first * second;
  tri_f32x16 d = power + 1.0f;
  tri_f32x16 high = tri_fma_f32(power, s, d);
  tri_f32x16 low = tri_fma_f32(power, s, d - high) + (power - (d - 1.0f));
  low = tri_fma_f32(power, t - (s - r), low);
  tri_f32x16 q = 1.0f / high;
  tri_f32x16 left = tri_fma_f32(-q, low, tri_fmac_f32(-q, high, 1.0f)) * q;
  const tri_f32x16 none = tri_splat_f32(0.0f);
  r = tri_pick_f32(negative, r, none);
  t = tri_pick_f32(negative, t, none);
  tri_f32x16 y = q + tri_fma_f32(r, q, tri_fma_f32(t, q, tri_fma_f32(r, left, left)));
  y = y * tri_pick_f32(negative, first, tri_splat_f32(1.0f));
  y = y * tri_pick_f32(negative, second, tri_splat_f32(1.0f));
  return tri_keep_nan_f32(x, y);
}

/* |x| < 1: x + x P(x^2), P of degree 6, error below 2^-29.3. Else 1 - e^(x p(x) - x), p of degree 6 the
   approximation of (log erfc(x) + x) / x on [1, 4] weighted with x erfc(x) (Juffa's form), error of erf below 2^-28;
   taking x out halves the rounding of the exponent. erf(4) rounds to 1. */
TRI_INLINE tri_f32x16 tri_erf_f32(tri_f32x16 x) {
  tri_f32x16 a = tri_abs_f32(x), z = a * a;
  tri_f32x16 p = tri_splat_f32(0x1.4917a4p-14f);
  p = tri_fmac_f32(p, z, -0x1.a3d812p-11f);
  p = tri_fmac_f32(p, z, 0x1.540172p-8f);
  p = tri_fmac_f32(p, z, -0x1.b7f88cp-6f);
  p = tri_fmac_f32(p, z, 0x1.ce2cf2p-4f);
  p = tri_fmac_f32(p, z, -0x1.81273ep-2f);
  p = tri_fmac_f32(p, z, 0x1.06eba8p-3f);
  tri_f32x16 small = tri_fma_f32(a, p, a);

  tri_f32x16 b = tri_at_most_f32(a, 4.0f);
  tri_f32x16 b2 = b * b;
  tri_f32x16 q = tri_fma_f32(tri_splat_f32(-0x1.da3f42p-17f), b2, tri_pair_f32(b, 0x1.7171fcp-12f, -0x1.ed70cep-9f));
  tri_f32x16 low = tri_fma_f32(
      tri_pair_f32(b, 0x1.89a23ap-6f, -0x1.b46cdp-4f), b2, tri_pair_f32(b, -0x1.451942p-1f, -0x1.07926p-3f));
  q = tri_fma_f32(q, b2 * b2, low);
  q = tri_fma_f32(b, q, -b);
  /* e^q with ln 2 in one part and degree 4: erfc(1) = 0.157 scales the error, and q > -18.1. */
  const tri_f32x16 magic = tri_splat_f32(0x1.8p23f);
  tri_f32x16 shifted = tri_fma_f32(q, tri_splat_f32(0x1.715476p0f), magic);
  tri_f32x16 r = tri_fma_f32(shifted - magic, tri_splat_f32(-0x1.62e43p-1f), q);
  tri_f32x16 r2 = r * r;
  tri_f32x16 s = tri_fma_f32(tri_splat_f32(0x1.6a624cp-10f), r2, tri_pair_f32(r, 0x1.123abcp-7f, 0x1.55589ep-5f));
  s = tri_fma_f32(s, r2, tri_pair_f32(r, 0x1.55549p-3f, 0x1.fffffcp-2f));
  s = tri_fma_f32(r2, s, r);
  tri_f32x16 power = tri_power2_f32((tri_i32x16)((tri_u32x16)shifted - (tri_u32x16)magic));
  tri_f32x16 large = tri_fma_f32(-power, s, 1.0f - power);
  /* NaN takes the small side, whose every step keeps it. */
  return tri_or_sign_f32(tri_pick_f32(a >= tri_splat_f32(1.0f), large, small), x);
}

/* 2^n (1 + r + t) - 1 with the exact part summed first; half the power, as n may be 128. */
TRI_INLINE tri_f32x16 tri_expm1_f32(tri_f32x16 x) {
  tri_i32x16 n;
  tri_f32x16 t, r = tri_exp_parts_f32(tri_at_least_f32(tri_at_most_f32(x, 89.0f), -30.0f), &n, &t);
  tri_f32x16 power = tri_power2_f32(n - 1);
  tri_f32x16 less = power - 0.5f;
  tri_f32x16 high = tri_fma_f32(power, r, less);
  tri_f32x16 low = tri_fma_f32(power, r, less - high) + ((power - less) - 0.5f);
  tri_f32x16 y = (high + tri_fma_f32(power, t, low)) * 2.0f;
  y = tri_pick_f32(tri_abs_f32(x) < tri_splat_f32(0x1p-25f), x, y);
  return tri_keep_nan_f32(x, y);
}

/* e * unit + log(1 + f) * c, with c and unit each in two parts (unit's first short enough for an exact product). */
TRI_INLINE tri_f32x16 tri_log_base_f32(tri_f32x16 x, float unit, float unit_low, float c, float c_low) {
  tri_f32x16 e, f = tri_log_parts_f32(x, &e), t = tri_log_tail_f32(f);
  tri_f32x16 v = f + t, v_low = t - (v - f);
  tri_f32x16 p = v * c;
  tri_f32x16 p_low = tri_fma_f32(v, tri_splat_f32(c), -p);
  p_low = tri_fma_f32(v_low, tri_splat_f32(c), tri_fma_f32(v, tri_splat_f32(c_low), p_low));
  tri_f32x16 a = e * unit;
  tri_f32x16 high = a + p;
  tri_f32x16 low = p - (high - a);
  return tri_log_special_f32(x, 0.0f, high + (tri_fma_f32(e, tri_splat_f32(unit_low), low) + p_low));
}
TRI_INLINE tri_f32x16 tri_log2_f32(tri_f32x16 x) {
  return tri_log_base_f32(x, 1.0f, 0.0f, 0x1.715476p0f, 0x1.4ae0cp-26f);
}
TRI_INLINE tri_f32x16 tri_log10_f32(tri_f32x16 x) {
  return tri_log_base_f32(x, 0x1.344p-2f, 0x1.3509f8p-18f, 0x1.bcb7b2p-2f, -0x1.5b235ep-27f);
}

/* The instruction's own NaN differs in sign between processors. */
TRI_INLINE tri_f32x16 tri_sqrt_f32(tri_f32x16 x) {
  tri_f32x16 root = __builtin_elementwise_sqrt(x);
  return tri_keep_nan_f32(x, tri_pick_f32(x < tri_splat_f32(0.0f), tri_splat_f32(__builtin_nanf("")), root));
}

/* s = sqrt(x) and y = 1 / s, each rounded; then one Newton step on their exact remainders, x - s^2 and 1 - s y.
   Tiny x is scaled by an even power of two, so that the remainder of the root is not lost in the denormals. */
TRI_INLINE tri_f32x16 tri_rsqrt_f32(tri_f32x16 x) {
  tri_i32x16 tiny = x < tri_splat_f32(0x1p-90f);
  tri_f32x16 v = tri_pick_f32(tiny, x * 0x1p60f, x);
  tri_f32x16 s = __builtin_elementwise_sqrt(v), y = 1.0f / s;
  tri_f32x16 root_left = tri_fma_f32(-s, s, v), left = tri_fmac_f32(-y, s, 1.0f);
  tri_f32x16 better = tri_fma_f32(y, tri_fma_f32(root_left * -0.5f, y * y, left), y);
  better = tri_pick_f32(tiny, better * 0x1p30f, better);
  better = tri_pick_f32(tri_abs_f32(x) == tri_splat_f32(0.0f),
                        tri_or_sign_f32(tri_splat_f32(__builtin_inff()), x), better);
  better = tri_pick_f32(x == tri_splat_f32(__builtin_inff()), tri_splat_f32(0.0f), better);
  better = tri_pick_f32(x < tri_splat_f32(0.0f), tri_splat_f32(__builtin_nanf("")), better);
  return tri_keep_nan_f32(x, better);
}
