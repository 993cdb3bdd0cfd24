/* mish(x) = x tanh(log(1 + e^x)) = x w / (w + 2), w = e^x (e^x + 2): no part cancels. */

/* e^x, w and w + 2 as high + low. Below -40, w / (w + 2) is e^x, and x e^x is scaled at the end. */
TRI_INLINE tri_f64x8 tri_mish_f64(tri_f64x8 x) {
  tri_i64x8 n, deep = x < tri_splat_f64(-40.0);
  tri_f64x8 t, r = tri_exp_parts_f64(tri_at_least_f64(tri_at_most_f64(x, 40.0), -760.0), &n, &t);
  tri_f64x8 power = tri_power2_f64((tri_i64x8)tri_pick_f64(deep, tri_splat_f64(0.0), (tri_f64x8)n));
  tri_f64x8 high = tri_fma_f64(power, r, power);
  tri_f64x8 low = tri_fma_f64(power, t, tri_fma_f64(power, r, power - high));
  tri_f64x8 e = high + low;
  low = low - (e - high);
  tri_i64x8 scale = (tri_i64x8)tri_pick_f64(deep, (tri_f64x8)n, tri_splat_f64(0.0));
  tri_f64x8 tail = tri_ldexp_f64(tri_at_least_f64(x, -800.0) * e, scale);

  tri_f64x8 b = e + 2.0, part = b - e;
  tri_f64x8 b_low = (e - (b - part)) + (2.0 - part);
  tri_f64x8 w = e * b;
  tri_f64x8 w_low = tri_fma_f64(e, b_low, tri_fma_f64(low, b + e, tri_fma_f64(e, b, -w)));
  tri_f64x8 d = w + 2.0;
  part = d - w;
  tri_f64x8 d_low = ((w - (d - part)) + (2.0 - part)) + w_low;
  tri_f64x8 inverse = 1.0 / d, q = w * inverse;
  tri_f64x8 q_low = (tri_fma_f64(-q, d_low, tri_fma_f64(-q, d, w)) + w_low) * inverse;
  tri_f64x8 y = x * q;
  y = y + tri_fma_f64(x, q_low, tri_fma_f64(x, q, -y));
  y = tri_pick_f64(deep, tail, y);
  y = tri_pick_f64((x > tri_splat_f64(40.0)) | (x == tri_splat_f64(0.0)), x, y);
  /* -infinity times 0, as in PyTorch. */
  y = tri_pick_f64(x == tri_splat_f64(-__builtin_inf()), tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}
TRI_INLINE tri_f64x8 tri_narrow_mish(tri_f64x8 x) {
  tri_f64x8 b = tri_at_least_f64(x, -150.0), e = tri_narrow_exp(tri_at_most_f64(b, 40.0));
  tri_f64x8 w = e * (e + 2.0);
  return (b * w) / (w + 2.0);
}
TRI_INLINE tri_f32x16 tri_mish_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_narrow_mish(wide.lo);
  wide.hi = tri_narrow_mish(wide.hi);
  tri_f32x16 y = __builtin_convertvector(wide, tri_f32x16);
  y = tri_pick_f32(x == tri_splat_f32(__builtin_inff()), x, y);
  y = tri_pick_f32(x == tri_splat_f32(-__builtin_inff()), tri_splat_f32(__builtin_nanf("")), y);
  return tri_keep_nan_f32(x, y);
}
