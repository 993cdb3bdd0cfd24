/* float64: x to the power y. */

TRI_INLINE tri_i64x8 tri_is_whole_f64(tri_f64x8 v) {
  tri_f64x8 a = tri_abs_f64(v), big = tri_splat_f64(0x1p52);
  return (a >= big) | ((a + big) - big == a);
}

/* The special cases of C99 Annex F, given the magnitude for positive finite x and finite y. */
TRI_INLINE tri_f64x8 tri_pow_special_f64(tri_f64x8 x, tri_f64x8 y, tri_f64x8 magnitude) {
  const tri_f64x8 none = tri_splat_f64(0.0), one = tri_splat_f64(1.0), infinity = tri_splat_f64(__builtin_inf());
  const tri_f64x8 nan = tri_splat_f64(__builtin_nan(""));
  tri_f64x8 a = tri_abs_f64(x);
  tri_i64x8 whole = tri_is_whole_f64(y), odd = whole & ~tri_is_whole_f64(y * 0.5);
  tri_i64x8 edge = (a == none) | (a == infinity) | (tri_abs_f64(y) == infinity);
  tri_f64x8 limit = tri_pick_f64((a > one) == (y > none), infinity, none);
  magnitude = tri_pick_f64(edge, limit, magnitude);
  magnitude = tri_pick_f64(a == one, one, magnitude);
  tri_f64x8 z = (tri_f64x8)((tri_i64x8)magnitude | ((tri_i64x8)x & odd & (tri_i64x8)INT64_MIN));
  z = tri_pick_f64((x < none) & (a < infinity) & ~whole, nan, z);
  z = tri_pick_f64((x != x) | (y != y), nan, z);
  return tri_pick_f64((x == one) | (y == none), one, z);
}

/* e log 2 + log(1 + f + g) as high + low, to about 2^-66, for sqrt(1/2) <= 1 + f < sqrt(2) and g of at most an ulp
   of 1 + f. log m = 2 atanh(s), s = f / (2 + f) in two doubles; 2 atanh(s) / s = 2 + z (2/3 + z P(z)), z = s^2: the
   first three terms in two doubles, z P, of degree 7 (Sollya, fpminimax, error of the whole below 2^-73), in one. */
TRI_INLINE tri_f64x8 tri_log_wide_f64(tri_f64x8 e, tri_f64x8 f, tri_f64x8 g, tri_f64x8 *low) {
  tri_f64x8 d = f + 2.0, d_low = (f - (d - 2.0)) + g, inverse = 1.0 / d;
  tri_f64x8 s = f * inverse;
  tri_f64x8 s_low = tri_fma_f64(-s, d_low, tri_fma_f64(-s, d, f) + g) * inverse;
  tri_f64x8 z = s * s, z_low = tri_fma_f64(s + s, s_low, tri_fma_f64(s, s, -z));
  tri_f64x8 p = tri_splat_f64(0x1.eac5bb8e6a57ap-4);
  p = tri_fmac_f64(p, z, 0x1.de3d851aa1049p-4);
  p = tri_fmac_f64(p, z, 0x1.11206e2a51bd4p-3);
  p = tri_fmac_f64(p, z, 0x1.3b1364d34fab5p-3);
  p = tri_fmac_f64(p, z, 0x1.745d1829269f6p-3);
  p = tri_fmac_f64(p, z, 0x1.c71c71c596fd7p-3);
  p = tri_fmac_f64(p, z, 0x1.2492492492f4ep-2);
  p = tri_fmac_f64(p, z, 0x1.9999999999996p-2);
  p = p * z;
  tri_f64x8 a = p + 0x1.5555555555555p-1;
  tri_f64x8 a_low = (p - (a - 0x1.5555555555555p-1)) + 0x1.5555555555555p-55;
  tri_f64x8 b = z * a;
  tri_f64x8 b_low = tri_fma_f64(z, a_low, tri_fma_f64(z_low, a, tri_fma_f64(z, a, -b)));
  tri_f64x8 c = b + 2.0, c_low = (b - (c - 2.0)) + b_low;
  tri_f64x8 l = s * c;
  tri_f64x8 l_low = tri_fma_f64(s, c_low, tri_fma_f64(s_low, c, tri_fma_f64(s, c, -l)));
  tri_f64x8 whole = e * 0x1.62e42feep-1;
  tri_f64x8 sum = whole + l;
  tri_f64x8 sum_low = (l - (sum - whole)) + tri_fma_f64(e, tri_splat_f64(0x1.a39ef35793c76p-33), l_low);
  tri_f64x8 log = sum + sum_low;
  *low = sum_low - (log - sum);
  return log;
}

/* |x|^y = e^(y log |x|). A -0 added is nothing, and costs nothing. */
TRI_INLINE tri_f64x8 tri_pow_f64(tri_f64x8 x, tri_f64x8 y) {
  tri_f64x8 e, f = tri_log_parts_f64(tri_abs_f64(x), &e);
  tri_f64x8 log_low, log = tri_log_wide_f64(e, f, tri_splat_f64(-0.0), &log_low);

  /* Beyond +-800 the power is infinite or zero whatever the low part; y there may be anything. */
  tri_f64x8 product = y * log;
  tri_i64x8 out = tri_abs_f64(product) > tri_splat_f64(800.0);
  tri_f64x8 low = tri_fma_f64(y, log_low, tri_fma_f64(y, log, -product));
  low = tri_pick_f64(out, tri_splat_f64(0.0), low);
  product = tri_at_least_f64(tri_at_most_f64(product, 800.0), -800.0);
  tri_i64x8 n;
  tri_f64x8 t, r = tri_exp_parts_f64(product, &n, &t);
  t = t + tri_fma_f64(low, r + t, low);
  return tri_pow_special_f64(x, y, tri_scale_f64(r + t, n));
}
