/* Packing: copies of blocks of A and B in the order in which the micro-kernel reads them. */

enum { TRI_G(panel) = TRI_GEMM_NV * TRI_GEMM_LANES };             /* columns of a panel of B */
enum { TRI_G(packed_row) = TRI_PACKED_A_BYTES(sizeof(TRI_T)) / sizeof(TRI_T) };

/* to[i * to_stride …] = element i of each of `rows` runs of `columns` elements, both at most the lanes of a register;
   a whole register is stored, whose lanes behind `rows` hold anything. */
TRI_INLINE void TRI_G(transpose)(const TRI_T *from, int64_t from_stride, int rows, int columns, TRI_T *to,
                                 int64_t to_stride) {
  TRI_V v[TRI_GEMM_LANES];
  if (rows == TRI_GEMM_LANES && columns == TRI_GEMM_LANES) {
    TRI_G(turn)(from, from_stride, TRI_GEMM_LANES, v);
    TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++) TRI_G(store)(to + i * to_stride, v[i]);
    return;
  }
  TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++)
    v[i] = i < rows ? TRI_G(load_first)(from + i * from_stride, columns) : (TRI_V)0;
  TRI_G(turn_registers)(v);
  TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i++)
    if (i < columns) TRI_G(store)(to + i * to_stride, v[i]);
}

/* Asks for the `bytes` of a row that will be read some rows later: rows of a large matrix lie on pages of their own,
   where no processor foresees them. Any address will do, since a prefetch does not fault. */
TRI_INLINE void TRI_G(fetch_row)(const TRI_T *row, int64_t stride, int64_t bytes) {
  uintptr_t later = (uintptr_t)row + (uintptr_t)(8 * stride) * sizeof(TRI_T);
  for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch((const void *)(later + (uintptr_t)i), 0, 3);
}

/* Asks for the lines that will be written four rows later, in each panel: a line that no cache has is read before it is
   written. */
TRI_INLINE void TRI_G(claim_row)(const TRI_T *out, int64_t k, int64_t columns) {
  for (int64_t j = 0; j < columns; j += TRI_G(panel), out += k * TRI_G(panel))
    for (int64_t l = 0; l < TRI_G(panel); l += 64 / (int64_t)sizeof(TRI_T))
      __builtin_prefetch((const void *)((uintptr_t)(out + l) + 4 * TRI_G(panel) * sizeof(TRI_T)), 1, 3);
}

/* `columns` neighbours of one row of B into the panels, the first of which has its row at `out`. */
TRI_INLINE void TRI_G(pack_row)(int64_t k, int64_t columns, const TRI_T *row, TRI_T *out) {
  int64_t whole = columns / TRI_G(panel) * TRI_G(panel);
  for (int64_t j = 0; j < whole; j += TRI_G(panel), out += k * TRI_G(panel))
    TRI_UNROLL for (int v = 0; v < TRI_GEMM_NV; v++)
      TRI_G(store)(out + v * TRI_GEMM_LANES, TRI_G(load)(row + j + v * TRI_GEMM_LANES));
  for (int64_t j = whole; j < columns; j += TRI_GEMM_LANES, out += TRI_GEMM_LANES)
    TRI_G(store)(out, TRI_G(load_first)(row + j, (int)tri_gemm_min(columns - j, TRI_GEMM_LANES)));
}

/* B[0 ..< k, 0 ..< columns] into panels: each k rows, a panel's width apart. Columns that are missing hold anything: no
   kernel stores what comes of them. Rows are copied across all the panels at once. */
static void TRI_G(pack_panels)(int64_t k, int64_t columns, const TRI_T *b, int64_t b_row, int64_t b_column,
                               TRI_T *to) {
  if (b_column == 1) {
    for (int64_t p = 0; p < k; p++) {
      const TRI_T *row = b + p * b_row;
      TRI_G(fetch_row)(row, b_row, columns * (int64_t)sizeof(TRI_T));
      TRI_T *out = to + p * TRI_G(panel);
      TRI_G(claim_row)(out, k, columns);
      TRI_G(pack_row)(k, columns, row, out);
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

/* A[0 ..< rows, 0 ..< k], whose column stride is 1, in column order as below. A vector may be wider than what is left
   of a micro-tile's rows: its other lanes fall on the next column, which is written later, so the last rows come
   first. */
static void TRI_G(pack_turned)(int64_t rows, int64_t k, const TRI_T *a, int64_t a_row, TRI_T *to) {
  for (int64_t i = 0; i < rows; i += TRI_GEMM_MR) {
    int mr = (int)tri_gemm_min(TRI_GEMM_MR, rows - i);
    TRI_T *strip = to + i * TRI_G(packed_row);
    for (int64_t p = 0; p < k; p += TRI_GEMM_LANES) {
      const TRI_T *from = a + i * a_row + p;
      int columns = (int)tri_gemm_min(TRI_GEMM_LANES, k - p);
      for (int64_t l = TRI_GEMM_MR; l < 2 * TRI_GEMM_MR; l++)
        __builtin_prefetch((const void *)((uintptr_t)from + (uintptr_t)(l * a_row) * sizeof(TRI_T)), 0, 2);
      TRI_UNROLL for (int r = (TRI_GEMM_MR - 1) / TRI_GEMM_LANES * TRI_GEMM_LANES; r >= 0; r -= TRI_GEMM_LANES) {
        const int most = TRI_GEMM_MR - r < TRI_GEMM_LANES ? TRI_GEMM_MR - r : TRI_GEMM_LANES;
        const TRI_T *group = from + r * a_row;
        TRI_T *out = strip + p * TRI_GEMM_MR + r;
        if (mr == TRI_GEMM_MR && columns == TRI_GEMM_LANES) {
          TRI_V v[TRI_GEMM_LANES];
          TRI_G(turn)(group, a_row, most, v);
          TRI_UNROLL for (int c = 0; c < TRI_GEMM_LANES; c++) TRI_G(store)(out + c * TRI_GEMM_MR, v[c]);
        } else if (r < mr) {
          TRI_G(transpose)(group, a_row, mr - r < most ? mr - r : most, columns, out, TRI_GEMM_MR);
        }
      }
    }
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
