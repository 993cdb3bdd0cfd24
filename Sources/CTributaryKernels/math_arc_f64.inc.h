/* float64: the inverse circular functions, all by the angle of a point. */

/* The angle of (x + x_low, y + y_low), both parts >= 0 and not both 0, or of (-x, y) where `left` is set: from 0 to
   pi. The octants are folded onto |t| <= tan(pi/8), t = b / a or (b - a) / (b + a) of the greater a and the lesser b,
   as high + low by one division; the angle is then a multiple k of pi/4, as high + low, and t or -t. Polynomial:
   (atan(t) / t - 1) / t^2 in t^2, degree 11, error of atan below 2^-63.8; this and the others here are weighted least
   squares at Chebyshev nodes in mpmath, each coefficient rounded before the next is fitted. */
TRI_INLINE tri_f64x8 tri_angle_f64(
    tri_f64x8 y, tri_f64x8 y_low, tri_f64x8 x, tri_f64x8 x_low, tri_i64x8 left, tri_f64x8 *low) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0);
  tri_i64x8 steep = y > x;
  tri_f64x8 a = tri_pick_f64(steep, y, x), a_low = tri_pick_f64(steep, y_low, x_low);
  tri_f64x8 b = tri_pick_f64(steep, x, y), b_low = tri_pick_f64(steep, x_low, y_low);
  tri_i64x8 far = b > a * 0x1.a827999fcef32p-2;
  tri_f64x8 sum = a + b, difference = b - a;
  tri_f64x8 sum_low = (b - (sum - a)) + (a_low + b_low);
  tri_f64x8 difference_low = (b - (difference + a)) + (b_low - a_low);
  tri_f64x8 over = tri_pick_f64(far, difference, b), over_low = tri_pick_f64(far, difference_low, b_low);
  tri_f64x8 under = tri_pick_f64(far, sum, a), under_low = tri_pick_f64(far, sum_low, a_low);
  tri_f64x8 inverse = 1.0 / under, t = over * inverse;
  tri_f64x8 rest = tri_fma_f64(-t, under_low, tri_fma_f64(-t, under, over) + over_low) * inverse;
  tri_f64x8 z = t * t;
  tri_f64x8 p = tri_splat_f64(0x1.efd3a49a017d2p-7);
  p = tri_fmac_f64(p, z, -0x1.11aab92b084f9p-5);
  p = tri_fmac_f64(p, z, 0x1.70abcae70628p-5);
  p = tri_fmac_f64(p, z, -0x1.ab6bf7423787ep-5);
  p = tri_fmac_f64(p, z, 0x1.e16f023c08c1ap-5);
  p = tri_fmac_f64(p, z, -0x1.110c476a2aedap-4);
  p = tri_fmac_f64(p, z, 0x1.3b136adfef996p-4);
  p = tri_fmac_f64(p, z, -0x1.745d148ef0d55p-4);
  p = tri_fmac_f64(p, z, 0x1.c71c71b5e70a6p-4);
  p = tri_fmac_f64(p, z, -0x1.2492492471faep-3);
  p = tri_fmac_f64(p, z, 0x1.99999999995bcp-3);
  p = tri_fmac_f64(p, z, -0x1.5555555555554p-2);
  rest = tri_fma_f64(t * z, p, rest);

  tri_f64x8 k = tri_pick_f64(far, one, tri_pick_f64(steep, tri_splat_f64(2.0), none));
  k = tri_pick_f64(left, 4.0 - k, k);
  tri_i64x8 down = steep ^ left;
  t = tri_pick_f64(down, -t, t);
  rest = tri_pick_f64(down, -rest, rest);
  tri_f64x8 base = k * 0x1.921fb54442d18p-1;
  tri_f64x8 base_low = tri_fma_f64(k, tri_splat_f64(0x1.921fb54442d18p-1), -base) + k * 0x1.1a62633145c07p-55;
  tri_f64x8 high = base + t;
  *low = (t - (high - base)) + (base_low + rest);
  return high;
}

/* Beyond 2^100 the angle rounds to pi/2. */
TRI_INLINE tri_f64x8 tri_atan_f64(tri_f64x8 x) {
  const tri_f64x8 none = tri_splat_f64(0.0);
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 0x1p100), low;
  tri_f64x8 y = tri_angle_f64(a, none, tri_splat_f64(1.0), none, (tri_i64x8)none, &low);
  y = tri_or_sign_f64(y + low, x);
  y = tri_pick_f64(a < tri_splat_f64(0x1p-27), x, y);
  return tri_keep_nan_f64(x, y);
}

/* sqrt(1 - a^2) as high + low; NaN for a > 1. */
TRI_INLINE tri_f64x8 tri_leg_f64(tri_f64x8 a, tri_f64x8 *low) {
  tri_f64x8 square = a * a;
  tri_f64x8 w = 1.0 - square;
  tri_f64x8 w_low = ((1.0 - w) - square) - tri_fma_f64(a, a, -square);
  tri_f64x8 s = __builtin_elementwise_sqrt(w);
  tri_f64x8 left = tri_fma_f64(-s, s, w) + w_low;
  *low = tri_pick_f64(s > tri_splat_f64(0.0), left * 0.5 / s, tri_splat_f64(0.0));
  return s;
}
TRI_INLINE tri_f64x8 tri_arc_special_f64(tri_f64x8 x, tri_f64x8 y) {
  y = tri_pick_f64(tri_abs_f64(x) > tri_splat_f64(1.0), tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}
/* The angle of (sqrt(1 - x^2), x). */
TRI_INLINE tri_f64x8 tri_asin_f64(tri_f64x8 x) {
  const tri_f64x8 none = tri_splat_f64(0.0);
  tri_f64x8 a = tri_abs_f64(x), leg_low, low, leg = tri_leg_f64(a, &leg_low);
  tri_f64x8 y = tri_angle_f64(a, none, leg, leg_low, (tri_i64x8)none, &low);
  y = tri_or_sign_f64(y + low, x);
  y = tri_pick_f64(a < tri_splat_f64(0x1p-27), x, y);
  return tri_arc_special_f64(x, y);
}
/* The angle of (x, sqrt(1 - x^2)). */
TRI_INLINE tri_f64x8 tri_acos_f64(tri_f64x8 x) {
  const tri_f64x8 none = tri_splat_f64(0.0);
  tri_f64x8 a = tri_abs_f64(x), leg_low, low, leg = tri_leg_f64(a, &leg_low);
  tri_f64x8 y = tri_angle_f64(leg, leg_low, a, none, x < none, &low);
  return tri_arc_special_f64(x, y + low);
}

/* The special cases of C99 Annex F. Powers of two keep quotient and remainder off overflow and underflow. */
TRI_INLINE tri_f64x8 tri_atan2_f64(tri_f64x8 y, tri_f64x8 x) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0), infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 a = tri_abs_f64(x), b = tri_abs_f64(y);
  tri_i64x8 endless = (a == infinity) | (b == infinity);
  a = tri_pick_f64(endless, tri_pick_f64(a == infinity, one, none), a);
  b = tri_pick_f64(endless, tri_pick_f64(b == infinity, one, none), b);
  a = tri_pick_f64((a == none) & (b == none), one, a);
  tri_f64x8 most = tri_pick_f64(a > b, a, b);
  tri_f64x8 scale = tri_pick_f64(most > tri_splat_f64(0x1p1000), tri_splat_f64(0x1p-100), one);
  scale = tri_pick_f64(most < tri_splat_f64(0x1p-800), tri_splat_f64(0x1p200), scale);
  tri_f64x8 low;
  tri_i64x8 left = (tri_i64x8)x < 0;
  tri_f64x8 z = tri_angle_f64(b * scale, none, a * scale, none, left, &low);
  z = tri_or_sign_f64(z + low, y);
  return tri_pick_f64((x != x) | (y != y), tri_splat_f64(__builtin_nan("")), z);
}
