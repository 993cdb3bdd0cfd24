/* float32: GELU and its derivative, in float32 arithmetic with the errors of the large terms carried in second words.

   With S(a) = e^(a^2 / 2) cdf(-a) of the normal distribution, gelu(-a) = -a e^(-a^2 / 2) S(a), and its derivative there
   is e^(-a^2 / 2) D(a), D(a) = S(a) - a / sqrt(2 pi); what belongs to a itself is a or 1 less the same quantity. Each
   is a simple factor, which is taken in two words, times 1 + w, w small, with u = a / (1 + k a):

     S(a) = (1 + w) / (2 (1 + c a)),  -0.12 < w < 0.09,  w = u P(u - 31/16), P of degree 9, c = 17/16, k = 1/4;
     D(a) = (z - a) (1 + w) / 2,      -0.17 < w < 0.34,  w = w0 + u P(u - 2), P of degree 7, D(z) = 0,

   so that the derivative has digits at its zero too. Centres so far out keep P from cancelling where a is large.
   Polynomials: mpmath 1.3, minimax by Lawson's iteration (the error relative to 1 + w, on 0 <= a <= 14.6), rounded to
   float32 from the constant term upwards, the others fitted again after each; error of S below 2^-28.9, of D below
   2^-28.7 (at a = 0, where w0 is rounded, 2^-27.2).

   Where a second rounding does not show, product and sum are taken one by one: on a processor without the fused
   instruction each fused step is a call. */

/* |x|, and 14.75 for what is greater and for NaN: there all results underflow. */
TRI_INLINE tri_f32x16 tri_gelu_magnitude_f32(tri_f32x16 x) {
  tri_f32x16 a = tri_abs_f32(x);
  return tri_pick_f32(a < tri_splat_f32(14.75f), a, tri_splat_f32(14.75f));
}

/* (1 + w) e^(-a^2 / 2) = 2^-64 power (1 + r + t): returns r, |r| < 0.3468, and t, |t| < 0.6. r is exact, and a^2 / 2
   has two words. With powers greater by 2^64, it is the factor 2^-65 at the end alone that rounds to denormals. */
TRI_INLINE tri_f32x16 tri_gelu_exp_f32(tri_f32x16 a, tri_f32x16 w, tri_f32x16 *power, tri_f32x16 *t) {
  const tri_f32x16 magic = tri_splat_f32(0x1.8p23f);
  tri_f32x16 half = a * 0.5f;
  tri_f32x16 h = a * half, minus_low = tri_fma_f32(-a, half, h);
  tri_f32x16 shifted = h * -0x1.715476p0f + magic;
  tri_f32x16 k = shifted - magic;
  tri_f32x16 r = tri_fma_f32(k, tri_splat_f32(-0x1.62e4p-1f), -h);
  tri_f32x16 tail = tri_exp_tail_f32(r, k * -0x1.7f7d1cp-20f + minus_low);
  *power = (tri_f32x16)(((tri_u32x16)shifted << 23) + ((127u + 64u) << 23));
  *t = tail + tri_fma_f32(w, r + tail, w);
  return r;
}

/* Within 0.97 ulp. `left` is what the quotient q lacks of 1 / (1 + c a), relative to q. What u lacks counts most for
   large a, where w falls by about 0.021 (1 + k a) for each unit of u. */
TRI_INLINE tri_f32x16 tri_gelu_f32(tri_f32x16 x) {
  const tri_f32x16 c = tri_splat_f32(1.0625f);
  tri_f32x16 a = tri_gelu_magnitude_f32(x), quarter = a * 0.25f;
  tri_f32x16 d = tri_fmac_f32(a, c, 1.0f), d_low = tri_fma_f32(a, c, 1.0f - d);
  tri_f32x16 e = 1.0f + quarter, e_low = (1.0f - e) + quarter;
  tri_f32x16 q = 1.0f / d, u = a / e;
  tri_f32x16 left = tri_fmac_f32(-q, d, 1.0f) - q * d_low;
  tri_f32x16 u_left = tri_fma_f32(-u, e, a) - u * e_low;
  left = left - u_left * 0.021f;
  tri_f32x16 v = u - 1.9375f;
  tri_f32x16 p = v * -0x1.3d476ep-23f + 0x1.4003f8p-23f;
  p = p * v + 0x1.7bc45p-18f;
  p = p * v - 0x1.48dda4p-16f;
  p = p * v - 0x1.085d44p-13f;
  p = p * v + 0x1.915128p-10f;
  p = tri_fmac_f32(p, v, -0x1.021366p-7f);
  p = tri_fmac_f32(p, v, 0x1.9c2296p-6f);
  p = tri_fmac_f32(p, v, -0x1.8073ep-5f);
  p = tri_fmac_f32(p, v, -0x1.8b24cp-10f);
  tri_f32x16 power, t, r = tri_gelu_exp_f32(a, tri_fma_f32(u, p, left), &power, &t);
  tri_f32x16 g = tri_fma_f32(q, r, q);
  tri_f32x16 g_low = tri_fma_f32(q, t, tri_fma_f32(q, r, q - g));
  tri_f32x16 y = a * g;
  y = (y + tri_fma_f32(a, g_low, tri_fma_f32(a, g, -y))) * power;
  /* NaN is not less than 0. */
  tri_f32x16 base = tri_pick_f32(x < tri_splat_f32(0.0f), tri_splat_f32(-0.0f), x);
  return tri_fma_f32(y, tri_splat_f32(-0x1p-65f), base);
}

/* Within 1.03 ulp for x > 0 and 1.69 ulp below; within 0.01 of its zero, 1.69 ulp of 2^-8. z has two parts, the first
   so short (13 bits) that z - a is exact for a >= z / 2; for less, its error is (z - (z - a)) - a. */
TRI_INLINE tri_f32x16 tri_gelu_derivative_f32(tri_f32x16 x) {
  tri_f32x16 a = tri_gelu_magnitude_f32(x);
  tri_f32x16 u = a / tri_fmac_f32(a, tri_splat_f32(0x1.1ce076p-2f), 1.0f), v = u - 2.0f;
  tri_f32x16 p = v * 0x1.9d589p-21f + 0x1.e2fb26p-20f;
  p = p * v - 0x1.b11e3ep-16f;
  p = p * v + 0x1.f07c04p-17f;
  p = tri_fmac_f32(p, v, 0x1.0c1be6p-10f);
  p = tri_fmac_f32(p, v, -0x1.2dc6b6p-7f);
  p = tri_fmac_f32(p, v, 0x1.9bc74p-5f);
  p = tri_fmac_f32(p, v, -0x1.abb1a4p-3f);
  tri_f32x16 power, t, r = tri_gelu_exp_f32(a, tri_fmac_f32(u, p, 0x1.52146ap-2f), &power, &t);
  tri_f32x16 f = 0x1.80fp-1f - a;
  tri_f32x16 f_low = ((0x1.80fp-1f - f) - a) - 0x1.4b9a04p-15f;
  tri_f32x16 g = tri_fma_f32(f, r, f);
  tri_f32x16 g_low = tri_fma_f32(f, r, f - g) + (f_low * r + f_low);
  tri_f32x16 y = (g + tri_fma_f32(f + f_low, t, g_low)) * power;
  tri_i32x16 negative = x < tri_splat_f32(0.0f);
  tri_f32x16 base = tri_pick_f32(negative, tri_splat_f32(-0.0f), tri_pick_f32(x != x, x, tri_splat_f32(1.0f)));
  return tri_fma_f32(y, tri_pick_f32(negative, tri_splat_f32(0x1p-65f), tri_splat_f32(-0x1p-65f)), base);
}
