/* Means: included once by each path. */

#define RED_MEAN(T, suffix) \
  TRI_INLINE void tri_red_divide_##suffix(T *out, int64_t begin, int64_t end, int64_t count) { \
    for (int64_t i = begin; i < end; i++) out[i] = out[i] / (T)count; \
  } \
  static void tri_red_rows_mean_##suffix(const void *x, int64_t n, int64_t begin, int64_t end, void *out) { \
    tri_red_rows_sum_##suffix(x, n, begin, end, out); \
    tri_red_divide_##suffix(out, begin, end, n); \
  } \
  static void tri_red_row_combine_mean_##suffix( \
      const void *partials, int64_t n, int64_t begin, int64_t end, void *out) { \
    tri_red_row_combine_sum_##suffix(partials, n, begin, end, out); \
    tri_red_divide_##suffix(out, begin, end, n); \
  } \
  static void tri_red_columns_mean_##suffix( \
      const void *x, int64_t outer, int64_t m, int64_t n, int64_t o, int64_t begin, int64_t end, \
      int64_t column_begin, int64_t column_end, void *out) { \
    tri_red_columns_sum_##suffix(x, outer, m, n, o, begin, end, column_begin, column_end, out); \
    for (int64_t i = begin; i < end; i++) \
      tri_red_divide_##suffix(out, i * n + column_begin, i * n + column_end, m); \
  } \
  static void tri_red_column_combine_mean_##suffix( \
      const void *partials, int64_t m, int64_t n, int64_t column_begin, int64_t column_end, void *out) { \
    tri_red_column_combine_sum_##suffix(partials, m, n, column_begin, column_end, out); \
    tri_red_divide_##suffix(out, column_begin, column_end, m); \
  }

RED_MEAN(float, f32)
RED_MEAN(double, f64)
