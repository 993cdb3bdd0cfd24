/* Vectors of one register in the compiler's generic form; loads and stores of a vector's first lanes. */
typedef TRI_T TRI_G(vector) __attribute__((ext_vector_type(TRI_GEMM_LANES)));
typedef TRI_T TRI_G(unaligned) __attribute__((ext_vector_type(TRI_GEMM_LANES), aligned(sizeof(TRI_T)), may_alias));
#define TRI_V TRI_G(vector)

TRI_INLINE TRI_V TRI_G(load)(const TRI_T *p) { return *(const TRI_G(unaligned) *)p; }
TRI_INLINE void TRI_G(store)(TRI_T *p, TRI_V v) { *(TRI_G(unaligned) *)p = v; }
TRI_INLINE TRI_V TRI_G(fma)(TRI_V a, TRI_V b, TRI_V c) { return __builtin_elementwise_fma(a, b, c); }

/* The first `count` lanes, 1 … all; the others read as 0, are not stored, and their memory is not touched. */
#if TRI_REGISTER_BYTES == 64
TRI_INLINE TRI_V TRI_G(load_first)(const TRI_T *p, int count) {
  unsigned mask = (1u << count) - 1;
  return _Generic((TRI_T)0, float: (TRI_V)_mm512_maskz_loadu_ps((__mmask16)mask, p),
                  double: (TRI_V)_mm512_maskz_loadu_pd((__mmask8)mask, p));
}
TRI_INLINE void TRI_G(store_first)(TRI_T *p, TRI_V v, int count) {
  unsigned mask = (1u << count) - 1;
  _Generic((TRI_T)0, float: _mm512_mask_storeu_ps(p, (__mmask16)mask, (__m512)v),
           double: _mm512_mask_storeu_pd(p, (__mmask8)mask, (__m512d)v));
}
#elif TRI_REGISTER_BYTES == 32
TRI_INLINE __m256i TRI_G(mask)(int count) {
  static const int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  int words = count * (int)(sizeof(TRI_T) / 4);
  return _mm256_loadu_si256((const __m256i *)(edge + 8 - words));
}
TRI_INLINE TRI_V TRI_G(load_first)(const TRI_T *p, int count) {
  return (TRI_V)_mm256_maskload_ps((const float *)p, TRI_G(mask)(count));
}
TRI_INLINE void TRI_G(store_first)(TRI_T *p, TRI_V v, int count) {
  _mm256_maskstore_ps((float *)p, TRI_G(mask)(count), (__m256)v);
}
#else
TRI_INLINE TRI_V TRI_G(load_first)(const TRI_T *p, int count) {
  TRI_V v = 0;
  for (int l = 0; l < TRI_GEMM_LANES; l++)
    if (l < count) v[l] = p[l];
  return v;
}
TRI_INLINE void TRI_G(store_first)(TRI_T *p, TRI_V v, int count) {
  for (int l = 0; l < TRI_GEMM_LANES; l++)
    if (l < count) p[l] = v[l];
}
#endif

/* Transposing, in pieces of 16 bytes: shuffles within a piece's own place take a cycle each, and the places are changed
   in whole pieces. */
enum { TRI_G(in_piece) = 16 / sizeof(TRI_T), TRI_G(pieces) = TRI_REGISTER_BYTES / 16 };
#define TRI_MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)

/* Of each piece's place: element j of the in_piece registers of `in` becomes register j of `out`. */
TRI_INLINE void TRI_G(turn_pieces)(const TRI_V *in, TRI_V *out) {
#if TRI_REGISTER_BYTES / TRI_GEMM_LANES == 4
#if TRI_GEMM_LANES == 16
#define TRI_LOW 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define TRI_HIGH 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define TRI_LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define TRI_HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#elif TRI_GEMM_LANES == 8
#define TRI_LOW 0, 8, 1, 9, 4, 12, 5, 13
#define TRI_HIGH 2, 10, 3, 11, 6, 14, 7, 15
#define TRI_LOW2 0, 1, 8, 9, 4, 5, 12, 13
#define TRI_HIGH2 2, 3, 10, 11, 6, 7, 14, 15
#else
#define TRI_LOW 0, 4, 1, 5
#define TRI_HIGH 2, 6, 3, 7
#define TRI_LOW2 0, 1, 4, 5
#define TRI_HIGH2 2, 3, 6, 7
#endif
  TRI_V a = TRI_MIX(in[0], in[1], TRI_LOW), b = TRI_MIX(in[0], in[1], TRI_HIGH);
  TRI_V c = TRI_MIX(in[2], in[3], TRI_LOW), d = TRI_MIX(in[2], in[3], TRI_HIGH);
  out[0] = TRI_MIX(a, c, TRI_LOW2);
  out[1] = TRI_MIX(a, c, TRI_HIGH2);
  out[2] = TRI_MIX(b, d, TRI_LOW2);
  out[3] = TRI_MIX(b, d, TRI_HIGH2);
#undef TRI_LOW2
#undef TRI_HIGH2
#else
#if TRI_GEMM_LANES == 8
#define TRI_LOW 0, 8, 2, 10, 4, 12, 6, 14
#define TRI_HIGH 1, 9, 3, 11, 5, 13, 7, 15
#elif TRI_GEMM_LANES == 4
#define TRI_LOW 0, 4, 2, 6
#define TRI_HIGH 1, 5, 3, 7
#else
#define TRI_LOW 0, 2
#define TRI_HIGH 1, 3
#endif
  out[0] = TRI_MIX(in[0], in[1], TRI_LOW);
  out[1] = TRI_MIX(in[0], in[1], TRI_HIGH);
#endif
#undef TRI_LOW
#undef TRI_HIGH
}

/* As many registers as there are lanes, transposed. */
TRI_INLINE void TRI_G(turn_registers)(TRI_V *v) {
  enum { n = TRI_G(in_piece) };
  TRI_V g[TRI_GEMM_LANES];
  TRI_UNROLL for (int q = 0; q < TRI_G(pieces); q++) TRI_G(turn_pieces)(v + n * q, g + n * q);
#if TRI_REGISTER_BYTES == 64
#if TRI_GEMM_LANES == 16
#define TRI_FIRST 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define TRI_LAST 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define TRI_EVEN 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27
#define TRI_ODD 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31
#else
#define TRI_FIRST 0, 1, 2, 3, 8, 9, 10, 11
#define TRI_LAST 4, 5, 6, 7, 12, 13, 14, 15
#define TRI_EVEN 0, 1, 4, 5, 8, 9, 12, 13
#define TRI_ODD 2, 3, 6, 7, 10, 11, 14, 15
#endif
  TRI_UNROLL for (int j = 0; j < n; j++) {
    TRI_V a = TRI_MIX(g[j], g[n + j], TRI_FIRST), b = TRI_MIX(g[j], g[n + j], TRI_LAST);
    TRI_V c = TRI_MIX(g[2 * n + j], g[3 * n + j], TRI_FIRST), d = TRI_MIX(g[2 * n + j], g[3 * n + j], TRI_LAST);
    v[j] = TRI_MIX(a, c, TRI_EVEN);
    v[n + j] = TRI_MIX(a, c, TRI_ODD);
    v[2 * n + j] = TRI_MIX(b, d, TRI_EVEN);
    v[3 * n + j] = TRI_MIX(b, d, TRI_ODD);
  }
#undef TRI_EVEN
#undef TRI_ODD
#elif TRI_REGISTER_BYTES == 32
#if TRI_GEMM_LANES == 8
#define TRI_FIRST 0, 1, 2, 3, 8, 9, 10, 11
#define TRI_LAST 4, 5, 6, 7, 12, 13, 14, 15
#else
#define TRI_FIRST 0, 1, 4, 5
#define TRI_LAST 2, 3, 6, 7
#endif
  TRI_UNROLL for (int j = 0; j < n; j++) {
    v[j] = TRI_MIX(g[j], g[n + j], TRI_FIRST);
    v[n + j] = TRI_MIX(g[j], g[n + j], TRI_LAST);
  }
#else
  TRI_UNROLL for (int j = 0; j < n; j++) v[j] = g[j];
#endif
#undef TRI_FIRST
#undef TRI_LAST
}

/* out[i] = element i of each of the runs that begin at from + r * stride, for i below the lanes and r below `rows` (a
   constant); the lanes behind them hold anything. The pieces find their places as they are loaded, which leaves half
   the shuffles. */
typedef TRI_T TRI_G(piece) __attribute__((ext_vector_type(16 / sizeof(TRI_T))));
typedef TRI_T TRI_G(unaligned_piece)
  __attribute__((ext_vector_type(16 / sizeof(TRI_T)), aligned(sizeof(TRI_T)), may_alias));

TRI_INLINE TRI_V TRI_G(gather)(const TRI_T *from, int64_t stride, const int first, const int rows) {
#define TRI_RUN(l) (first + (l) * TRI_G(in_piece) < rows ? first + (l) * TRI_G(in_piece) : 0)
#define TRI_PIECE(l) (TRI_G(piece))*(const TRI_G(unaligned_piece) *)(from + TRI_RUN(l) * stride)
#if TRI_REGISTER_BYTES == 64 && TRI_GEMM_LANES == 16
#define TRI_TWO(l) TRI_MIX(TRI_PIECE(l), TRI_PIECE(l + 1), 0, 1, 2, 3, 4, 5, 6, 7)
  return TRI_MIX(TRI_TWO(0), TRI_TWO(2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif TRI_REGISTER_BYTES == 64
#define TRI_TWO(l) TRI_MIX(TRI_PIECE(l), TRI_PIECE(l + 1), 0, 1, 2, 3)
  return TRI_MIX(TRI_TWO(0), TRI_TWO(2), 0, 1, 2, 3, 4, 5, 6, 7);
#elif TRI_REGISTER_BYTES == 32 && TRI_GEMM_LANES == 8
  return TRI_MIX(TRI_PIECE(0), TRI_PIECE(1), 0, 1, 2, 3, 4, 5, 6, 7);
#elif TRI_REGISTER_BYTES == 32
  return TRI_MIX(TRI_PIECE(0), TRI_PIECE(1), 0, 1, 2, 3);
#else
  return TRI_PIECE(0);
#endif
#undef TRI_RUN
#undef TRI_PIECE
#undef TRI_TWO
}

TRI_INLINE void TRI_G(turn)(const TRI_T *from, int64_t stride, const int rows, TRI_V *out) {
  TRI_UNROLL for (int i = 0; i < TRI_GEMM_LANES; i += TRI_G(in_piece)) {
    TRI_V g[TRI_G(in_piece)];
    TRI_UNROLL for (int q = 0; q < TRI_G(in_piece); q++) g[q] = TRI_G(gather)(from + i, stride, q, rows);
    TRI_G(turn_pieces)(g, out + i);
  }
}
#undef TRI_MIX

/* What stands at even places of a and b, one behind the other, and at odd ones. */
TRI_INLINE void TRI_G(unzip)(TRI_V a, TRI_V b, TRI_V *even, TRI_V *odd) {
#define TRI_UNZIP(...) __builtin_shufflevector(a, b, __VA_ARGS__)
#if TRI_GEMM_LANES == 16
  *even = TRI_UNZIP(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  *odd = TRI_UNZIP(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif TRI_GEMM_LANES == 8
  *even = TRI_UNZIP(0, 2, 4, 6, 8, 10, 12, 14);
  *odd = TRI_UNZIP(1, 3, 5, 7, 9, 11, 13, 15);
#elif TRI_GEMM_LANES == 4
  *even = TRI_UNZIP(0, 2, 4, 6);
  *odd = TRI_UNZIP(1, 3, 5, 7);
#else
  *even = TRI_UNZIP(0, 2);
  *odd = TRI_UNZIP(1, 3);
#endif
#undef TRI_UNZIP
}
