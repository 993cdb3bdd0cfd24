/* Copies of the source into the workspace, and from there into the order in which the micro-kernel reads. */

/* `begin` zeros, `count` elements of `from`, and zeros up to `row`. Whole vectors are stored: what is too much of a row is
   overwritten by the next one, and of the last there is a vector's room behind the source. Rows are short, so that a
   call for each would cost more than the copy. */
TRI_INLINE void TRI_G(conv_row)(const TRI_T *from, int64_t begin, int64_t count, int64_t row, TRI_T *to) {
  for (int64_t i = 0; i < begin; i += TRI_GEMM_LANES) TRI_G(store)(to + i, (TRI_V)0);
  int64_t i = 0;
  for (; i + TRI_GEMM_LANES <= count; i += TRI_GEMM_LANES) TRI_G(store)(to + begin + i, TRI_G(load)(from + i));
  if (i < count) {
    TRI_G(store)(to + begin + i, TRI_G(load_first)(from + i, (int)(count - i)));
    i += TRI_GEMM_LANES;
  }
  for (i += begin; i < row; i += TRI_GEMM_LANES) TRI_G(store)(to + i, (TRI_V)0);
}

/* Every second element of 2 * count, from the first and from the second. Reads no element behind these. */
TRI_INLINE void TRI_G(conv_halve)(const TRI_T *from, int64_t count, TRI_T *even, TRI_T *odd) {
  int64_t i = 0;
  for (; i + TRI_GEMM_LANES <= count; i += TRI_GEMM_LANES) {
    TRI_V low, high;
    TRI_G(unzip)(TRI_G(load)(from + 2 * i), TRI_G(load)(from + 2 * i + TRI_GEMM_LANES), &low, &high);
    TRI_G(store)(even + i, low);
    TRI_G(store)(odd + i, high);
  }
  for (; i < count; i++) {
    even[i] = from[2 * i];
    odd[i] = from[2 * i + 1];
  }
}

/* `channels` channels of one sample's source, for a piece that begins at q0 of the axis and is `rows` long. */
static void TRI_G(conv_gather)(const tri_conv_phase *phase, const tri_conv_layout *l, int axis, int64_t q0,
                               int64_t rows, const TRI_T *source, int64_t channels, TRI_T *to) {
  const tri_conv_dim *dim = phase->dim;
  int64_t low[3], extent[3];
  for (int d = 0; d < 3; d++) {
    low[d] = l->low[d] + (d == axis ? q0 * dim[d].step : 0);
    extent[d] = l->extent[d];
    /* A piece may be shorter than those the layout is made for. */
    if (d == axis) {
      int64_t reach = (dim[d].taps - 1) * (dim[d].shift_step < 0 ? -dim[d].shift_step : dim[d].shift_step);
      extent[d] = (rows - 1) * dim[d].step + reach + 1;
    }
  }
  int64_t step = dim[2].step, begin = tri_gemm_min(tri_gemm_max(-low[2], 0), extent[2]);
  int64_t end = tri_gemm_max(tri_gemm_min(extent[2], dim[2].size - low[2]), begin);
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t d = 0; d < extent[0]; d++) {
      TRI_T *sheet = to + c * l->channel + d * l->sheet;
      int64_t z = low[0] + d;
      if (z < 0 || z >= dim[0].size) {
        __builtin_memset(sheet, 0, (size_t)l->sheet * sizeof(TRI_T));
        continue;
      }
      for (int64_t h = 0; h < extent[1]; h++) {
        TRI_T *row = sheet + h * l->row;
        int64_t y = low[1] + h;
        if (y < 0 || y >= dim[1].size) {
          __builtin_memset(row, 0, (size_t)l->row * sizeof(TRI_T));
          continue;
        }
        const TRI_T *from = source + ((c * dim[0].size + z) * dim[1].size + y) * dim[2].size + low[2];
        if (step == 1) {
          TRI_G(conv_row)(from + begin, begin, end - begin, l->row, row);
          continue;
        }
        if (step == 2) {
          /* What of both residues lies within begin ..< end is taken apart at once; the rest is at most one element on
             each side, and zeros. */
          int64_t i = tri_gemm_ceil(begin, 2), stop = tri_gemm_max(end / 2, i);
          TRI_T *odd = row + l->part;
          for (int64_t k = 0; k < i; k++) {
            row[k] = 0;
            odd[k] = 2 * k + 1 >= begin && 2 * k + 1 < end ? from[2 * k + 1] : 0;
          }
          TRI_G(conv_halve)(from + 2 * i, stop - i, row + i, odd + i);
          for (int64_t k = stop; k < l->part; k++) {
            row[k] = 2 * k >= begin && 2 * k < end ? from[2 * k] : 0;
            odd[k] = 2 * k + 1 >= begin && 2 * k + 1 < end ? from[2 * k + 1] : 0;
          }
          continue;
        }
        for (int64_t r = 0; r < step; r++) {
          TRI_T *part = row + r * l->part;
          /* The first and the end of the places r + i * step within begin ..< end. */
          int64_t i = tri_gemm_ceil(tri_gemm_max(begin - r, 0), step), stop = tri_gemm_ceil(tri_gemm_max(end - r, 0), step);
          for (int64_t k = 0; k < i; k++) part[k] = 0;
          for (; i < stop; i++) part[i] = from[r + i * step];
          for (i = tri_gemm_max(i, stop); i < l->part; i++) part[i] = 0;
        }
      }
    }
  }
}

/* A vector of a row is copied `from` there `to` here, counted from the row's beginning. */
typedef struct {
  int64_t from, to;
} TRI_G(move);

/* The moves that copy runs; their number. There are no more than the runs' elements. */
TRI_INLINE int TRI_G(conv_moves)(const tri_conv_run *runs, int number, TRI_G(move) *moves) {
  int count = 0;
  for (int r = 0; r < number; r++)
    for (int64_t i = 0; i < runs[r].length; i += TRI_GEMM_LANES)
      moves[count++] = (TRI_G(move)){runs[r].from + i, runs[r].to + i};
  return count;
}

TRI_INLINE void TRI_G(conv_move)(const int number, int64_t count, const int64_t *offsets, const TRI_T *source,
                                 const TRI_G(move) *moves, TRI_T *to, int64_t row) {
  for (int64_t p = 0; p < count; p++, to += row) {
    const TRI_T *from = source + offsets[p];
    TRI_UNROLL for (int j = 0; j < number; j++) TRI_G(store)(to + moves[j].to, TRI_G(load)(from + moves[j].from));
  }
}

/* Rows `offset` of the gathered source, `row` apart in `to`. Whole vectors are copied: what is too much of a run is
   overwritten by the next one, and of the last by the next row; so one vector's room stands behind the last row, and
   behind the source. */
TRI_INLINE void TRI_G(conv_rows)(int64_t count, const int64_t *offsets, const TRI_T *source, const TRI_G(move) *moves,
                                 int number, TRI_T *to, int64_t row) {
  switch (number) {
    case 1: TRI_G(conv_move)(1, count, offsets, source, moves, to, row); return;
    case 2: TRI_G(conv_move)(2, count, offsets, source, moves, to, row); return;
    case 3: TRI_G(conv_move)(3, count, offsets, source, moves, to, row); return;
    case 4: TRI_G(conv_move)(4, count, offsets, source, moves, to, row); return;
    case 5: TRI_G(conv_move)(5, count, offsets, source, moves, to, row); return;
  }
  for (int64_t p = 0; p < count; p++, to += row) {
    const TRI_T *from = source + offsets[p];
    for (int j = 0; j < number; j++) TRI_G(store)(to + moves[j].to, TRI_G(load)(from + moves[j].from));
  }
}
