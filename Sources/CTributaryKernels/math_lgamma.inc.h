/* log |gamma(x)|, float64. It cancels near its zeros, so that every part is kept as high + low to 2^-59 or better. */

/* sin(pi s) and cos(pi s) for 0 <= s <= 1/4, as high + low. Polynomials in s^2, their first three coefficients (of
   Taylor's series) as high + low; then degrees 4 and 5, errors of the whole below 2^-67 and 2^-74. */
TRI_INLINE tri_f64x8 tri_half_turn_f64(tri_f64x8 s, tri_f64x8 *sine_low, tri_f64x8 *cosine, tri_f64x8 *cosine_low) {
  tri_f64x8 z = s * s, z_low = tri_fma_f64(s, s, -z);
  tri_f64x8 p = tri_splat_f64(-0x1.6cc56dbb303p-16);
  p = tri_fmac_f64(p, z, 0x1.e8f043e77fa75p-12);
  p = tri_fmac_f64(p, z, -0x1.e3074d4b3be77p-8);
  p = tri_fmac_f64(p, z, 0x1.5078348720815p-4);
  p = tri_fmac_f64(p, z, -0x1.32d2cce62ba7bp-1);
  tri_f64x8 m = z * p, m_low = tri_fma_f64(z, p, -m), t, t_low;
  t = m + 0x1.466bc6775aae2p1;
  t_low = (m - (t - 0x1.466bc6775aae2p1)) + (m_low - 0x1.6dc0cbddb0fc3p-54);
  m = z * t;
  m_low = tri_fma_f64(z, t, -m) + tri_fma_f64(z, t_low, z_low * t);
  t = m - 0x1.4abbce625be53p2;
  t_low = (m - (t + 0x1.4abbce625be53p2)) + (m_low + 0x1.05511c68476a8p-52);
  m = z * t;
  m_low = tri_fma_f64(z, t, -m) + tri_fma_f64(z, t_low, z_low * t);
  t = m + 0x1.921fb54442d18p1;
  t_low = (m - (t - 0x1.921fb54442d18p1)) + (m_low + 0x1.1a62633145c07p-53);
  tri_f64x8 sine = s * t;
  *sine_low = tri_fma_f64(s, t_low, tri_fma_f64(s, t, -sine));

  p = tri_splat_f64(0x1.1e6b481d1e1b2p-18);
  p = tri_fmac_f64(p, z, -0x1.b6de72b298f5p-14);
  p = tri_fmac_f64(p, z, 0x1.f9d386f46c122p-10);
  p = tri_fmac_f64(p, z, -0x1.a6d1f2a088386p-6);
  p = tri_fmac_f64(p, z, 0x1.e1f506891afbfp-3);
  p = tri_fmac_f64(p, z, -0x1.55d3c7e3cbff8p0);
  m = z * p;
  m_low = tri_fma_f64(z, p, -m);
  t = m + 0x1.03c1f081b5ac4p2;
  t_low = (m - (t - 0x1.03c1f081b5ac4p2)) + (m_low - 0x1.32b33f87fc145p-52);
  m = z * t;
  m_low = tri_fma_f64(z, t, -m) + tri_fma_f64(z, t_low, z_low * t);
  t = m - 0x1.3bd3cc9be45dep2;
  t_low = (m - (t + 0x1.3bd3cc9be45dep2)) + (m_low - 0x1.692b71366cc04p-52);
  m = z * t;
  m_low = tri_fma_f64(z, t, -m) + tri_fma_f64(z, t_low, z_low * t);
  *cosine = m + 1.0;
  *cosine_low = (m - (*cosine - 1.0)) + m_low;
  return sine;
}

/* log(v + v_low) as high + low for positive v, denormal ones too. */
TRI_INLINE tri_f64x8 tri_log_of_both_f64(tri_f64x8 v, tri_f64x8 v_low, tri_f64x8 *low) {
  tri_f64x8 e, f = tri_log_parts_f64(v, &e);
  /* v_low is 0 where v is so small or so large that 2^-e would not be normal. */
  tri_i64x8 plain = (v > tri_splat_f64(0x1p-900)) & (v < tri_splat_f64(0x1p900));
  tri_f64x8 scale = tri_power2_f64((tri_i64x8)((tri_u64x8)(0x1.8p52 - e) - (tri_u64x8)tri_splat_f64(0x1.8p52)));
  tri_f64x8 g = tri_pick_f64(plain, v_low * scale, tri_splat_f64(0.0));
  return tri_log_wide_f64(e, f, g, low);
}

/* The sum of two sums, by Knuth's TwoSum. */
TRI_INLINE tri_f64x8 tri_both_f64(tri_f64x8 a, tri_f64x8 a_low, tri_f64x8 b, tri_f64x8 b_low, tri_f64x8 *low) {
  tri_f64x8 sum = a + b, part = sum - a;
  *low = ((a - (sum - part)) + (b - part)) + (a_low + b_low);
  return sum;
}

/* log gamma(2 + z) / z for |z| <= 1/2, of degree 20, less the first three terms (of Taylor's series) and over z^3.
   Error of the whole below 2^-67. */
TRI_INLINE tri_f64x8 tri_lgamma_rest_f64(tri_f64x8 z) {
  tri_f64x8 p = tri_splat_f64(-0x1.0992d2c9ed639p-25);
  p = tri_fmac_f64(p, z, 0x1.1465341b86b5dp-24);
  p = tri_fmac_f64(p, z, -0x1.9a571991f6a14p-24);
  p = tri_fmac_f64(p, z, 0x1.b2b7cb7a138bp-23);
  p = tri_fmac_f64(p, z, -0x1.e410c65e03affp-22);
  p = tri_fmac_f64(p, z, 0x1.013317dcf8178p-20);
  p = tri_fmac_f64(p, z, -0x1.11a8816f8de7p-19);
  p = tri_fmac_f64(p, z, 0x1.258e12dc85ff8p-18);
  p = tri_fmac_f64(p, z, -0x1.3cbce4f00aa98p-17);
  p = tri_fmac_f64(p, z, 0x1.580e1420ff6d3p-16);
  p = tri_fmac_f64(p, z, -0x1.78de5a74dbb2p-15);
  p = tri_fmac_f64(p, z, 0x1.a127afc8bf53fp-14);
  p = tri_fmac_f64(p, z, -0x1.d3fd4c7a36b8ep-13);
  p = tri_fmac_f64(p, z, 0x1.0b36af878ec8cp-11);
  p = tri_fmac_f64(p, z, -0x1.38ac5c2bf72c5p-10);
  p = tri_fmac_f64(p, z, 0x1.7add6eadb5846p-9);
  p = tri_fmac_f64(p, z, -0x1.e404fc218f5f2p-8);
  p = tri_fmac_f64(p, z, 0x1.51322ac7d8483p-6);
  return p;
}
/* What Stirling's series leaves over a, for a >= 8, by r = 1/a: of degree 7 in r^2, error below 2^-64. */
TRI_INLINE tri_f64x8 tri_stirling_rest_f64(tri_f64x8 r) {
  tri_f64x8 w = r * r;
  tri_f64x8 p = tri_splat_f64(-0x1.b267e64f93c38p-7);
  p = tri_fmac_f64(p, w, 0x1.7812d69fb0da3p-8);
  p = tri_fmac_f64(p, w, -0x1.f2ea1e1767589p-10);
  p = tri_fmac_f64(p, w, 0x1.b93af4a1fd2bap-11);
  p = tri_fmac_f64(p, w, -0x1.38135963c89b7p-11);
  p = tri_fmac_f64(p, w, 0x1.a01a017a6629p-11);
  p = tri_fmac_f64(p, w, -0x1.6c16c16c1278ap-9);
  p = tri_fmac_f64(p, w, 0x1.5555555555555p-4);
  return p;
}

/* log gamma(a), a > 0. Below 8: log gamma(2 + z) + log of a product of a - 1, a - 2, …, or less the logarithm of a or
   a (a + 1), so that |z| <= 1/2, with the first three terms as high + low. From 8 on Stirling's series. */
TRI_INLINE tri_f64x8 tri_lgamma_positive_f64(tri_f64x8 a, tri_f64x8 *low) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0);
  tri_i64x8 far = a >= tri_splat_f64(8.0);
  tri_f64x8 b = tri_pick_f64(far, tri_splat_f64(2.0), a);
  tri_i64x8 up = b < tri_splat_f64(1.5), twice = b < tri_splat_f64(0.5);
  tri_f64x8 z = tri_pick_f64(twice, b, tri_pick_f64(up, b - 1.0, b - 2.0));
  tri_f64x8 two = tri_fma_f64(b, b, b), two_low = tri_fma_f64(b, b, b - two);
  tri_f64x8 v = tri_pick_f64(twice, two, tri_pick_f64(up, b, one)), v_low = tri_pick_f64(twice, two_low, none);
  for (int k = 0; k < 6; k++) {
    tri_i64x8 more = z >= tri_splat_f64(0.5);
    if (!__builtin_reduce_or(more)) break;
    tri_f64x8 factor = tri_pick_f64(more, z + 1.0, one), product = v * factor;
    v_low = tri_fma_f64(v_low, factor, tri_fma_f64(v, factor, -product));
    v = product;
    z = tri_pick_f64(more, z - 1.0, z);
  }
  tri_f64x8 log_low, log = tri_log_of_both_f64(tri_pick_f64(far, a, v), tri_pick_f64(far, none, v_low), &log_low);

  tri_f64x8 p = tri_lgamma_rest_f64(z);
  tri_f64x8 m = z * p, m_low = tri_fma_f64(z, p, -m);
  tri_f64x8 s = m - 0x1.13e001a557607p-4, s_low = (m - (s + 0x1.13e001a557607p-4)) + (m_low + 0x1.fb68be2f8821fp-58);
  m = z * s;
  m_low = tri_fma_f64(z, s_low, tri_fma_f64(z, s, -m));
  s = m + 0x1.4a34cc4a60fa6p-2;
  s_low = (m - (s - 0x1.4a34cc4a60fa6p-2)) + (m_low + 0x1.1873d8912200cp-56);
  m = z * s;
  m_low = tri_fma_f64(z, s_low, tri_fma_f64(z, s, -m));
  s = m + 0x1.b0ee6072093cep-2;
  s_low = (m - (s - 0x1.b0ee6072093cep-2)) + (m_low + 0x1.6cb90701fbfabp-58);
  m = z * s;
  m_low = tri_fma_f64(z, s_low, tri_fma_f64(z, s, -m));
  tri_f64x8 near_low;
  tri_f64x8 near = tri_both_f64(m, m_low, tri_pick_f64(up, -log, log), tri_pick_f64(up, -log_low, log_low), &near_low);

  tri_f64x8 less = log - 1.0, less_low = ((log - less) - 1.0) + log_low;
  tri_f64x8 inverse = 1.0 / a;
  tri_f64x8 high = a * less, high_low = tri_fma_f64(a, less_low, tri_fma_f64(a, less, -high));
  tri_f64x8 rest_low, rest = tri_both_f64(log * -0.5, log_low * -0.5, tri_splat_f64(0x1.d67f1c864beb5p-1),
                                          tri_fmac_f64(tri_stirling_rest_f64(inverse), inverse, -0x1.65b5a1b7ff5dfp-55),
                                          &rest_low);
  tri_f64x8 sum = high + rest;
  tri_f64x8 far_low = (rest - (sum - high)) + (high_low + rest_low);
  far_low = tri_pick_f64(sum == tri_splat_f64(__builtin_inf()), none, far_low);
  *low = tri_pick_f64(far, far_low, near_low);
  return tri_pick_f64(far, sum, near);
}

/* For x < 0, with a = -x: log(pi / (a |sin(pi a)|)) - log gamma(a). */
TRI_INLINE tri_f64x8 tri_lgamma_f64(tri_f64x8 x) {
  const tri_f64x8 infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 a = tri_abs_f64(x), low, high = tri_lgamma_positive_f64(a, &low);
  tri_f64x8 y = high + low;
  tri_i64x8 left = x < tri_splat_f64(-0x1p-60);
  if (__builtin_reduce_or(left)) {
    tri_f64x8 s = tri_abs_f64(a - tri_round_f64(a));
    tri_i64x8 steep = s > tri_splat_f64(0.25), pole = s == tri_splat_f64(0.0);
    tri_f64x8 sine_low, cosine, cosine_low;
    tri_f64x8 sine = tri_half_turn_f64(tri_pick_f64(steep, 0.5 - s, s), &sine_low, &cosine, &cosine_low);
    sine = tri_pick_f64(steep, cosine, sine);
    sine_low = tri_pick_f64(steep, cosine_low, sine_low);
    tri_f64x8 b = tri_pick_f64(pole, tri_splat_f64(1.0), tri_at_most_f64(a, 0x1p60));
    tri_f64x8 m = b * sine, m_low = tri_fma_f64(b, sine_low, tri_fma_f64(b, sine, -m));
    tri_f64x8 v = m * 0x1.45f306dc9c883p-2;
    tri_f64x8 v_low = tri_fma_f64(m, tri_splat_f64(0x1.45f306dc9c883p-2), -v)
        + (m_low * 0x1.45f306dc9c883p-2 + m * -0x1.6b01ec5417056p-56);
    tri_f64x8 log_low, log = tri_log_of_both_f64(tri_pick_f64(pole, tri_splat_f64(1.0), v), v_low, &log_low);
    tri_f64x8 mirrored_low, mirrored = tri_both_f64(-log, -log_low, -high, -low, &mirrored_low);
    y = tri_pick_f64(left, tri_pick_f64(pole, infinity, mirrored + mirrored_low), y);
  }
  y = tri_pick_f64((a == tri_splat_f64(0.0)) | (a == infinity), infinity, y);
  return tri_keep_nan_f64(x, y);
}
