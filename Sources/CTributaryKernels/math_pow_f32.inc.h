/* float32: x to the power y, by way of float64 lanes. */

/* log(a) for positive finite a: as in tri_log_tail_f64 with a polynomial in s^2 of degree 5, error below 2^-44.9. */
TRI_INLINE tri_f64x8 tri_narrow_log(tri_f64x8 a) {
  tri_f64x8 e, f = tri_split_f64((tri_u64x8)a, &e) - 1.0;
  tri_f64x8 s = f / (f + 2.0), z = s * s;
  tri_f64x8 p = tri_splat_f64(0x1.9117c781ccc1dp-3);
  p = tri_fmac_f64(p, z, 0x1.c62af57d76a55p-3);
  p = tri_fmac_f64(p, z, 0x1.2494123239e89p-2);
  p = tri_fmac_f64(p, z, 0x1.999996a8ed26fp-2);
  p = tri_fmac_f64(p, z, 0x1.555555561e497p-1);
  p = tri_fmac_f64(p, z, 2.0);
  return tri_fma_f64(e, tri_splat_f64(0x1.62e42fefa39efp-1), s * p);
}
/* |x|^y for positive finite |x|: e^(y log |x|). The product reaches 150, so that the logarithm needs ten bits more
   than the result. */
TRI_INLINE tri_f64x8 tri_narrow_pow(tri_f64x8 a, tri_f64x8 y) {
  return tri_narrow_exp(tri_at_least_f64(tri_at_most_f64(y * tri_narrow_log(a), 150.0), -150.0));
}

TRI_INLINE tri_i32x16 tri_is_whole_f32(tri_f32x16 v) {
  tri_f32x16 a = tri_abs_f32(v), big = tri_splat_f32(0x1p23f);
  return (a >= big) | ((a + big) - big == a);
}

/* The special cases are those of C99 Annex F, as in float64. */
TRI_INLINE tri_f32x16 tri_pow_f32(tri_f32x16 x, tri_f32x16 y) {
  tri_f32x16 a = tri_abs_f32(x);
  tri_f64x16 wide = __builtin_convertvector(a, tri_f64x16), power = __builtin_convertvector(y, tri_f64x16);
  wide.lo = tri_narrow_pow(wide.lo, power.lo);
  wide.hi = tri_narrow_pow(wide.hi, power.hi);
  tri_f32x16 magnitude = __builtin_convertvector(wide, tri_f32x16);

  const tri_f32x16 none = tri_splat_f32(0.0f), one = tri_splat_f32(1.0f), infinity = tri_splat_f32(__builtin_inff());
  const tri_f32x16 nan = tri_splat_f32(__builtin_nanf(""));
  tri_i32x16 whole = tri_is_whole_f32(y), odd = whole & ~tri_is_whole_f32(y * 0.5f);
  tri_i32x16 edge = (a == none) | (a == infinity) | (tri_abs_f32(y) == infinity);
  magnitude = tri_pick_f32(edge, tri_pick_f32((a > one) == (y > none), infinity, none), magnitude);
  magnitude = tri_pick_f32(a == one, one, magnitude);
  tri_f32x16 z = (tri_f32x16)((tri_i32x16)magnitude | ((tri_i32x16)x & odd & (tri_i32x16)INT32_MIN));
  z = tri_pick_f32((x < none) & (a < infinity) & ~whole, nan, z);
  z = tri_pick_f32((x != x) | (y != y), nan, z);
  return tri_pick_f32((x == one) | (y == none), one, z);
}
