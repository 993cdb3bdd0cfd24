/* float64: hyperbolic functions and their inverses. */

/* e^a / 2 as high + low for 0 <= a <= 40, and e^-a / 2, by one division, likewise. */
TRI_INLINE tri_f64x8 tri_half_exp_f64(
    tri_f64x8 r, tri_f64x8 t, tri_i64x8 n, tri_f64x8 *low, tri_f64x8 *q, tri_f64x8 *q_low) {
  tri_f64x8 power = tri_power2_f64(n - 1);
  tri_f64x8 high = tri_fma_f64(power, r, power);
  *low = tri_fma_f64(power, t, tri_fma_f64(power, r, power - high));
  tri_f64x8 sum = high + *low;
  *low = *low - (sum - high);
  *q = 0.25 / sum;
  tri_f64x8 left = tri_fma_f64(-*q, *low, tri_fmac_f64(-*q, sum, 0.25));
  *q_low = left * (*q * 4.0);
  return sum;
}

/* |x| < 0.35: x + x^3 P(x^2), P of degree 5, error below 2^-64.8; else e^|x| / 2 less its inverse; beyond 40 the
   inverse is lost. */
TRI_INLINE tri_f64x8 tri_sinh_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), low, q, q_low;
  tri_i64x8 n;
  tri_f64x8 t, r = tri_exp_parts_f64(tri_at_most_f64(a, 712.0), &n, &t);
  tri_f64x8 high = tri_half_exp_f64(r, t, n, &low, &q, &q_low);
  tri_f64x8 y = high - q;
  y = y + (((high - y) - q) + (low - q_low));
  y = tri_pick_f64(a > tri_splat_f64(40.0), tri_scale_f64(r + t, n - 1), y);

  tri_f64x8 z = a * a;
  tri_f64x8 p = tri_splat_f64(0x1.72600f81a978p-33);
  p = tri_fmac_f64(p, z, 0x1.ae577356db667p-26);
  p = tri_fmac_f64(p, z, 0x1.71de3e094cf12p-19);
  p = tri_fmac_f64(p, z, 0x1.a01a019f1b7c1p-13);
  p = tri_fmac_f64(p, z, 0x1.1111111111303p-7);
  p = tri_fmac_f64(p, z, 0x1.5555555555555p-3);
  y = tri_pick_f64(a < tri_splat_f64(0.35), tri_fma_f64(a * z, p, a), y);
  return tri_keep_nan_f64(x, tri_or_sign_f64(y, x));
}
TRI_INLINE tri_f64x8 tri_cosh_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), low, q, q_low;
  tri_i64x8 n;
  tri_f64x8 t, r = tri_exp_parts_f64(tri_at_most_f64(a, 712.0), &n, &t);
  tri_f64x8 high = tri_half_exp_f64(r, t, n, &low, &q, &q_low);
  tri_f64x8 y = high + q;
  y = y + ((q - (y - high)) + (low + q_low));
  y = tri_pick_f64(a > tri_splat_f64(40.0), tri_scale_f64(r + t, n - 1), y);
  return tri_keep_nan_f64(x, y);
}

/* log(2^more (v + v_low)) for normal v and |v_low| of at most an ulp of v: precise also where v + v_low is near 1. */
TRI_INLINE tri_f64x8 tri_log_of_sum_f64(tri_f64x8 v, tri_f64x8 v_low, tri_f64x8 more) {
  tri_f64x8 e, m = tri_split_f64((tri_u64x8)v, &e), f = m - 1.0;
  tri_f64x8 g = v_low * (tri_f64x8)((tri_u64x8)m - (tri_u64x8)v + 0x3ff0000000000000u);
  return tri_log_sum_f64(e + more, f, tri_fma_f64(-g, f, g) + tri_log_tail_f64(f));
}
/* log(1 + u + u_low), u >= 0, the sum by Knuth's TwoSum; log(2 a) where `large` is set (a / 4 stands for a, as 2^-e
   leaves the normal range for the largest). */
TRI_INLINE tri_f64x8 tri_log_of_rest_f64(tri_f64x8 u, tri_f64x8 u_low, tri_i64x8 large, tri_f64x8 a) {
  tri_f64x8 v = u + 1.0, part = v - u;
  tri_f64x8 v_low = ((u - (v - part)) + (1.0 - part)) + u_low;
  const tri_f64x8 none = tri_splat_f64(0.0);
  return tri_log_of_sum_f64(tri_pick_f64(large, a * 0.25, v), tri_pick_f64(large, none, v_low),
                            tri_pick_f64(large, tri_splat_f64(3.0), none));
}

/* log(1 + u), u = a + a^2 / (1 + sqrt(1 + a^2)); from 2^28 on log(2 a). */
TRI_INLINE tri_f64x8 tri_asinh_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x);
  tri_i64x8 large = a > tri_splat_f64(0x1p28);
  tri_f64x8 b = tri_at_most_f64(a, 0x1p28);
  tri_f64x8 q = (b * b) / (__builtin_elementwise_sqrt(tri_fmac_f64(b, b, 1.0)) + 1.0);
  tri_f64x8 u = b + q;
  tri_f64x8 y = tri_or_sign_f64(tri_log_of_rest_f64(u, q - (u - b), large, a), x);
  y = tri_pick_f64(a < tri_splat_f64(0x1p-27), x, y);
  y = tri_pick_f64(a == tri_splat_f64(__builtin_inf()), x, y);
  return tri_keep_nan_f64(x, y);
}
/* log(1 + u), u = z + sqrt(z (z + 2)), z = x - 1; from 2^28 on log(2 x). */
TRI_INLINE tri_f64x8 tri_acosh_f64(tri_f64x8 x) {
  tri_i64x8 large = x > tri_splat_f64(0x1p28);
  tri_f64x8 b = tri_at_most_f64(x, 0x1p28), z = b - 1.0;
  tri_f64x8 w = tri_fma_f64(z, z, z + z), s = __builtin_elementwise_sqrt(w);
  tri_f64x8 half = tri_pick_f64(s > tri_splat_f64(0.0), 0.5 / s, tri_splat_f64(0.0));
  tri_f64x8 w_low = tri_fma_f64(z, z, (z + z) - w);
  tri_f64x8 u = s + z;
  tri_f64x8 u_low = (z - (u - s)) + (((b - z) - 1.0) + (tri_fma_f64(-s, s, w) + w_low) * half);
  tri_f64x8 y = tri_log_of_rest_f64(u, u_low, large, x);
  y = tri_pick_f64(x < tri_splat_f64(1.0), tri_splat_f64(__builtin_nan("")), y);
  y = tri_pick_f64(x == tri_splat_f64(__builtin_inf()), x, y);
  return tri_keep_nan_f64(x, y);
}
/* log(1 + u) / 2, u = 2 a / (1 - a) with its remainder. */
TRI_INLINE tri_f64x8 tri_atanh_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), d = 1.0 - a, twice = a + a;
  tri_f64x8 d_low = (1.0 - d) - a;
  tri_f64x8 inverse = 1.0 / d, u = twice * inverse;
  tri_f64x8 u_low = tri_fma_f64(-u, d_low, tri_fma_f64(-u, d, twice)) * inverse;
  tri_f64x8 y = tri_log_of_rest_f64(u, u_low, (tri_i64x8)tri_splat_f64(0.0), u) * 0.5;
  y = tri_pick_f64(a == tri_splat_f64(1.0), tri_splat_f64(__builtin_inf()), y);
  y = tri_pick_f64(a < tri_splat_f64(0x1p-27), x, tri_or_sign_f64(y, x));
  y = tri_pick_f64(a > tri_splat_f64(1.0), tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}
