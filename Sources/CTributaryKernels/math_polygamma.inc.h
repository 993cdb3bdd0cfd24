/* The derivatives of digamma, float64; float32 goes through it. */

#include "include/tri_elementwise.h"

/* y^power, power >= 1. */
TRI_INLINE tri_f64x8 tri_whole_power_f64(tri_f64x8 y, int64_t power) {
  tri_f64x8 result = tri_splat_f64(1.0);
  for (; power > 0; power >>= 1) {
    if (power & 1) result = result * y;
    y = y * y;
  }
  return result;
}

/* zeta(s, x) = the sum of (x + k)^-s over k >= 0, for x > 0 and whole s >= 2: terms up to y = x + k >= 12 and 8 + 7/8 s,
   from where on what the next formula leaves out is below 1e-16 of the sum (found for s to 121); then Euler and Maclaurin's
   y^-s (y / (s - 1) + 1/2 + the sum of c_j y^(1 - 2 j)) to j = 10, with c_j = B_2j / (2 j)! s (s + 1) ... (s + 2 j - 2). */
TRI_INLINE tri_f64x8 tri_zeta_f64(tri_f64x8 x, int64_t s) {
  static const double bernoulli[10] = {
      0x1.5555555555555p-4, -0x1.6c16c16c16c17p-10, 0x1.1566abc011567p-15, -0x1.bbd779334ef0bp-21,
      0x1.66a8f2bf70ebep-26, -0x1.22805d644267fp-31, 0x1.d6db2c4e09162p-37, -0x1.7da4e1f79955cp-42,
      0x1.355871d652e9ep-47, -0x1.f57d968caacf1p-53};
  tri_f64x8 y = x, sum = tri_splat_f64(0.0);
  const int64_t terms = s > 4 ? (64 + 7 * s + 7) / 8 : 12;
  for (int64_t k = 0; k < terms; k++) {
    tri_i64x8 more = y < tri_splat_f64((double)terms);
    if (!__builtin_reduce_or(more)) break;
    sum = sum + tri_pick_f64(more, tri_whole_power_f64(1.0 / y, s), tri_splat_f64(0.0));
    y = tri_pick_f64(more, y + 1.0, y);
  }
  double c[10], rising = (double)s;
  for (int64_t j = 0; j < 10; j++) {
    c[j] = bernoulli[j] * rising;
    rising = rising * (double)(s + 2 * j + 1) * (double)(s + 2 * j + 2);
  }
  tri_f64x8 inverse = 1.0 / y, w = inverse * inverse, tail = tri_splat_f64(c[9]);
  for (int j = 8; j >= 0; j--) tail = tri_fmac_f64(tail, w, c[j]);
  tri_f64x8 power = tri_whole_power_f64(inverse, s - 1);
  return sum + power * (tri_fma_f64(inverse, tri_fmac_f64(tail, inverse, 0.5), tri_splat_f64(1.0 / (double)(s - 1))));
}

/* The n-th derivative of cot(pi x) / pi^n, by c = cot(pi x): P of P_0 = c and P_(k+1) = -(1 + c^2) P_k'. */
TRI_INLINE tri_f64x8 tri_cot_derivative_f64(tri_f64x8 c, int64_t n) {
  double p[TRI_POLYGAMMA_MOST + 2] = {0, 1}, next[TRI_POLYGAMMA_MOST + 2];
  for (int64_t k = 0; k < n; k++) {
    for (int64_t j = 0; j <= n + 1; j++) next[j] = 0;
    for (int64_t j = 1; j <= k + 1; j++) {
      next[j - 1] -= (double)j * p[j];
      next[j + 1] -= (double)j * p[j];
    }
    for (int64_t j = 0; j <= n + 1; j++) p[j] = next[j];
  }
  tri_f64x8 value = tri_splat_f64(p[n + 1]);
  for (int64_t j = n; j >= 0; j--) value = tri_fmac_f64(value, c, p[j]);
  return value;
}

/* (-1)^(n + 1) n! zeta(n + 1, x) for n from 1 to TRI_POLYGAMMA_MOST (others count as these); for x < 0 with
   polygamma(n, x) = (-1)^n polygamma(n, 1 - x) - pi d^n/dx^n cot(pi x). Infinite at the poles. A few ulp, more
   where the two cancel. */
TRI_INLINE tri_f64x8 tri_polygamma_f64(tri_f64x8 x, double order) {
  const tri_f64x8 none = tri_splat_f64(0.0), infinity = tri_splat_f64(__builtin_inf());
  int64_t n = order >= TRI_POLYGAMMA_MOST ? TRI_POLYGAMMA_MOST : order >= 1 ? (int64_t)order : 1;
  double factorial = 1, turns = 0x1.921fb54442d18p1;
  for (int64_t k = 2; k <= n; k++) factorial *= (double)k;
  for (int64_t k = 0; k < n; k++) turns *= 0x1.921fb54442d18p1;
  tri_i64x8 left = x < none;
  tri_f64x8 y = tri_zeta_f64(tri_pick_f64(left, 1.0 - x, x), n + 1) * (n & 1 ? factorial : -factorial);
  tri_i64x8 pole = x == none;
  if (__builtin_reduce_or(left)) {
    tri_f64x8 a = -x, r = a - tri_round_f64(a), s = tri_abs_f64(r);
    pole = pole | (left & (s == none));
    tri_i64x8 steep = s > tri_splat_f64(0.25);
    tri_f64x8 sine_low, cosine, cosine_low;
    tri_f64x8 sine = tri_half_turn_f64(tri_pick_f64(steep, 0.5 - s, s), &sine_low, &cosine, &cosine_low);
    tri_f64x8 c = tri_pick_f64(steep, sine, cosine) / tri_pick_f64(steep, cosine, sine);
    c = tri_pick_f64(r < none, c, -c);
    tri_f64x8 mirrored = (n & 1 ? -y : y) - tri_cot_derivative_f64(c, n) * turns;
    y = tri_pick_f64(left, mirrored, y);
  }
  y = tri_pick_f64(pole, n & 1 ? infinity : -infinity, y);
  y = tri_pick_f64(x == infinity, n & 1 ? none : -none, y);
  y = tri_pick_f64(x == -infinity, tri_splat_f64(__builtin_nan("")), y);
  return tri_keep_nan_f64(x, y);
}
TRI_INLINE tri_f32x16 tri_polygamma_f32(tri_f32x16 x, double order) {
  tri_f64x16 wide = __builtin_convertvector(x, tri_f64x16);
  wide.lo = tri_polygamma_f64(wide.lo, order);
  wide.hi = tri_polygamma_f64(wide.hi, order);
  return tri_keep_nan_f32(x, __builtin_convertvector(wide, tri_f32x16));
}
