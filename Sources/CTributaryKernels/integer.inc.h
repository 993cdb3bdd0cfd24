/* Template: maps of integers. Sums and products are of the unsigned lanes, which wrap around. Division has no
   vector instruction: lane by lane, a zero divisor giving 0. */

TRI_INLINE E F(quotient)(E x, E y) {
  if (y == 0) return 0;
  return y == (E)-1 && TRI_LEAST < 0 ? (E)(0 - (uint64_t)x) : (E)(x / y);
}
TRI_INLINE E F(rest)(E x, E y) {
  return y == 0 || (y == (E)-1 && TRI_LEAST < 0) ? 0 : (E)(x % y);
}
TRI_INLINE E F(quotient_floor)(E x, E y) {
  E r = F(rest)(x, y);
  return (E)(F(quotient)(x, y) - (r != 0 && (r < 0) != (y < 0)));
}
TRI_INLINE E F(rest_floor)(E x, E y) {
  E r = F(rest)(x, y);
  return r != 0 && (r < 0) != (y < 0) ? (E)(r + y) : r;
}

/* By squaring. */
TRI_INLINE E F(whole_power)(E base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : TRI_LEAST < 0 && base == (E)-1 ? (exponent & 1 ? (E)-1 : 1) : 0;
  uint64_t result = 1, square = (uint64_t)base;
  for (; exponent; exponent >>= 1, square *= square)
    if (exponent & 1) result *= square;
  return (E)result;
}

#define TRI_BY_LANE(NAME, FUNCTION)                  \
  TRI_INLINE V F(NAME)(V x, V y) {                   \
    for (int k = 0; k < L; k++) x[k] = FUNCTION(x[k], y[k]); \
    return x;                                        \
  }
TRI_BY_LANE(quotients, F(quotient))
TRI_BY_LANE(rests, F(rest))
TRI_BY_LANE(quotients_floor, F(quotient_floor))
TRI_BY_LANE(rests_floor, F(rest_floor))
TRI_BY_LANE(whole_powers, F(whole_power))
#undef TRI_BY_LANE

TRI_INLINE V F(powers_by)(V x, int64_t exponent) {
  for (int k = 0; k < L; k++) x[k] = F(whole_power)(x[k], exponent);
  return x;
}

TRI_MAP1(neg, (V)((U)(V)(E)0 - (U)x))
TRI_MAP1(abs, x < (V)(E)0 ? (V)((U)(V)(E)0 - (U)x) : x)
TRI_MAP1(sign, x > (V)(E)0 ? (V)(E)1 : (x < (V)(E)0 ? (V)(E)-1 : (V)(E)0))
TRI_MAP1(square, (V)((U)x * (U)x))
TRI_MAP1(relu, x < (V)(E)0 ? (V)(E)0 : x)
TRI_MAP1(same, x)
TRI_MAP1(bitwise_not, ~x)
TRI_INLINE V F(clamp)(V x, V least, V most) {
  V raised = x < least ? least : x;
  return raised > most ? most : raised;
}
TRI_MAP(clamp, 1, (E)tri_bounded(param[0], TRI_LEAST, TRI_MOST), (E)tri_bounded(param[1], TRI_LEAST, TRI_MOST),
        F(clamp)(x, p, q))
TRI_MAP1(pow_scalar, F(powers_by)(x, tri_whole_number(param[0])))

TRI_MAP2(add, (V)((U)x + (U)y))
TRI_MAP2(sub, (V)((U)x - (U)y))
TRI_MAP2(mul, (V)((U)x * (U)y))
TRI_MAP2(div_floor, F(quotients_floor)(x, y))
TRI_MAP2(div_trunc, F(quotients)(x, y))
TRI_MAP2(remainder, F(rests_floor)(x, y))
TRI_MAP2(fmod, F(rests)(x, y))
TRI_MAP2(maximum, x > y ? x : y)
TRI_MAP2(minimum, x < y ? x : y)
TRI_MAP2(pow, F(whole_powers)(x, y))
TRI_MAP(add_scaled, 2, (E)tri_whole_number(param[0]), (E)0, (V)((U)x + (U)p * (U)y))
TRI_MAP2(and, x & y)
TRI_MAP2(or, x | y)
TRI_MAP2(xor, x ^ y)
