/* float32: log |gamma(x)| and its derivative, by way of float64 lanes; the methods are those of the float64 files, with
   nothing in two parts: a float32 comes no nearer to a zero than makes 2^-48 enough. */

/* sin(pi s) and cos(pi s) for 0 <= s <= 1/4. */
TRI_INLINE tri_f64x8 tri_narrow_half_turn(tri_f64x8 s, tri_f64x8 *cosine) {
  tri_f64x8 x = s * 0x1.921fb54442d18p1, z = x * x, rest;
  tri_f64x8 top = tri_cosine_top_f64(x, tri_splat_f64(0.0), z, &rest);
  *cosine = top + rest;
  return x + tri_sine_rest_f64(x, tri_splat_f64(0.0), z);
}

TRI_INLINE tri_f64x8 tri_narrow_log_exact(tri_f64x8 v) {
  tri_f64x8 e, f = tri_split_f64((tri_u64x8)v, &e) - 1.0;
  return tri_log_sum_f64(e, f, tri_log_tail_f64(f));
}

TRI_INLINE tri_f64x8 tri_narrow_lgamma_positive(tri_f64x8 a) {
  const tri_f64x8 one = tri_splat_f64(1.0);
  tri_i64x8 far = a >= tri_splat_f64(8.0);
  tri_f64x8 b = tri_pick_f64(far, tri_splat_f64(2.0), a);
  tri_i64x8 up = b < tri_splat_f64(1.5), twice = b < tri_splat_f64(0.5);
  tri_f64x8 z = tri_pick_f64(twice, b, tri_pick_f64(up, b - 1.0, b - 2.0));
  tri_f64x8 v = tri_pick_f64(twice, tri_fma_f64(b, b, b), tri_pick_f64(up, b, one));
  for (int k = 0; k < 6; k++) {
    tri_i64x8 more = z >= tri_splat_f64(0.5);
    if (!__builtin_reduce_or(more)) break;
    v = v * tri_pick_f64(more, z + 1.0, one);
    z = tri_pick_f64(more, z - 1.0, z);
  }
  tri_f64x8 log = tri_narrow_log_exact(tri_pick_f64(far, a, v));
  tri_f64x8 p = tri_fmac_f64(tri_lgamma_rest_f64(z), z, -0x1.13e001a557607p-4);
  p = tri_fmac_f64(p, z, 0x1.4a34cc4a60fa6p-2);
  p = tri_fmac_f64(p, z, 0x1.b0ee6072093cep-2);
  tri_f64x8 near = tri_fma_f64(z, p, tri_pick_f64(up, -log, log));
  tri_f64x8 inverse = 1.0 / a;
  tri_f64x8 rest = tri_fmac_f64(tri_stirling_rest_f64(inverse), inverse, 0x1.d67f1c864beb5p-1);
  return tri_pick_f64(far, tri_fma_f64(a, log - 1.0, tri_fma_f64(log, tri_splat_f64(-0.5), rest)), near);
}

TRI_INLINE tri_f64x8 tri_narrow_lgamma(tri_f64x8 x) {
  const tri_f64x8 infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 a = tri_abs_f64(x), y = tri_narrow_lgamma_positive(a);
  tri_i64x8 left = x < tri_splat_f64(-0x1p-60);
  if (__builtin_reduce_or(left)) {
    tri_f64x8 s = tri_abs_f64(a - tri_round_f64(a)), cosine;
    tri_i64x8 steep = s > tri_splat_f64(0.25);
    tri_f64x8 sine = tri_narrow_half_turn(tri_pick_f64(steep, 0.5 - s, s), &cosine);
    tri_f64x8 v = (a * tri_pick_f64(steep, cosine, sine)) * 0x1.45f306dc9c883p-2;
    y = tri_pick_f64(left, tri_pick_f64(s == tri_splat_f64(0.0), infinity, -tri_narrow_log_exact(v) - y), y);
  }
  return tri_pick_f64((a == tri_splat_f64(0.0)) | (a == infinity), infinity, y);
}

/* Of 1 + x a float64 keeps enough: digamma is as steep as 1/x^2 only where 1/x is far larger. */
TRI_INLINE tri_f64x8 tri_narrow_digamma(tri_f64x8 x) {
  const tri_f64x8 one = tri_splat_f64(1.0), none = tri_splat_f64(0.0), infinity = tri_splat_f64(__builtin_inf());
  tri_f64x8 a = tri_abs_f64(x);
  tri_i64x8 left = x < none, inner = left | (a < one);
  tri_f64x8 b = tri_pick_f64(inner, a + 1.0, a);
  tri_i64x8 far = b >= tri_splat_f64(8.0);
  tri_f64x8 y = tri_pick_f64(far, one, b), sum = none;
  for (int k = 0; k < 7; k++) {
    tri_i64x8 more = y >= tri_splat_f64(2.0);
    if (!__builtin_reduce_or(more)) break;
    y = tri_pick_f64(more, y - 1.0, y);
    sum = sum + tri_pick_f64(more, 1.0 / y, none);
  }
  tri_f64x8 z = y - 1.5, slope = tri_fmac_f64(tri_digamma_slope_f64(z), z, 0x1.e6f0cbb873616p-1);
  tri_f64x8 near = tri_fma_f64((y - 0x1.762d86356be3fp0) - 0x1.b86a722197829p-54, slope, sum);
  tri_f64x8 inverse = 1.0 / b;
  tri_f64x8 series = tri_narrow_log_exact(b) - tri_fma_f64(inverse, tri_splat_f64(0.5), tri_digamma_rest_f64(inverse));
  tri_f64x8 value = tri_pick_f64(far, series, near);

  tri_i64x8 tiny = a < tri_splat_f64(0x1p-60), pole = x == -infinity;
  tri_f64x8 minus = -1.0 / x;
  tri_f64x8 more = tri_pick_f64(inner, minus, none);
  if (__builtin_reduce_or(left)) {
    tri_f64x8 r = a - tri_round_f64(a), s = tri_abs_f64(r), cosine;
    pole = pole | (left & (s == none));
    tri_i64x8 steep = s > tri_splat_f64(0.25);
    tri_f64x8 sine = tri_narrow_half_turn(tri_pick_f64(steep, 0.5 - s, s), &cosine);
    tri_f64x8 turn = tri_pick_f64(steep, sine, cosine) / tri_pick_f64(steep, cosine, sine) * 0x1.921fb54442d18p1;
    more = tri_pick_f64(left, tri_pick_f64(r < none, -turn, turn), more);
  }
  y = tri_pick_f64(tiny, minus, value + more);
  y = tri_pick_f64(pole, tri_splat_f64(__builtin_nan("")), y);
  return tri_pick_f64(x == infinity, infinity, y);
}

TRI_WIDEN(lgamma)
TRI_WIDEN(digamma)
