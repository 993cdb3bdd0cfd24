/* float64: sine, cosine and tangent over the whole range. */

/* x = (4 j + n) pi/2 + r + low for one finite |x| >= 2^20: returns n in 0 ..< 4. Payne and Hanek (SIGNUM
   Newsletter 18, 1983): of the product of x's 53 bits with 2/pi only those bits are formed that are not multiples
   of 4 and reach 2^-128 and below. 2/pi to 1280 bits by mpmath. */
static __attribute__((noinline, unused)) int64_t tri_reduce_large(double x, double *r, double *low) {
  static const uint64_t two_over_pi[20] = {
    0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u, 0xb7246e3a424dd2e0u,
    0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u, 0xe99c7026b45f7e41u, 0x3991d639835339f4u,
    0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu, 0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du,
    0x7527bac7ebe5f17bu, 0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu, 0xf0cfbc209af4361du};
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  /* |x| = mantissa * 2^exponent, exponent from -32 to 971. */
  int64_t exponent = (int64_t)(bits >> 52 & 0x7ff) - 1075;
  uint64_t mantissa = (bits & 0x000fffffffffffffu) | 0x0010000000000000u;
  /* Bit k after the point of 2/pi weighs 2^(exponent - k) units of the mantissa: those with k <= exponent - 2 give
     multiples of 4. `first` of them are skipped (negative: zeros stand before the point). */
  int64_t first = exponent - 2;
  uint64_t window[3];
  for (int64_t i = 0; i < 3; i++) {
    int64_t start = first + 64 * i;
    int64_t word = start >> 6;
    int shift = (int)(start & 63);
    uint64_t high = word < 0 ? 0 : two_over_pi[word], next = word + 1 < 0 ? 0 : two_over_pi[word + 1];
    window[i] = shift ? high << shift | next >> (64 - shift) : high;
  }
  /* The product modulo 2^192: its top two bits are the quadrant. */
  unsigned __int128 p2 = (unsigned __int128)mantissa * window[2];
  unsigned __int128 p1 = (unsigned __int128)mantissa * window[1] + (uint64_t)(p2 >> 64);
  uint64_t p0 = mantissa * window[0] + (uint64_t)(p1 >> 64);
  unsigned __int128 fraction = (unsigned __int128)p0 << 64 | (uint64_t)p1;
  uint64_t more = (uint64_t)p2;
  int64_t n = (int64_t)(p0 >> 62);
  fraction = fraction << 2 | more >> 62;
  more <<= 2;
  /* To the nearest multiple: the fraction becomes a signed one in [-1/2, 1/2). */
  int negative = (int)(fraction >> 127);
  if (negative) {
    n = n + 1;
    fraction = ~fraction;
    more = ~more;
  }
  /* A double is never closer to a multiple of pi/2 than 2^-62: some bit of the upper word or the next is set. */
  int zeros = 0;
  while (zeros < 100 && !(fraction >> 127)) {
    fraction = fraction << 1 | more >> 63;
    more <<= 1;
    zeros++;
  }
  uint64_t scale_bits = (uint64_t)(1023 - 53 - zeros) << 52;
  double scale;
  __builtin_memcpy(&scale, &scale_bits, sizeof scale);
  double high = (double)(int64_t)(uint64_t)(fraction >> 75) * scale;
  double rest = (double)(int64_t)((uint64_t)(fraction >> 22) & 0x001fffffffffffffu) * scale * 0x1p-53;
  double y = high * 0x1.921fb54442d18p0;
  double y_low = __builtin_fma(high, 0x1.921fb54442d18p0, -y)
      + (high * 0x1.1a62633145c07p-54 + rest * 0x1.921fb54442d18p0);
  if (negative != (int)(bits >> 63)) {
    y = -y;
    y_low = -y_low;
  }
  *r = y;
  *low = y_low;
  return (bits >> 63 ? -n : n) & 3;
}

/* Rare, hence lane by lane. Infinities and NaN become 0 here and are the caller's. */
TRI_INLINE void tri_reduce_large_lanes(
    tri_f64x8 x, tri_i64x8 large, tri_f64x8 *r, tri_f64x8 *low, tri_i64x8 *n) {
  for (int lane = 0; lane < 8; lane++) {
    if (!large[lane]) continue;
    double high = 0, rest = 0, value = x[lane];
    int64_t quadrant = 0;
    if (__builtin_fabs(value) <= 0x1.fffffffffffffp1023) quadrant = tri_reduce_large(value, &high, &rest);
    (*r)[lane] = high;
    if (low) (*low)[lane] = rest;
    (*n)[lane] = quadrant;
  }
}

/* x = (4 j + n) pi/2 + r + low. Below 2^20: Cody and Waite with pi/2 in three parts of 33 bits, whose products
   with k are exact, and a fourth of 53 (the parts are fdlibm's); the differences are taken by Knuth's TwoSum. */
TRI_INLINE tri_f64x8 tri_reduce_f64(tri_f64x8 x, tri_f64x8 *low, tri_i64x8 *n) {
  const tri_f64x8 magic = tri_splat_f64(0x1.8p52);
  tri_i64x8 large = !(tri_abs_f64(x) < tri_splat_f64(0x1p20));
  tri_f64x8 v = tri_pick_f64(large, tri_splat_f64(0.0), x);
  tri_f64x8 shifted = tri_fma_f64(v, tri_splat_f64(0x1.45f306dc9c883p-1), magic);
  tri_f64x8 k = shifted - magic;
  *n = (tri_i64x8)shifted;
  tri_f64x8 a = tri_fma_f64(k, tri_splat_f64(-0x1.921fb544p0), v);
  tri_f64x8 b = k * -0x1.0b4611a6p-34;
  tri_f64x8 s = a + b, part = s - a;
  tri_f64x8 error = (a - (s - part)) + (b - part);
  b = k * -0x1.3198a2ep-69;
  tri_f64x8 sum = s + b;
  part = sum - s;
  error = error + ((s - (sum - part)) + (b - part));
  error = tri_fma_f64(k, tri_splat_f64(-0x1.b839a252049c1p-104), error);
  tri_f64x8 r = sum + error;
  *low = error - (r - sum);
  if (__builtin_reduce_or(large)) tri_reduce_large_lanes(x, large, &r, low, n);
  return r;
}

/* sin and cos on |r| <= pi/4, in fdlibm's arrangement: sin = r + rest, cos = top + rest. Polynomials by Sollya,
   fpminimax, on [0, 0.7855]: sin of degree 15, error below 2^-62.8; cos of degree 16, error below 2^-68. */
TRI_INLINE tri_f64x8 tri_sine_rest_f64(tri_f64x8 r, tri_f64x8 low, tri_f64x8 z) {
  tri_f64x8 p = tri_splat_f64(-0x1.a55de05fe6b9ep-41);
  p = tri_fmac_f64(p, z, 0x1.6114a7f5e6ca7p-33);
  p = tri_fmac_f64(p, z, -0x1.ae643d465f38ap-26);
  p = tri_fmac_f64(p, z, 0x1.71de3a401ac6dp-19);
  p = tri_fmac_f64(p, z, -0x1.a01a01a006d92p-13);
  p = tri_fmac_f64(p, z, 0x1.111111111108bp-7);
  p = tri_fmac_f64(p, z, -0x1.5555555555555p-3);
  return tri_fma_f64(r * z, p, tri_fma_f64(low * -0.5, z, low));
}
TRI_INLINE tri_f64x8 tri_cosine_top_f64(tri_f64x8 r, tri_f64x8 low, tri_f64x8 z, tri_f64x8 *rest) {
  tri_f64x8 q = tri_splat_f64(0x1.a26cdcffb0c77p-45);
  q = tri_fmac_f64(q, z, -0x1.937eb13d7d26ap-37);
  q = tri_fmac_f64(q, z, 0x1.1eed784d2ebcdp-29);
  q = tri_fmac_f64(q, z, -0x1.27e4fb61564a9p-22);
  q = tri_fmac_f64(q, z, 0x1.a01a01a002619p-16);
  q = tri_fmac_f64(q, z, -0x1.6c16c16c16b4bp-10);
  q = tri_fmac_f64(q, z, 0x1.5555555555555p-5);
  tri_f64x8 half = z * 0.5, top = 1.0 - half;
  *rest = ((1.0 - top) - half) + tri_fma_f64(z * z, q, -(r * low));
  return top;
}
TRI_INLINE tri_f64x8 tri_sin_quadrant_f64(tri_f64x8 r, tri_f64x8 low, tri_i64x8 n) {
  tri_f64x8 z = r * r, rest;
  tri_f64x8 sine = r + tri_sine_rest_f64(r, low, z);
  tri_f64x8 top = tri_cosine_top_f64(r, low, z, &rest);
  tri_f64x8 y = tri_pick_f64((n & 1) != 0, top + rest, sine);
  return (tri_f64x8)((tri_u64x8)y ^ ((tri_u64x8)(n & 2) << 62));
}

TRI_INLINE tri_f64x8 tri_trig_special_f64(tri_f64x8 x, tri_f64x8 y) {
  y = tri_pick_f64(tri_abs_f64(x) == tri_splat_f64(__builtin_inf()), tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}
TRI_INLINE tri_f64x8 tri_sin_f64(tri_f64x8 x) {
  tri_f64x8 low;
  tri_i64x8 n;
  tri_f64x8 r = tri_reduce_f64(x, &low, &n);
  tri_f64x8 y = tri_sin_quadrant_f64(r, low, n);
  /* Keeps -0 and does not lose denormals to the products. */
  y = tri_pick_f64(tri_abs_f64(x) < tri_splat_f64(0x1p-27), x, y);
  return tri_trig_special_f64(x, y);
}
TRI_INLINE tri_f64x8 tri_cos_f64(tri_f64x8 x) {
  tri_f64x8 low;
  tri_i64x8 n;
  tri_f64x8 r = tri_reduce_f64(x, &low, &n);
  return tri_trig_special_f64(x, tri_sin_quadrant_f64(r, low, n + 1));
}
/* The quotient of sin and cos, or its negative reciprocal in the odd quadrants, each as high + low. */
TRI_INLINE tri_f64x8 tri_tan_f64(tri_f64x8 x) {
  tri_f64x8 low, rest;
  tri_i64x8 n;
  tri_f64x8 r = tri_reduce_f64(x, &low, &n), z = r * r;
  tri_f64x8 tail = tri_sine_rest_f64(r, low, z);
  tri_f64x8 sine = r + tail, sine_low = tail - (sine - r);
  tri_f64x8 top = tri_cosine_top_f64(r, low, z, &rest);
  tri_f64x8 cosine = top + rest, cosine_low = rest - (cosine - top);
  tri_i64x8 odd = (n & 1) != 0;
  tri_f64x8 over = tri_pick_f64(odd, -cosine, sine), over_low = tri_pick_f64(odd, -cosine_low, sine_low);
  tri_f64x8 under = tri_pick_f64(odd, sine, cosine), under_low = tri_pick_f64(odd, sine_low, cosine_low);
  tri_f64x8 inverse = 1.0 / under, q = over * inverse;
  tri_f64x8 left = tri_fma_f64(-q, under_low, tri_fma_f64(-q, under, over) + over_low);
  tri_f64x8 y = tri_pick_f64(tri_abs_f64(x) < tri_splat_f64(0x1p-27), x, tri_fma_f64(left, inverse, q));
  return tri_trig_special_f64(x, y);
}
