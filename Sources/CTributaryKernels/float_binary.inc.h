/* Template: maps of two and three floating-point inputs. */

TRI_MAP_ARITHMETIC(add, x + y)
TRI_MAP_ARITHMETIC(sub, x - y)
TRI_MAP_ARITHMETIC(mul, x * y)
TRI_MAP_ARITHMETIC(div, x / y)
TRI_MAP_ARITHMETIC(div_floor, F(div_floor)(x, y))
TRI_MAP_ARITHMETIC(div_trunc, F(trunc)(x / y))
TRI_MAP2(remainder, F(remainder)(x, y))
TRI_MAP2(fmod, F(fmod)(x, y))
TRI_MAP_ARITHMETIC(maximum, ((x > y) | (x != x)) ? x : y)
TRI_MAP_ARITHMETIC(minimum, ((x < y) | (x != x)) ? x : y)
TRI_MAP2(pow, F(pow)(x, y))
TRI_MAP2(atan2, F(atan2)(x, y))
TRI_MAP_ARITHMETIC(hypot, F(hypot)(x, y))
TRI_MAP_STORED(add_scaled, 2, (E)param[0], (E)0, x + p * y, 1)

/* Derivatives: x is the gradient g, y the forward input or result. Where a factor that has underflowed to zero
   would meet one that has overflowed, the product is 0, its limit, instead of NaN. */
TRI_MAP_ARITHMETIC(tanh_backward, x * (C(1) - y * y))
TRI_MAP_ARITHMETIC(sigmoid_backward, x * ((C(1) - y) * y))
TRI_MAP_ARITHMETIC(relu_backward, y <= C(0) ? C(0) : x)
TRI_MAP_STORED(leaky_relu_backward, 2, (E)param[0], (E)0, y > C(0) ? x : x * p, 1)

TRI_MAP2(gelu_backward, x * F(gelu_derivative)(y))

TRI_INLINE V F(gelu_tanh_derivative)(V x) {
  V t = F(tanh)(F(gelu_tanh_inner)(x));
  V slope = C(1) - t * t;
  V inner = C(0.79788456080286535588) * (C(1) + (C(3) * C(0.044715)) * (x * x));
  V right = (C(0.5) * x) * slope * inner;
  return C(0.5) * (C(1) + t) + (slope == C(0) ? C(0) : right);
}
TRI_MAP2(gelu_tanh_backward, x * F(gelu_tanh_derivative)(y))

TRI_INLINE V F(silu_derivative)(V x) {
  V s = F(sigmoid)(x);
  return s == C(0) ? C(0) : s * (C(1) + x * (C(1) - s));
}
TRI_MAP2(silu_backward, x * F(silu_derivative)(y))

TRI_MAP2(erf_backward, x * (C(1.12837916709551257390) * F(exp)(-(y * y))))
TRI_MAP(softplus_backward, 2, (E)param[0], (E)param[1], y * p > q ? x : x * F(sigmoid)(y * p))
TRI_MAP_ARITHMETIC(sqrt_backward, x / (C(2) * y))
TRI_MAP_ARITHMETIC(abs_backward, x * (y > C(0) ? C(1) : (y < C(0) ? C(-1) : C(0))))
TRI_MAP_STORED(clamp_backward, 2, (E)param[0], (E)param[1], ((y >= p) & (y <= q)) ? x : C(0), 1)

TRI_MAP2(bce_with_logits, (F(max_with_zero)(x) - x * y) + F(log1p)(F(exp)(-F(abs)(x))))
TRI_MAP_ARITHMETIC(mse, (x - y) * (x - y))

TRI_MAP(addcmul, 3, (E)param[0], (E)0, x + (p * y) * z)
TRI_MAP(addcdiv, 3, (E)param[0], (E)0, x + (p * y) / z)

/* From the end that is nearer, so that a weight of 1 gives y itself. */
TRI_INLINE V F(lerp)(V x, V y, V weight) {
  V way = y - x;
  return F(abs)(weight) < C(0.5) ? x + weight * way : y - way * (C(1) - weight);
}
TRI_MAP3(lerp, F(lerp)(x, y, z))
TRI_MAP(bce_with_logits_backward, 3, (E)param[0], (E)0, x / p * (F(sigmoid)(y) - z))
TRI_MAP(mse_backward, 3, (E)param[0], (E)0, (p * (y - z)) * x)
