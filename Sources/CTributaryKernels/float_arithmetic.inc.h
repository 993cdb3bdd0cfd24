/* Template: steps that several floating-point maps share. */

#define C(number) ((V)(E)(number))

TRI_INLINE V F(floor)(V x) {
  V whole = F(round)(x);
  return F(copysign)(whole > x ? whole - C(1) : whole, x);
}

TRI_INLINE V F(ceil)(V x) {
  V whole = F(round)(x);
  return F(copysign)(whole < x ? whole + C(1) : whole, x);
}

TRI_INLINE V F(trunc)(V x) {
  V size = F(abs)(x), whole = F(round)(size);
  return F(copysign)(whole > size ? whole - C(1) : whole, x);
}

/* The remainder of one pair by long division in integers, some ten bits a step. */
static E F(long_remainder)(E x, E y) {
  TRI_WORD xs, xbits, ybits;
  __builtin_memcpy(&xs, &x, sizeof x);
  __builtin_memcpy(&ybits, &y, sizeof y);
  const TRI_WORD leading = (TRI_WORD)1 << TRI_MANTISSA, infinite = (TRI_SIGN - leading) & ~TRI_SIGN;
  xbits = xs & ~TRI_SIGN, ybits &= ~TRI_SIGN;
  if (ybits == 0 || xbits >= infinite || ybits > infinite) return (E)__builtin_nan("");
  if (xbits < ybits) return x;

  /* A value is mantissa * 2^exponent in units of the least subnormal, which has exponent 1. */
  int64_t xe = (int64_t)(xbits >> TRI_MANTISSA), ye = (int64_t)(ybits >> TRI_MANTISSA);
  uint64_t r = xbits & (leading - 1), m = ybits & (leading - 1);
  if (xe) r |= leading; else xe = 1;
  if (ye) m |= leading; else ye = 1;
  r %= m;
  for (int64_t shift = xe - ye; shift > 0 && r; shift -= 63 - TRI_MANTISSA)
    r = (r << (shift < 63 - TRI_MANTISSA ? shift : 63 - TRI_MANTISSA)) % m;
  for (; r && r < leading && ye > 1; ye--) r <<= 1;
  TRI_WORD bits = (TRI_WORD)(r < leading ? r : ((uint64_t)ye << TRI_MANTISSA) | (r & (leading - 1)));
  bits |= xs & TRI_SIGN;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

/* x - y * trunc(x / y), exactly, with the sign of x. Up to a quotient of TRI_LIMIT the rounded quotient is off by
   at most one, upwards, and fma gives the remainder without error. */
TRI_INLINE V F(fmod)(V x, V y) {
  V xs = F(abs)(x), ys = F(abs)(y);
  V quotient = xs / ys;
  I near = (quotient < C(TRI_LIMIT)) & (ys < C(__builtin_inf()));
  V r = F(fma)(-F(trunc)(quotient), ys, xs);
  r = F(copysign)(r < C(0) ? r + ys : r, x);
  if (__builtin_expect(__builtin_reduce_and(near) == 0, 0)) {
    for (int k = 0; k < L; k++)
      if (!near[k]) r[k] = F(long_remainder)(x[k], y[k]);
  }
  return r;
}

TRI_INLINE V F(remainder)(V x, V y) {
  V r = F(fmod)(x, y);
  return ((r != C(0)) & ((y < C(0)) != (r < C(0)))) ? r + y : r;
}

/* As Python's //: from the remainder, so that a quotient that rounds up to a whole number is not taken for it. */
TRI_INLINE V F(div_floor)(V x, V y) {
  V r = F(fmod)(x, y), plain = x / y;
  V quotient = (x - r) / y;
  quotient = ((r != C(0)) & ((y < C(0)) != (r < C(0)))) ? quotient - C(1) : quotient;
  V whole = F(floor)(quotient);
  whole = quotient - whole > C(0.5) ? whole + C(1) : whole;
  whole = quotient == C(0) ? F(copysign)(C(0), plain) : whole;
  return y == C(0) ? plain : whole;
}

TRI_INLINE V F(max_with_zero)(V x) { return x <= C(0) ? C(0) : x; }

TRI_INLINE V F(gelu_tanh_inner)(V x) {
  return C(0.79788456080286535588) * (x + C(0.044715) * (x * x * x));
}
