/* Cube roots and lengths, float64 and float32. */

/* x = 8^k m 2^j with m as in tri_log_parts_f64 and j = -1, 0 or 1: returns |m 2^j|^(-1/3), error below 2^-48.
   Polynomial: m^(-1/3), degree 5, error below 2^-17; then one step of order four, y (1 - h)^(-1/3) with
   h = 1 - m y^3. No division. */
TRI_INLINE tri_f64x8 tri_inverse_cbrt_f64(tri_f64x8 f, tri_f64x8 e, tri_f64x8 *m, tri_f64x8 *power) {
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52), one = tri_splat_f64(1.0);
  tri_f64x8 shifted = tri_fma_f64(e, tri_splat_f64(0x1.5555555555555p-2), magic);
  tri_f64x8 j = tri_fma_f64(shifted - magic, tri_splat_f64(-3.0), e);
  *power = tri_power2_f64((tri_i64x8)((tri_u64x8)shifted - (tri_u64x8)magic));
  tri_i64x8 more = j > tri_splat_f64(0.0), less = j < tri_splat_f64(0.0);
  *m = (f + 1.0) * tri_pick_f64(more, tri_splat_f64(2.0), tri_pick_f64(less, tri_splat_f64(0.5), one));
  tri_f64x8 y = tri_splat_f64(-0x1.b7c7142d244b6p-4);
  y = tri_fmac_f64(y, f, 0x1.481978273f46bp-3);
  y = tri_fmac_f64(y, f, -0x1.683eb78914f88p-3);
  y = tri_fmac_f64(y, f, 0x1.c5e287e1f6808p-3);
  y = tri_fmac_f64(y, f, -0x1.5541cb34f45d6p-2);
  y = tri_fmac_f64(y, f, 0x1.00003d6e9f04cp0);
  y = y * tri_pick_f64(more, tri_splat_f64(0x1.965fea53d6e3dp-1),
                       tri_pick_f64(less, tri_splat_f64(0x1.428a2f98d728bp0), one));
  tri_f64x8 h = tri_fmac_f64(-(*m * y), y * y, 1.0);
  tri_f64x8 series = tri_fmac_f64(tri_splat_f64(0x1.61f9add3c0ca4p-3), h, 0x1.c71c71c71c71cp-3);
  series = tri_fmac_f64(series, h, 0x1.5555555555555p-2);
  return tri_fma_f64(y * h, series, y);
}

/* m y^2, and one step of Newton's on its exact remainder. */
TRI_INLINE tri_f64x8 tri_cbrt_f64(tri_f64x8 x) {
  tri_f64x8 a = tri_abs_f64(x), e, f = tri_log_parts_f64(a, &e), m, power;
  tri_f64x8 inverse = tri_inverse_cbrt_f64(f, e, &m, &power), square = inverse * inverse;
  tri_f64x8 y = m * square;
  tri_f64x8 p = y * y, p_low = tri_fma_f64(y, y, -p);
  tri_f64x8 left = tri_fma_f64(p_low, y, tri_fma_f64(p, y, -m));
  y = tri_fma_f64(left * square, tri_splat_f64(-0x1.5555555555555p-2), y) * power;
  tri_i64x8 as_is = (a == tri_splat_f64(0.0)) | (a == tri_splat_f64(__builtin_inf()));
  return tri_keep_nan_f64(x, tri_pick_f64(as_is, x, tri_or_sign_f64(y, x)));
}
TRI_INLINE tri_f64x8 tri_narrow_cbrt(tri_f64x8 x) {
  tri_f64x8 e, f = tri_split_f64((tri_u64x8)tri_abs_f64(x), &e) - 1.0, m, power;
  tri_f64x8 inverse = tri_inverse_cbrt_f64(f, e, &m, &power);
  return tri_or_sign_f64((m * inverse) * (inverse * power), x);
}
TRI_INLINE tri_f32x16 tri_cbrt_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_narrow_cbrt(wide.lo);
  wide.hi = tri_narrow_cbrt(wide.hi);
  tri_f32x16 a = tri_abs_f32(x);
  tri_i32x16 as_is = (a == tri_splat_f32(0.0f)) | (a == tri_splat_f32(__builtin_inff()));
  return tri_keep_nan_f32(x, tri_pick_f32(as_is, x, __builtin_convertvector(wide, tri_f32x16)));
}

/* sqrt(x^2 + y^2), the sum of squares as high + low, and one step of Newton's on the root; powers of two keep it off
   overflow and underflow. Infinite beside a NaN, as C99 says. */
TRI_INLINE tri_f64x8 tri_hypot_f64(tri_f64x8 x, tri_f64x8 y) {
  const tri_f64x8 one = tri_splat_f64(1.0), infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 p = tri_abs_f64(x), q = tri_abs_f64(y);
  tri_f64x8 a = tri_pick_f64(p > q, p, q), b = tri_pick_f64(p > q, q, p);
  tri_i64x8 large = a > tri_splat_f64(0x1p500), small = a < tri_splat_f64(0x1p-450);
  tri_f64x8 scale = tri_pick_f64(large, tri_splat_f64(0x1p-600), tri_pick_f64(small, tri_splat_f64(0x1p600), one));
  tri_f64x8 back = tri_pick_f64(large, tri_splat_f64(0x1p600), tri_pick_f64(small, tri_splat_f64(0x1p-600), one));
  a = a * scale;
  b = b * scale;
  tri_f64x8 aa = a * a, bb = b * b, sum = aa + bb;
  tri_f64x8 sum_low = (bb - (sum - aa)) + (tri_fma_f64(a, a, -aa) + tri_fma_f64(b, b, -bb));
  tri_f64x8 s = __builtin_elementwise_sqrt(sum);
  tri_f64x8 left = tri_fma_f64(-s, s, sum) + sum_low;
  s = tri_pick_f64(s > tri_splat_f64(0.0), s + left * 0.5 / s, s) * back;
  s = tri_pick_f64((x != x) | (y != y), tri_splat_f64(__builtin_nan("")), s);
  return tri_pick_f64((p == infinity) | (q == infinity), infinity, s);
}
/* The squares are exact and the sum is far from overflow in float64. */
TRI_INLINE tri_f32x16 tri_hypot_f32(tri_f32x16 x, tri_f32x16 y) {
  const tri_f32x16 infinity = tri_splat_f32(__builtin_inff());
  tri_f64x16 p = __builtin_convertvector(x, tri_f64x16), q = __builtin_convertvector(y, tri_f64x16);
  p.lo = __builtin_elementwise_sqrt(tri_fma_f64(p.lo, p.lo, q.lo * q.lo));
  p.hi = __builtin_elementwise_sqrt(tri_fma_f64(p.hi, p.hi, q.hi * q.hi));
  tri_f32x16 s = __builtin_convertvector(p, tri_f32x16);
  s = tri_pick_f32((x != x) | (y != y), tri_splat_f32(__builtin_nanf("")), s);
  return tri_pick_f32((tri_abs_f32(x) == infinity) | (tri_abs_f32(y) == infinity), infinity, s);
}
