/* float32: the inverse circular functions, by way of float64 lanes; the method is tri_angle_f64's. */

/* The angle of (x, y), both >= 0 and not both 0, or of (-x, y) where `left` is set. Polynomial of degree 5, error of
   atan below 2^-35.3. */
TRI_INLINE tri_f64x8 tri_narrow_angle(tri_f64x8 y, tri_f64x8 x, tri_i64x8 left) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0);
  tri_i64x8 steep = y > x;
  tri_f64x8 a = tri_pick_f64(steep, y, x), b = tri_pick_f64(steep, x, y);
  tri_i64x8 far = b > a * 0x1.a827999fcef32p-2;
  tri_f64x8 t = tri_pick_f64(far, b - a, b) / tri_pick_f64(far, a + b, a), z = t * t;
  tri_f64x8 p = tri_splat_f64(0x1.842c2d5fe533fp-5);
  p = tri_fmac_f64(p, z, -0x1.5b114115ebf2cp-4);
  p = tri_fmac_f64(p, z, 0x1.c45de29cab3c3p-4);
  p = tri_fmac_f64(p, z, -0x1.247e92e0cf6p-3);
  p = tri_fmac_f64(p, z, 0x1.999915ad90df7p-3);
  p = tri_fmac_f64(p, z, -0x1.555554c0a043fp-2);
  t = tri_fma_f64(t * z, p, t);
  tri_f64x8 k = tri_pick_f64(far, one, tri_pick_f64(steep, tri_splat_f64(2.0), none));
  k = tri_pick_f64(left, 4.0 - k, k);
  return tri_fma_f64(k, tri_splat_f64(0x1.921fb54442d18p-1), tri_pick_f64(steep ^ left, -t, t));
}

TRI_INLINE tri_f64x8 tri_narrow_atan(tri_f64x8 x) {
  return tri_narrow_angle(tri_at_most_f64(x, 0x1p100), tri_splat_f64(1.0), (tri_i64x8)tri_splat_f64(0.0));
}
/* x is a float32 widened: its square is exact. */
TRI_INLINE tri_f64x8 tri_narrow_leg(tri_f64x8 x) { return __builtin_elementwise_sqrt(tri_fmac_f64(-x, x, 1.0)); }
TRI_INLINE tri_f64x8 tri_narrow_asin(tri_f64x8 x) {
  return tri_narrow_angle(x, tri_narrow_leg(x), (tri_i64x8)tri_splat_f64(0.0));
}
TRI_INLINE tri_f64x8 tri_narrow_acos(tri_f64x8 x) {
  return tri_narrow_angle(tri_narrow_leg(x), tri_abs_f64(x), x < tri_splat_f64(0.0));
}

TRI_INLINE tri_f32x16 tri_atan_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(tri_abs_f32(x), tri_f64x16);
  wide.lo = tri_narrow_atan(wide.lo);
  wide.hi = tri_narrow_atan(wide.hi);
  return tri_keep_nan_f32(x, tri_or_sign_f32(__builtin_convertvector(wide, tri_f32x16), x));
}
TRI_INLINE tri_f32x16 tri_arc_special_f32(tri_f32x16 x, tri_f32x16 y) {
  y = tri_pick_f32(tri_abs_f32(x) > tri_splat_f32(1.0f), tri_splat_f32(__builtin_nanf("")), y);
  return tri_keep_nan_f32(x, y);
}
TRI_INLINE tri_f32x16 tri_asin_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(tri_abs_f32(x), tri_f64x16);
  wide.lo = tri_narrow_asin(wide.lo);
  wide.hi = tri_narrow_asin(wide.hi);
  return tri_arc_special_f32(x, tri_or_sign_f32(__builtin_convertvector(wide, tri_f32x16), x));
}
TRI_INLINE tri_f32x16 tri_acos_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_narrow_acos(wide.lo);
  wide.hi = tri_narrow_acos(wide.hi);
  return tri_arc_special_f32(x, __builtin_convertvector(wide, tri_f32x16));
}

/* Infinities become 1 beside 0; the special cases are those of C99 Annex F. */
TRI_INLINE tri_f32x16 tri_atan2_f32(tri_f32x16 y, tri_f32x16 x) {
  const tri_f32x16 one = tri_splat_f32(1.0f), none = tri_splat_f32(0.0f), infinity = tri_splat_f32(__builtin_inff());
  tri_f32x16 a = tri_abs_f32(x), b = tri_abs_f32(y);
  tri_i32x16 endless = (a == infinity) | (b == infinity);
  a = tri_pick_f32(endless, tri_pick_f32(a == infinity, one, none), a);
  b = tri_pick_f32(endless, tri_pick_f32(b == infinity, one, none), b);
  a = tri_pick_f32((a == none) & (b == none), one, a);
  tri_f64x16 p = __builtin_convertvector(b, tri_f64x16), q = __builtin_convertvector(a, tri_f64x16);
  tri_i64x16 left = __builtin_convertvector((tri_i32x16)x < 0, tri_i64x16);
  p.lo = tri_narrow_angle(p.lo, q.lo, left.lo);
  p.hi = tri_narrow_angle(p.hi, q.hi, left.hi);
  tri_f32x16 z = tri_or_sign_f32(__builtin_convertvector(p, tri_f32x16), y);
  return tri_pick_f32((x != x) | (y != y), tri_splat_f32(__builtin_nanf("")), z);
}
