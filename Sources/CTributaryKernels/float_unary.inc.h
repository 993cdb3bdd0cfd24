/* Template: maps of one floating-point input. */

TRI_MAP1(neg, -x)
TRI_MAP1(abs, F(abs)(x))
TRI_MAP1(sign, x > C(0) ? C(1) : (x < C(0) ? C(-1) : C(0)))
TRI_MAP1(square, x * x)
TRI_MAP1(reciprocal, C(1) / x)
TRI_MAP1(sqrt, F(sqrt)(x))
TRI_MAP1(rsqrt, F(rsqrt)(x))
TRI_MAP_FUNCTION(exp, F(exp)(x))
TRI_MAP_FUNCTION(expm1, F(expm1)(x))
TRI_MAP_FUNCTION(log, F(log)(x))
TRI_MAP_FUNCTION(log1p, F(log1p)(x))
TRI_MAP_FUNCTION(tanh, F(tanh)(x))
TRI_MAP_FUNCTION(sigmoid, F(sigmoid)(x))
TRI_MAP_FUNCTION(erf, F(erf)(x))
TRI_MAP1(erfc, F(erfc)(x))
TRI_MAP1(erfinv, F(erfinv)(x))
TRI_MAP1(lgamma, F(lgamma)(x))
TRI_MAP1(digamma, F(digamma)(x))
TRI_MAP(polygamma, 1, (E)0, (E)0, F(polygamma)(x, param[0]))
TRI_MAP_FUNCTION(exp2, F(exp2)(x))
TRI_MAP_FUNCTION(log2, F(log2)(x))
TRI_MAP_FUNCTION(log10, F(log10)(x))
TRI_MAP1(sin, F(sin)(x))
TRI_MAP1(cos, F(cos)(x))
TRI_MAP1(tan, F(tan)(x))
TRI_MAP1(asin, F(asin)(x))
TRI_MAP1(acos, F(acos)(x))
TRI_MAP1(atan, F(atan)(x))
TRI_MAP1(sinh, F(sinh)(x))
TRI_MAP1(cosh, F(cosh)(x))
TRI_MAP1(asinh, F(asinh)(x))
TRI_MAP1(acosh, F(acosh)(x))
TRI_MAP1(atanh, F(atanh)(x))
TRI_MAP1(cbrt, F(cbrt)(x))
TRI_MAP1(mish, F(mish)(x))
TRI_MAP1(floor, F(floor)(x))
TRI_MAP1(ceil, F(ceil)(x))
TRI_MAP1(round, F(round)(x))
TRI_MAP1(trunc, F(trunc)(x))
TRI_MAP1(relu, F(max_with_zero)(x))
TRI_MAP_FUNCTION(gelu, F(gelu)(x))
TRI_MAP1(gelu_tanh, (C(0.5) * x) * (C(1) + F(tanh)(F(gelu_tanh_inner)(x))))
TRI_MAP_FUNCTION(silu, x * F(sigmoid)(x))
TRI_MAP(softplus, 1, (E)param[0], (E)param[1], x * p > q ? x : F(log1p)(F(exp)(x * p)) / p)
TRI_MAP(leaky_relu, 1, (E)param[0], (E)0, x > C(0) ? x : x * p)

/* A NaN stays, and a bound that is one is taken. */
TRI_INLINE V F(clamp)(V x, V least, V most) {
  V raised = ((x < least) | (least != least)) ? least : x;
  return ((raised > most) | (most != most)) ? most : raised;
}
TRI_MAP(clamp, 1, (E)param[0], (E)param[1], F(clamp)(x, p, q))

TRI_MAP1(one, C(1))
TRI_MAP1(same, x)
TRI_MAP1(cube, x * x * x)
TRI_MAP1(reciprocal_square, C(1) / (x * x))
TRI_MAP(pow_by, 1, (E)param[0], (E)0, F(pow)(x, p))

/* Exponents that have a product, quotient or root of their own take it: faster, and as PyTorch does. */
static void F(map_pow_scalar)(TRI_MAP_ARGUMENTS) {
  const double e = (double)(E)param[0];
  tri_map_fn map = e == 2     ? F(map_square)
                   : e == 3   ? F(map_cube)
                   : e == 0.5 ? F(map_sqrt)
                   : e == -0.5 ? F(map_rsqrt)
                   : e == -1  ? F(map_reciprocal)
                   : e == -2  ? F(map_reciprocal_square)
                   : e == 1   ? F(map_same)
                   : e == 0   ? F(map_one)
                              : F(map_pow_by);
  map(out, a, b, c, n, broadcast, param);
}
TRI_HALVES(pow_scalar, 1, 0)
