/* Template: where(condition, x, y), by the width of the elements. */

/* The comparison of bytes has lanes of `char`, which is unsigned on Arm: without the cast to B they would be widened
   to 255, whose sign bit selects nothing. */
TRI_INLINE V F(op_where)(B condition, V x, V y) {
  return __builtin_convertvector((B)(condition != (B)(int8_t)0), I) ? x : y;
}

static void F(map_where)(TRI_MAP_ARGUMENTS) {
  (void)param;
  V repeated[2];
  uint8_t repeated_condition[L];
  const uint8_t *test = (const uint8_t *)a;
  const E *x = (const E *)b, *y = (const E *)c;
  int64_t test_step = L, x_step = L, y_step = L;
  if (broadcast & TRI_BROADCAST_A) {
    for (int k = 0; k < L; k++) repeated_condition[k] = *test;
    test = repeated_condition, test_step = 0;
  }
  if (broadcast & TRI_BROADCAST_B) repeated[0] = F(splat)(*x), x = (const E *)&repeated[0], x_step = 0;
  if (broadcast & TRI_BROADCAST_C) repeated[1] = F(splat)(*y), y = (const E *)&repeated[1], y_step = 0;
  E *to = (E *)out;
  for (; n >= L; n -= L) {
    F(store)(to, F(op_where)((B)FB(load)(test), F(load)(x), F(load)(y)));
    to += L, test += test_step, x += x_step, y += y_step;
  }
  if (n > 0)
    F(store_part)(to, F(op_where)((B)FB(load_part)(test, n), F(load_part)(x, n), F(load_part)(y, n)), n);
}
