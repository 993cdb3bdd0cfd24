/* float32 functions by way of float64 lanes, rounded once at the end: 0.5 ulp and the polynomial's trace. The
   polynomials are shorter than the float64 functions' (2^-33 is enough), and nothing is kept in two parts.
   Coefficients: Sollya 8.0, fpminimax, relative error; for erfc Chebyshev interpolation in mpmath. Each `narrow`
   function takes float32 values widened, hence no denormals; what overflows or underflows does so when rounded. */

/* e^x for |x| < 700. Polynomial of degree 7 on |r| <= 0.3468, error below 2^-34.1. */
TRI_INLINE tri_f64x8 tri_narrow_exp(tri_f64x8 x) {
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52);
  tri_f64x8 shifted = tri_fma_f64(x, tri_splat_f64(0x1.71547652b82fep0), magic);
  tri_f64x8 r = tri_fma_f64(shifted - magic, tri_splat_f64(-0x1.62e42fefa39efp-1), x);
  tri_f64x8 q = tri_splat_f64(0x1.9f08438f5dc92p-13);
  q = tri_fmac_f64(q, r, 0x1.6d8d6f4117706p-10);
  q = tri_fmac_f64(q, r, 0x1.1112717d66d5ap-7);
  q = tri_fmac_f64(q, r, 0x1.55548d55d1b41p-5);
  q = tri_fmac_f64(q, r, 0x1.55555442518abp-3);
  q = tri_fmac_f64(q, r, 0x1.0000003a5365p-1);
  q = tri_fmac_f64(q, r, 1.0);
  q = tri_fmac_f64(q, r, 1.0);
  return q * tri_power2_f64((tri_i64x8)((tri_u64x8)shifted - (tri_u64x8)magic));
}

/* e^(b^2) erfc(b) for 0 <= b <= 11: the form of tri_erfc_parts_f64 with t = (b - 3) / (b + 3), degree 12, error
   below 2^-33.8. */
TRI_INLINE tri_f64x8 tri_narrow_erfc_scaled(tri_f64x8 b) {
  tri_f64x8 d = tri_fmac_f64(b, tri_splat_f64(1.125), 1.0), b3 = b + 3.0;
  tri_f64x8 both = 1.0 / (d * b3);
  tri_f64x8 u = ((b - 3.0) * d) * both;
  tri_f64x8 p = tri_splat_f64(0x1.04f9d27feac6bp-16);
  p = tri_fmac_f64(p, u, 0x1.16abc69c22b57p-14);
  p = tri_fmac_f64(p, u, -0x1.73a0a16d86f1ap-15);
  p = tri_fmac_f64(p, u, -0x1.be6e3935eec99p-12);
  p = tri_fmac_f64(p, u, 0x1.a5eb935be1a5bp-11);
  p = tri_fmac_f64(p, u, 0x1.c6ebdddf000e9p-10);
  p = tri_fmac_f64(p, u, -0x1.78f25800088f5p-7);
  p = tri_fmac_f64(p, u, 0x1.c6ac50a9672cbp-6);
  p = tri_fmac_f64(p, u, -0x1.24c33f9dc5f59p-5);
  p = tri_fmac_f64(p, u, 0x1.db1e04927d539p-8);
  p = tri_fmac_f64(p, u, 0x1.4a89da7e93991p-4);
  p = tri_fmac_f64(p, u, -0x1.c08a70e9fc5dap-3);
  p = tri_fmac_f64(p, u, 0x1.90f66b8dcbeccp-1);
  return p * (b3 * both);
}
TRI_INLINE tri_f64x8 tri_narrow_erfc(tri_f64x8 x) {
  tri_f64x8 a = tri_at_most_f64(tri_abs_f64(x), 11.0);
  tri_f64x8 y = tri_narrow_exp(a * -a) * tri_narrow_erfc_scaled(a);
  return tri_pick_f64(x < tri_splat_f64(0.0), 2.0 - y, y);
}

/* max(x, 0) + log(1 + z), z = e^-|x|: with s = z / (2 + z) <= 1/3, log(1 + z) = 2 atanh(s), a polynomial in s^2 of
   degree 6, error below 2^-38.4. */
TRI_INLINE tri_f64x8 tri_narrow_softplus(tri_f64x8 x) {
  const tri_f64x8 none = tri_splat_f64(0.0);
  tri_f64x8 z = tri_narrow_exp(-tri_at_most_f64(tri_abs_f64(x), 110.0));
  tri_f64x8 s = z / (z + 2.0), w = s * s;
  tri_f64x8 p = tri_splat_f64(0x1.be193d7ffd11bp-3);
  p = tri_fmac_f64(p, w, 0x1.5f41c18671344p-3);
  p = tri_fmac_f64(p, w, 0x1.c8b9ef17f5a64p-3);
  p = tri_fmac_f64(p, w, 0x1.248a6563de8cap-2);
  p = tri_fmac_f64(p, w, 0x1.9999bccc059ebp-2);
  p = tri_fmac_f64(p, w, 0x1.5555553b4a3b3p-1);
  p = tri_fmac_f64(p, w, 2.0);
  return tri_fma_f64(s, p, tri_pick_f64(x > none, x, none));
}

/* x = (4 j + n) pi/2 + r. Below 2^20 two parts of pi/2 do: a float32 does not come near enough to a multiple for a
   third. */
TRI_INLINE tri_f64x8 tri_narrow_reduce(tri_f64x8 x, tri_i64x8 *n) {
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52);
  tri_i64x8 large = !(tri_abs_f64(x) < tri_splat_f64(0x1p20));
  tri_f64x8 v = tri_pick_f64(large, tri_splat_f64(0.0), x);
  tri_f64x8 shifted = tri_fma_f64(v, tri_splat_f64(0x1.45f306dc9c883p-1), magic);
  tri_f64x8 k = shifted - magic;
  *n = (tri_i64x8)shifted;
  tri_f64x8 r = tri_fma_f64(k, tri_splat_f64(-0x1.921fb54442d18p0), v);
  r = tri_fma_f64(k, tri_splat_f64(-0x1.1a62633145c07p-54), r);
  if (__builtin_reduce_or(large)) tri_reduce_large_lanes(x, large, &r, 0, n);
  return r;
}
/* sin to degree 9, error below 2^-37.4; cos to degree 10, below 2^-42.9. */
TRI_INLINE tri_f64x8 tri_narrow_sine(tri_f64x8 r, tri_f64x8 z) {
  tri_f64x8 p = tri_splat_f64(0x1.6cd19d00f1092p-19);
  p = tri_fmac_f64(p, z, -0x1.a00f7dc2ed4a2p-13);
  p = tri_fmac_f64(p, z, 0x1.11110868a69f4p-7);
  p = tri_fmac_f64(p, z, -0x1.5555554c6f717p-3);
  return tri_fma_f64(r * z, p, r);
}
TRI_INLINE tri_f64x8 tri_narrow_cosine(tri_f64x8 z) {
  tri_f64x8 q = tri_splat_f64(-0x1.241e5bc8c491ep-22);
  q = tri_fmac_f64(q, z, 0x1.a010dd97a9a41p-16);
  q = tri_fmac_f64(q, z, -0x1.6c16b82838545p-10);
  q = tri_fmac_f64(q, z, 0x1.5555554ed7c61p-5);
  q = tri_fmac_f64(q, z, -0.5);
  return tri_fmac_f64(q, z, 1.0);
}
/* sin(x + quadrant pi/2). */
TRI_INLINE tri_f64x8 tri_narrow_sin(tri_f64x8 x, int64_t quadrant) {
  tri_i64x8 n;
  tri_f64x8 r = tri_narrow_reduce(x, &n), z = r * r;
  n = n + quadrant;
  tri_f64x8 y = tri_pick_f64((n & 1) != 0, tri_narrow_cosine(z), tri_narrow_sine(r, z));
  return (tri_f64x8)((tri_u64x8)y ^ ((tri_u64x8)(n & 2) << 62));
}
TRI_INLINE tri_f64x8 tri_narrow_tan(tri_f64x8 x) {
  tri_i64x8 n;
  tri_f64x8 r = tri_narrow_reduce(x, &n), z = r * r;
  tri_i64x8 odd = (n & 1) != 0;
  tri_f64x8 sine = tri_narrow_sine(r, z), cosine = tri_narrow_cosine(z);
  return tri_pick_f64(odd, -cosine, sine) / tri_pick_f64(odd, sine, cosine);
}

#define TRI_WIDEN(name)                                                             \
  TRI_INLINE tri_f32x16 tri_##name##_f32(tri_f32x16 x) {                            \
    tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);                       \
    wide.lo = tri_narrow_##name(wide.lo);                                           \
    wide.hi = tri_narrow_##name(wide.hi);                                           \
    return tri_keep_nan_f32(x, __builtin_convertvector(wide, tri_f32x16));          \
  }
TRI_WIDEN(erfc)
TRI_WIDEN(softplus)

TRI_INLINE tri_f32x16 tri_trig_special_f32(tri_f32x16 x, tri_f32x16 y) {
  y = tri_pick_f32(tri_abs_f32(x) == tri_splat_f32(__builtin_inff()), tri_splat_f32(__builtin_nanf("")), y);
  return tri_keep_nan_f32(x, y);
}
TRI_INLINE tri_f32x16 tri_trig_f32(tri_f32x16 x, int64_t quadrant) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_narrow_sin(wide.lo, quadrant);
  wide.hi = tri_narrow_sin(wide.hi, quadrant);
  return tri_trig_special_f32(x, __builtin_convertvector(wide, tri_f32x16));
}
/* -0 would come out as +0. */
TRI_INLINE tri_f32x16 tri_sin_f32(tri_f32x16 x) {
  return tri_pick_f32(x == tri_splat_f32(0.0f), x, tri_trig_f32(x, 0));
}
TRI_INLINE tri_f32x16 tri_cos_f32(tri_f32x16 x) { return tri_trig_f32(x, 1); }
TRI_INLINE tri_f32x16 tri_tan_f32(tri_f32x16 x) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_narrow_tan(wide.lo);
  wide.hi = tri_narrow_tan(wide.hi);
  tri_f32x16 y = tri_pick_f32(x == tri_splat_f32(0.0f), x, __builtin_convertvector(wide, tri_f32x16));
  return tri_trig_special_f32(x, y);
}
