/* Packing: copies of blocks of A and B in the order in which the micro-kernel reads them. */

enum { TRI_G(panel) = TRI_GEMM_NV * TRI_GEMM_LANES };             /* columns of a panel of B */
enum { TRI_G(packed_row) = TRI_PACKED_A_BYTES(sizeof(TRI_T)) / sizeof(TRI_T) };

/* out[l * stride] = lane l of each of the vectors: a block of lanes × lanes, transposed. `rows` of the source
   exist, each with `columns` elements; what is missing reads as 0 and only `columns` rows are written. */
TRI_INLINE void TRI_G(transpose)(const TRI_T *from, int64_t from_stride, int rows, int columns, TRI_T *to,
                                 int64_t to_stride) {
  TRI_V v[TRI_GEMM_LANES], w[TRI_GEMM_LANES];
  if (rows == TRI_GEMM_LANES && columns == TRI_GEMM_LANES) {
    TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++) v[i] = TRI_G(load)(from + i * from_stride);
  } else {
    TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++)
      v[i] = i < rows ? TRI_G(load_first)(from + i * from_stride, columns) : (TRI_V)0;
  }
  TRI_UNROLL for (int round = 1; round < TRI_GEMM_LANES; round *= 2) {
    TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES / 2; i++)
      TRI_G(zip)(v[i], v[i + TRI_GEMM_LANES / 2], &w[2 * i], &w[2 * i + 1]);
    TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++) v[i] = w[i];
  }
  TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++)
    if (i < columns) TRI_G(store)(to + i * to_stride, v[i]);
}

/* Asks for the `bytes` of a row that will be read some rows later: rows of a large matrix lie on pages of their own,
   where no processor foresees them. Any address will do, since a prefetch does not fault. */
TRI_INLINE void TRI_G(fetch_row)(const TRI_T *row, int64_t stride, int64_t bytes) {
  uintptr_t later = (uintptr_t)row + (uintptr_t)(8 * stride) * sizeof(TRI_T);
  for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch((const void *)(later + (uintptr_t)i), 0, 3);
}

/* B[0 ..< k, 0 ..< columns] into panels: each k rows, a panel's width apart. Columns that are missing hold anything: no
   kernel stores what comes of them. Rows are copied across all the panels at once. */
static void TRI_G(pack_panels)(int64_t k, int64_t columns, const TRI_T *b, int64_t b_row, int64_t b_column,
                               TRI_T *to) {
  if (b_column == 1) {
    int64_t whole = columns / TRI_G(panel) * TRI_G(panel);
    for (int64_t p = 0; p < k; p++) {
      const TRI_T *row = b + p * b_row;
      TRI_G(fetch_row)(row, b_row, columns * (int64_t)sizeof(TRI_T));
      TRI_T *out = to + p * TRI_G(panel);
      for (int64_t j = 0; j < whole; j += TRI_G(panel), out += k * TRI_G(panel))
        TRI_UNROLL for (int v = 0; v < TRI_GEMM_NV; v++)
          TRI_G(store)(out + v * TRI_GEMM_LANES, TRI_G(load)(row + j + v * TRI_GEMM_LANES));
      for (int64_t j = whole; j < columns; j += TRI_GEMM_LANES, out += TRI_GEMM_LANES)
        TRI_G(store)(out, TRI_G(load_first)(row + j, (int)tri_gemm_min(columns - j, TRI_GEMM_LANES)));
    }
  } else if (b_row == 1) {
    for (int64_t j = 0; j < columns; j += TRI_GEMM_LANES) {
      int rows = (int)tri_gemm_min(columns - j, TRI_GEMM_LANES);
      const TRI_T *from = b + j * b_column;
      TRI_T *out = to + j / TRI_G(panel) * k * TRI_G(panel) + j % TRI_G(panel);
      for (int64_t p = 0; p < k; p += TRI_GEMM_LANES)
        TRI_G(transpose)(from + p, b_column, rows, (int)tri_gemm_min(k - p, TRI_GEMM_LANES), out + p * TRI_G(panel),
                         TRI_G(panel));
    }
  } else {
    for (int64_t p = 0; p < k; p++)
      for (int64_t j = 0; j < columns; j++)
        to[(j / TRI_G(panel) * k + p) * TRI_G(panel) + j % TRI_G(panel)] = b[p * b_row + j * b_column];
  }
}

/* A[0 ..< rows, 0 ..< k] in row order, packed_row apart. */
static void TRI_G(pack_rows)(int64_t rows, int64_t k, const TRI_T *a, int64_t a_row, int64_t a_column, TRI_T *to) {
  for (int64_t i = 0; i < rows; i++) {
    const TRI_T *from = a + i * a_row;
    TRI_T *row = to + i * TRI_G(packed_row);
    if (a_column == 1)
      __builtin_memcpy(row, from, (size_t)k * sizeof(TRI_T));
    else
      for (int64_t p = 0; p < k; p++) row[p] = from[p * a_column];
  }
}

/* A[0 ..< rows, 0 ..< k], whose row stride is 1, in column order: k columns of MR elements for each MR rows, as far
   apart as the rows would be: a strip of 512 columns is whole pages long, and strips back to back, which are written in
   step, would fall into the same sets of the first-level cache. Reads the neighbouring rows together, since they share
   their lines. */
static void TRI_G(pack_columns)(int64_t rows, int64_t k, const TRI_T *a, int64_t a_column, TRI_T *to) {
  for (int64_t p = 0; p < k; p++) {
    const TRI_T *from = a + p * a_column;
    TRI_G(fetch_row)(from, a_column, rows * (int64_t)sizeof(TRI_T));
    for (int64_t i = 0; i < rows; i += TRI_GEMM_MR) {
      TRI_T *strip = to + i * TRI_G(packed_row) + p * TRI_GEMM_MR;
      if (rows - i >= TRI_GEMM_MR)
        __builtin_memcpy(strip, from + i, TRI_GEMM_MR * sizeof(TRI_T));
      else
        for (int64_t l = 0; l < rows - i; l++) strip[l] = from[i + l];
    }
  }
}
