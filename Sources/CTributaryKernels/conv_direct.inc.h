/* The convolution and its gradient by x where a group has few rows of the product (a depthwise one has one), for one
   element type: what unfolding saves is saved for each row, so here the gathered source is read where it lies. */

enum { TRI_G(direct_vectors) = 4 };

/* `mr` rows of C, `nv` vectors of neighbouring columns, one block of k. Of the last vector `tail` lanes are stored; all
   are read. `bias`: added to the complete sums; NULL: none. */
TRI_INLINE void TRI_G(direct_body)(const int mr, const int nv, int64_t k, const TRI_T *w, const int64_t *offsets,
                                   const TRI_T *source, TRI_T *c, int64_t c_row, int add, int tail,
                                   const TRI_T *bias) {
  TRI_V sum[TRI_CONV_DIRECT_ROWS][TRI_G(direct_vectors)];
  TRI_UNROLL for (int i = 0; i < mr; i++)
    TRI_UNROLL for (int j = 0; j < nv; j++) sum[i][j] = 0;
#pragma clang loop unroll(disable)
  for (int64_t p = 0; p < k; p++, w += TRI_GEMM_MR) {
    const TRI_T *from = source + offsets[p];
    TRI_V right[TRI_G(direct_vectors)];
    TRI_UNROLL for (int j = 0; j < nv; j++) right[j] = TRI_G(load)(from + j * TRI_GEMM_LANES);
    TRI_UNROLL for (int i = 0; i < mr; i++)
      TRI_UNROLL for (int j = 0; j < nv; j++) sum[i][j] = TRI_G(fma)((TRI_V)(w[i]), right[j], sum[i][j]);
  }
  TRI_UNROLL for (int i = 0; i < mr; i++) {
    TRI_UNROLL for (int j = 0; j < nv; j++) {
      TRI_T *p = c + i * c_row + j * TRI_GEMM_LANES;
      int part = j == nv - 1 && tail < TRI_GEMM_LANES;
      TRI_V value = sum[i][j];
      if (add) value = (part ? TRI_G(load_first)(p, tail) : TRI_G(load)(p)) + value;
      if (bias) value = value + (TRI_V)(bias[i]);
      if (part) TRI_G(store_first)(p, value, tail);
      else TRI_G(store)(p, value);
    }
  }
}

typedef void (*TRI_G(direct))(int64_t k, const TRI_T *w, const int64_t *offsets, const TRI_T *source, TRI_T *c,
                              int64_t c_row, int add, int tail, const TRI_T *bias);

#define TRI_DIRECT_NAME(mr, nv) TRI_JOIN(TRI_G(direct), _##mr##_##nv)
#define TRI_DIRECT(mr, nv)                                                                                    \
  static void TRI_DIRECT_NAME(mr, nv)(int64_t k, const TRI_T *w, const int64_t *offsets, const TRI_T *source, \
                                      TRI_T *c, int64_t c_row, int add, int tail, const TRI_T *bias) {        \
    TRI_G(direct_body)(mr, nv, k, w, offsets, source, c, c_row, add, tail, bias);                             \
  }
#define TRI_DIRECT_ROWS(mr) TRI_DIRECT(mr, 1) TRI_DIRECT(mr, 2) TRI_DIRECT(mr, 3) TRI_DIRECT(mr, 4)
TRI_DIRECT_ROWS(1) TRI_DIRECT_ROWS(2) TRI_DIRECT_ROWS(3) TRI_DIRECT_ROWS(4)

#define TRI_DIRECT_LIST(mr)                                                                                   \
  {TRI_DIRECT_NAME(mr, 1), TRI_DIRECT_NAME(mr, 2), TRI_DIRECT_NAME(mr, 3), TRI_DIRECT_NAME(mr, 4)}
/* By rows less one, by vectors less one. */
static const TRI_G(direct) TRI_G(directs)[TRI_CONV_DIRECT_ROWS][TRI_G(direct_vectors)] = {
  TRI_DIRECT_LIST(1), TRI_DIRECT_LIST(2), TRI_DIRECT_LIST(3), TRI_DIRECT_LIST(4)};
#undef TRI_DIRECT_NAME
#undef TRI_DIRECT
#undef TRI_DIRECT_ROWS
#undef TRI_DIRECT_LIST

_Static_assert(TRI_CONV_DIRECT_ROWS * TRI_G(direct_vectors) <= 16 * TRI_GEMM_NV, "room of the tile");

/* A piece of a sample, row by row of its innermost dim. `begin`, `count`: of each dim. `tile` holds the sums of a few
   vectors where neighbours lie apart in the result: as the plan has it, sixteen rows of a panel. */
static void TRI_G(conv_direct)(const tri_conv_phase *phase, const tri_conv_layout *l, const int64_t begin[3],
                               const int64_t count[3], const int64_t out[3], int64_t m, int64_t all,
                               const TRI_T *packed, const int64_t *offsets, const TRI_T *source, const TRI_T *bias,
                               TRI_T *to, TRI_T *tile) {
  const tri_conv_dim *dim = phase->dim;
  int64_t width = (m > 2 ? TRI_CONV_DIRECT_VECTORS : TRI_G(direct_vectors)) * TRI_GEMM_LANES;
  int64_t out_size = out[0] * out[1] * out[2], step = dim[2].out_step;
  for (int64_t d = 0; d < count[0]; d++)
    for (int64_t h = 0; h < count[1]; h++) {
      const TRI_T *from = source + d * dim[0].step * l->sheet + h * dim[1].step * l->row;
      TRI_T *row = to + ((dim[0].first + (begin[0] + d) * dim[0].out_step) * out[1] + dim[1].first +
                         (begin[1] + h) * dim[1].out_step) * out[2] + dim[2].first + begin[2] * step;
      for (int64_t j = 0; j < count[2]; j += width) {
        int64_t n = tri_gemm_min(width, count[2] - j), vectors = tri_gemm_ceil(n, TRI_GEMM_LANES);
        int tail = (int)(n - (vectors - 1) * TRI_GEMM_LANES);
        TRI_T *c = step > 1 ? tile : row + j;
        int64_t c_row = step > 1 ? width : out_size;
        const TRI_T *w = packed;
        for (int64_t block = 0; block < all; block += TRI_K_BLOCK) {
          int64_t k = tri_gemm_min(TRI_K_BLOCK, all - block);
          TRI_G(directs)[m - 1][vectors - 1](k, w, offsets + block, from + j, c, c_row, block > 0, tail,
                                             block + k == all ? bias : 0);
          w += k * TRI_GEMM_MR;
        }
        for (int64_t i = 0; step > 1 && i < m; i++)
          for (int64_t x = 0; x < n; x++) row[i * out_size + (j + x) * step] = tile[i * width + x];
      }
    }
}
