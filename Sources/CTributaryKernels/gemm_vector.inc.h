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

/* One round of a perfect shuffle: `low` and `high` halves of a0 b0 a1 b1 …; log2(lanes) rounds transpose. */
TRI_INLINE void TRI_G(zip)(TRI_V a, TRI_V b, TRI_V *low, TRI_V *high) {
#define TRI_ZIP(...) __builtin_shufflevector(a, b, __VA_ARGS__)
  _Static_assert(TRI_GEMM_LANES == 16 || TRI_GEMM_LANES == 8 || TRI_GEMM_LANES == 4 || TRI_GEMM_LANES == 2, "lanes");
#if TRI_GEMM_LANES == 16
  *low = TRI_ZIP(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  *high = TRI_ZIP(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif TRI_GEMM_LANES == 8
  *low = TRI_ZIP(0, 8, 1, 9, 2, 10, 3, 11);
  *high = TRI_ZIP(4, 12, 5, 13, 6, 14, 7, 15);
#elif TRI_GEMM_LANES == 4
  *low = TRI_ZIP(0, 4, 1, 5);
  *high = TRI_ZIP(2, 6, 3, 7);
#else
  *low = TRI_ZIP(0, 2);
  *high = TRI_ZIP(1, 3);
#endif
#undef TRI_ZIP
}
