/* Position of the greatest or least element: a template, included after reduce_rows.inc.h for RED_OP
   max and min. The extreme value comes first, by the fast reduction; then its first place is looked for
   in the one block that holds it. That needs no index beside each lane, and ties settle themselves. */

TRI_INLINE int RED_FN(is_nan)(RED_IN a) { return a != a; }

/* b before a? As RED_JOIN, but a NaN is not replaced by a later one. */
TRI_INLINE int RED_FN(beats)(RED_IN b, RED_IN a) {
  return !RED_FN(is_nan)(a) && (RED_FN(is_nan)(b) || (RED_JOIN(a, b) == b && b != a));
}

/* The first i with x[i] equal to `value`, or both NaN; there is one. */
static int64_t RED_FN(find)(const RED_IN *x, int64_t n, RED_IN value) {
  int nan = RED_FN(is_nan)(value);
  int64_t i = 0;
  for (; i + TRI_LANES <= n; i += TRI_LANES) {
    RED_INV v;
    __builtin_memcpy(&v, x + i, sizeof v);
    if (__builtin_reduce_or(nan ? v != v : v == (RED_INV)(value))) break;
  }
  for (; i < n; i++)
    if (nan ? RED_FN(is_nan)(x[i]) : x[i] == value) return i;
  return 0;
}

static void RED_FN(arg_rows)(
    const void *x_, int64_t n, const void *partials_, int64_t begin, int64_t end, void *values_,
    int64_t *indices) {
  const RED_IN *x = x_, *partials = partials_;
  RED_IN *values = values_;
  if (n <= 0) return;
  int64_t blocks = n / TRI_ROW_BLOCK + (n % TRI_ROW_BLOCK != 0);
  for (int64_t r = begin; r < end; r++) {
    const RED_IN *row = x + r * n;
    RED_IN best = 0;
    int64_t best_start = 0;
    for (int64_t b = 0; b < blocks; b++) {
      int64_t start = b * TRI_ROW_BLOCK, length = n - start < TRI_ROW_BLOCK ? n - start : TRI_ROW_BLOCK;
      RED_IN value;
      if (partials) value = partials[r * blocks + b];
      else RED_FN(blocks)(row + start, 0, length, 1, &value);
      if (b == 0 || RED_FN(beats)(value, best)) {
        best = value;
        best_start = start;
      }
    }
    int64_t length = n - best_start < TRI_ROW_BLOCK ? n - best_start : TRI_ROW_BLOCK;
    int64_t index = best_start + RED_FN(find)(row + best_start, length, best);
    indices[r] = index;
    if (values) values[r] = row[index];
  }
}
