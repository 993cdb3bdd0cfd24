/* Means, and cumulative sums: included once by each path. */

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

#define RED_CUMSUM(IN, ACC, suffix) \
  static void tri_red_cumsum_##suffix( \
      const void *x_, int64_t n, int64_t begin, int64_t end, int reverse, void *out_) { \
    if (n <= 0) return; \
    for (int64_t r = begin; r < end; r++) { \
      const IN *x = (const IN *)x_ + r * n; \
      ACC *out = (ACC *)out_ + r * n; \
      int64_t step = reverse ? -1 : 1, i = reverse ? n - 1 : 0; \
      ACC sum = (ACC)x[i]; \
      out[i] = sum; \
      for (int64_t k = 1; k < n; k++) { \
        i += step; \
        sum = sum + (ACC)x[i]; \
        out[i] = sum; \
      } \
    } \
  }

RED_CUMSUM(float, float, f32)
RED_CUMSUM(double, double, f64)
RED_CUMSUM(int64_t, uint64_t, i64)
RED_CUMSUM(int32_t, uint64_t, i32)
RED_CUMSUM(uint8_t, uint64_t, u8)
