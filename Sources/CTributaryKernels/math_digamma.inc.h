/* The derivative of log |gamma(x)|, float64. As there, every part is high + low. */

/* digamma(y) = (y - x0) R(y - 3/2) for 1 <= y <= 2 and its zero x0, R of degree 22, error below 2^-58: R less its first
   coefficient, over z. */
TRI_INLINE tri_f64x8 tri_digamma_slope_f64(tri_f64x8 z) {
  tri_f64x8 p = tri_splat_f64(0x1.000411ebd466fp-13);
  p = tri_fmac_f64(p, z, -0x1.757eb30ecca7fp-13);
  p = tri_fmac_f64(p, z, 0x1.822e324f1b668p-14);
  p = tri_fmac_f64(p, z, -0x1.300d7d994b762p-13);
  p = tri_fmac_f64(p, z, 0x1.5674b40092785p-12);
  p = tri_fmac_f64(p, z, -0x1.fd7097956d2bep-12);
  p = tri_fmac_f64(p, z, 0x1.69c8f1540d9acp-11);
  p = tri_fmac_f64(p, z, -0x1.0fb62dafdaf91p-10);
  p = tri_fmac_f64(p, z, 0x1.99e0127017d22p-10);
  p = tri_fmac_f64(p, z, -0x1.336d74818e949p-9);
  p = tri_fmac_f64(p, z, 0x1.cd1f449e38ceap-9);
  p = tri_fmac_f64(p, z, -0x1.5a06ab0e15a28p-8);
  p = tri_fmac_f64(p, z, 0x1.03c0b200bafcep-7);
  p = tri_fmac_f64(p, z, -0x1.863563b7c8706p-7);
  p = tri_fmac_f64(p, z, 0x1.2564715bc183ap-6);
  p = tri_fmac_f64(p, z, -0x1.b9f8b11db1978p-6);
  p = tri_fmac_f64(p, z, 0x1.4de9aa17e882ep-5);
  p = tri_fmac_f64(p, z, -0x1.fb44202a1bec3p-5);
  p = tri_fmac_f64(p, z, 0x1.8512e59038314p-4);
  p = tri_fmac_f64(p, z, -0x1.2feeeb98a796p-3);
  p = tri_fmac_f64(p, z, 0x1.eca189b8e6f76p-3);
  p = tri_fmac_f64(p, z, -0x1.b1cb63005ee98p-2);
  return p;
}
/* log b - 1/(2 b) - digamma(b) for b >= 8, by r = 1/b: of degree 8 in r^2, error below 2^-70. */
TRI_INLINE tri_f64x8 tri_digamma_rest_f64(tri_f64x8 r) {
  tri_f64x8 w = r * r;
  tri_f64x8 p = tri_splat_f64(-0x1.262cdd70483ddp-2);
  p = tri_fmac_f64(p, w, 0x1.44ca5b2ab138fp-4);
  p = tri_fmac_f64(p, w, -0x1.589cb75448f1p-6);
  p = tri_fmac_f64(p, w, 0x1.f073765910f59p-8);
  p = tri_fmac_f64(p, w, -0x1.111105bd966d8p-8);
  p = tri_fmac_f64(p, w, 0x1.041040fbdba62p-8);
  p = tri_fmac_f64(p, w, -0x1.111111110fa34p-7);
  p = tri_fmac_f64(p, w, 0x1.5555555555555p-4);
  return w * p;
}

/* digamma(b + b_low), b >= 1. Below 8: digamma(y) + 1/y + 1/(y + 1) + …, 1 <= y < 2. From 8 on the
   asymptotic series. */
TRI_INLINE tri_f64x8 tri_digamma_positive_f64(tri_f64x8 b, tri_f64x8 b_low, tri_f64x8 *low) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0);
  tri_i64x8 far = b >= tri_splat_f64(8.0);
  tri_f64x8 y = tri_pick_f64(far, one, b), sum = none, sum_low = none;
  for (int k = 0; k < 7; k++) {
    tri_i64x8 more = y >= tri_splat_f64(2.0);
    if (!__builtin_reduce_or(more)) break;
    y = tri_pick_f64(more, y - 1.0, y);
    tri_f64x8 inverse = 1.0 / y;
    tri_f64x8 left = tri_fma_f64(-inverse, b_low, tri_fmac_f64(-inverse, y, 1.0)) * inverse;
    sum = tri_both_f64(sum, sum_low, tri_pick_f64(more, inverse, none), tri_pick_f64(more, left, none), &sum_low);
  }
  tri_f64x8 z = (y - 1.5) + b_low;
  tri_f64x8 m = z * tri_digamma_slope_f64(z);
  tri_f64x8 s = m + 0x1.e6f0cbb873616p-1, s_low = (m - (s - 0x1.e6f0cbb873616p-1)) + 0x1.8f70c7a125e6ap-55;
  tri_f64x8 t = y - 0x1.762d86356be3fp0, u = b_low - 0x1.b86a722197829p-54;
  tri_f64x8 d = t + u, d_low = u - (d - t);
  m = d * s;
  tri_f64x8 m_low = tri_fma_f64(d_low, s, tri_fma_f64(d, s_low, tri_fma_f64(d, s, -m)));
  tri_f64x8 near_low, near = tri_both_f64(sum, sum_low, m, m_low, &near_low);

  tri_f64x8 log_low, log = tri_log_of_both_f64(b, b_low, &log_low);
  tri_f64x8 inverse = 1.0 / b, half = inverse * 0.5;
  tri_f64x8 left = tri_fma_f64(-inverse, b_low, tri_fmac_f64(-inverse, b, 1.0)) * half;
  tri_f64x8 high = log - half;
  tri_f64x8 far_low = ((log - high) - half) + (log_low - (left + tri_digamma_rest_f64(inverse)));
  *low = tri_pick_f64(far, far_low, near_low);
  return tri_pick_f64(far, high, near);
}

/* For 0 < x < 1: digamma(1 + x) - 1/x; for x < 0: digamma(1 - x) - pi cot(pi x). */
TRI_INLINE tri_f64x8 tri_digamma_f64(tri_f64x8 x) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0), infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 a = tri_abs_f64(x);
  tri_i64x8 left = x < none, inner = left | (a < one);
  tri_f64x8 c = tri_at_most_f64(a, 0x1p1000), b = c + 1.0, part = b - c;
  tri_f64x8 b_low = tri_pick_f64(inner, (c - (b - part)) + (1.0 - part), none);
  tri_f64x8 low, high = tri_digamma_positive_f64(tri_pick_f64(inner, b, a), b_low, &low);

  tri_f64x8 more = 1.0 / x, more_low = tri_fmac_f64(-more, x, 1.0) * more;
  tri_i64x8 tiny = a < tri_splat_f64(0x1p-60);
  more = tri_pick_f64(inner & ~tiny, -more, none);
  more_low = tri_pick_f64(inner & ~tiny, -more_low, none);
  tri_i64x8 pole = none != none;
  if (__builtin_reduce_or(left)) {
    tri_f64x8 r = a - tri_round_f64(a), s = tri_abs_f64(r);
    pole = left & (s == none);
    tri_i64x8 steep = s > tri_splat_f64(0.25);
    tri_f64x8 sine_low, cosine, cosine_low;
    tri_f64x8 sine = tri_half_turn_f64(tri_pick_f64(steep, 0.5 - s, s), &sine_low, &cosine, &cosine_low);
    tri_f64x8 over = tri_pick_f64(steep, sine, cosine), over_low = tri_pick_f64(steep, sine_low, cosine_low);
    tri_f64x8 under = tri_pick_f64(steep, cosine, sine), under_low = tri_pick_f64(steep, cosine_low, sine_low);
    tri_f64x8 inverse = 1.0 / under, q = over * inverse;
    tri_f64x8 q_low = (tri_fma_f64(-q, under_low, tri_fma_f64(-q, under, over)) + over_low) * inverse;
    tri_f64x8 turn = q * 0x1.921fb54442d18p1;
    tri_f64x8 turn_low = tri_fma_f64(q, tri_splat_f64(0x1.921fb54442d18p1), -turn)
        + (q * 0x1.1a62633145c07p-53 + q_low * 0x1.921fb54442d18p1);
    tri_i64x8 mirrored = left & ~tiny & ~pole, down = r < none;
    more = tri_pick_f64(mirrored, tri_pick_f64(down, -turn, turn), more);
    more_low = tri_pick_f64(mirrored, tri_pick_f64(down, -turn_low, turn_low), more_low);
  }
  tri_f64x8 y_low, y = tri_both_f64(high, low, more, more_low, &y_low);
  y = tri_pick_f64(tiny, -1.0 / x, y + y_low);
  y = tri_pick_f64(pole | (x == -infinity), tri_splat_f64(__builtin_nan("")), y);
  y = tri_pick_f64(x == infinity, infinity, y);
  return tri_keep_nan_f64(x, y);
}
