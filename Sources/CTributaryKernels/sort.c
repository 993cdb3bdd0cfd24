#include <string.h>

#include "CTributaryKernels.h"
#include "sort_keys.inc.h"

#define FEW 64 /* words that are put in order one by one */

tri_sort_kind tri_sort_kind_for(tri_dtype dtype, int64_t n, _Bool descending) {
  int32_t size = tri_dtype_size(dtype);
  return (tri_sort_kind){.dtype = dtype, .descending = descending, .digits = size,
                         .word = size == 8 || n > UINT32_MAX ? 16 : 8};
}

/* Narrow words hold a key of 32 bits above a place of 32, wide ones 64 above 64. */
#define WORDS(N, W, PLACE)                                                                                  \
  static void few_##N(W *words, int64_t n) {                                                                \
    for (int64_t i = 1; i < n; i++) {                                                                       \
      W own = words[i];                                                                                     \
      int64_t j = i;                                                                                        \
      for (; j > 0 && words[j - 1] > own; j--) words[j] = words[j - 1];                                     \
      words[j] = own;                                                                                       \
    }                                                                                                       \
  }                                                                                                         \
  /* By digit after digit; those that all words share are passed over. In `words` at the end. */            \
  static void many_##N(W *words, W *aside, int64_t n, int32_t digits) {                                     \
    int64_t counts[8][256];                                                                                 \
    memset(counts, 0, (size_t)digits * sizeof *counts);                                                     \
    for (int64_t i = 0; i < n; i++)                                                                         \
      for (int32_t d = 0; d < digits; d++) counts[d][(uint8_t)(words[i] >> (PLACE + 8 * d))]++;             \
    W *from = words, *to = aside;                                                                           \
    for (int32_t d = 0; d < digits; d++) {                                                                  \
      int64_t *place = counts[d], begin = 0;                                                                \
      if (place[(uint8_t)(words[0] >> (PLACE + 8 * d))] == n) continue;                                     \
      for (int32_t b = 0; b < 256; b++) {                                                                   \
        int64_t own = place[b];                                                                             \
        place[b] = begin;                                                                                   \
        begin += own;                                                                                       \
      }                                                                                                     \
      for (int64_t i = 0; i < n; i++) to[place[(uint8_t)(from[i] >> (PLACE + 8 * d))]++] = from[i];         \
      W *other = from;                                                                                      \
      from = to, to = other;                                                                                \
    }                                                                                                       \
    if (from != words) memcpy(words, from, (size_t)n * sizeof *words);                                      \
  }                                                                                                         \
  static void order_##N(W *words, W *aside, int64_t n, int32_t digits) {                                    \
    if (n <= FEW) few_##N(words, n);                                                                        \
    else many_##N(words, aside, n, digits);                                                                 \
  }                                                                                                         \
  static void count_##N(const W *words, int32_t digit, int64_t begin, int64_t end, int64_t *counts) {       \
    memset(counts, 0, 256 * sizeof *counts);                                                                \
    for (int64_t i = begin; i < end; i++) counts[(uint8_t)(words[i] >> (PLACE + 8 * digit))]++;             \
  }                                                                                                         \
  static void move_##N(const W *from, int32_t digit, int64_t begin, int64_t end, int64_t *places, W *to) {  \
    for (int64_t i = begin; i < end; i++) to[places[(uint8_t)(from[i] >> (PLACE + 8 * digit))]++] = from[i]; \
  }
WORDS(narrow, uint64_t, 32)
WORDS(wide, tri_wide, 64)

/* An element's bits from its key. Zeros and NaN, of which there are several, are read again. */
static inline uint32_t bits_f32(uint32_t key, const uint32_t *x, int64_t place) {
  if (key == 0x80000000u || key == 0xffffffffu) return x[place];
  return key & 0x80000000u ? key ^ 0x80000000u : ~key;
}
static inline uint64_t bits_f64(uint64_t key, const uint64_t *x, int64_t place) {
  if (key == 0x8000000000000000u || key == 0xffffffffffffffffu) return x[place];
  return key & 0x8000000000000000u ? key ^ 0x8000000000000000u : ~key;
}
static inline uint64_t bits_i64(uint64_t key, const uint64_t *x, int64_t place) {
  (void)x, (void)place;
  return key ^ 0x8000000000000000u;
}
static inline uint32_t bits_i32(uint32_t key, const uint32_t *x, int64_t place) {
  (void)x, (void)place;
  return key ^ 0x80000000u;
}
static inline uint8_t bits_u8(uint32_t key, const uint8_t *x, int64_t place) {
  (void)x, (void)place;
  return (uint8_t)key;
}

#define ELEMENTS(T, E, K, N, W, PLACE, MASK)                                                                \
  static void pack_##T##_##N(const E *x, int64_t begin, int64_t end, K flip, W *words) {                    \
    for (int64_t i = begin; i < end; i++) words[i] = (W)tri_key_##T(x[i], flip) << PLACE | (uint64_t)i;     \
  }                                                                                                         \
  static void unpack_##T##_##N(const E *x, const W *words, int64_t begin, int64_t end, K flip, E *values,   \
                               int64_t *places) {                                                           \
    if (values)                                                                                             \
      for (int64_t i = begin; i < end; i++) {                                                               \
        K key = (K)(words[i] >> PLACE) ^ (flip & MASK);                                                     \
        values[i] = bits_##T(key, x, (int64_t)(words[i] & (((W)1 << PLACE) - 1)));                          \
      }                                                                                                     \
    if (places)                                                                                             \
      for (int64_t i = begin; i < end; i++) places[i] = (int64_t)(words[i] & (((W)1 << PLACE) - 1));        \
  }
ELEMENTS(f32, uint32_t, uint32_t, narrow, uint64_t, 32, 0xffffffffu)
ELEMENTS(i32, uint32_t, uint32_t, narrow, uint64_t, 32, 0xffffffffu)
ELEMENTS(u8, uint8_t, uint32_t, narrow, uint64_t, 32, 0xffu)
ELEMENTS(f64, uint64_t, uint64_t, wide, tri_wide, 64, ~(uint64_t)0)
ELEMENTS(i64, uint64_t, uint64_t, wide, tri_wide, 64, ~(uint64_t)0)
/* Of rows of 2^32 elements. */
ELEMENTS(f32, uint32_t, uint32_t, wide, tri_wide, 64, 0xffffffffu)
ELEMENTS(i32, uint32_t, uint32_t, wide, tri_wide, 64, 0xffffffffu)
ELEMENTS(u8, uint8_t, uint32_t, wide, tri_wide, 64, 0xffu)

/* The function of a kind, and its flip. */
#define DISPATCH(name, ...)                                                          \
  const uint32_t flip32 = kind->descending ? ~(uint32_t)0 : 0;                       \
  const uint64_t flip64 = kind->descending ? ~(uint64_t)0 : 0;                       \
  const _Bool narrow = kind->word == 8;                                              \
  switch (kind->dtype) {                                                             \
  case TRI_F64: name##_f64_wide(__VA_ARGS__(flip64)); break;                         \
  case TRI_I64: name##_i64_wide(__VA_ARGS__(flip64)); break;                         \
  case TRI_F32:                                                                      \
    if (narrow) name##_f32_narrow(__VA_ARGS__(flip32));                              \
    else name##_f32_wide(__VA_ARGS__(flip32));                                       \
    break;                                                                           \
  case TRI_I32:                                                                      \
    if (narrow) name##_i32_narrow(__VA_ARGS__(flip32));                              \
    else name##_i32_wide(__VA_ARGS__(flip32));                                       \
    break;                                                                           \
  default:                                                                           \
    if (narrow) name##_u8_narrow(__VA_ARGS__(flip32));                               \
    else name##_u8_wide(__VA_ARGS__(flip32));                                        \
  }

void tri_sort_pack(const tri_sort_kind *kind, const void *x, int64_t begin, int64_t end, void *words) {
#define ARGUMENTS(flip) x, begin, end, flip, words
  DISPATCH(pack, ARGUMENTS)
#undef ARGUMENTS
}

void tri_sort_unpack(const tri_sort_kind *kind, const void *x, const void *words, int64_t begin, int64_t end, void *values,
                     int64_t *places) {
#define ARGUMENTS(flip) x, words, begin, end, flip, values, places
  DISPATCH(unpack, ARGUMENTS)
#undef ARGUMENTS
}

void tri_sort_words(const tri_sort_kind *kind, void *words, void *aside, int64_t n) {
  if (kind->word == 8) order_narrow(words, aside, n, kind->digits);
  else order_wide(words, aside, n, kind->digits);
}

void tri_sort_count(const tri_sort_kind *kind, const void *words, int32_t digit, int64_t begin, int64_t end,
                    int64_t *counts) {
  if (kind->word == 8) count_narrow(words, digit, begin, end, counts);
  else count_wide(words, digit, begin, end, counts);
}

_Bool tri_sort_places(int64_t chunks, int64_t *counts) {
  int64_t place = 0, most = 0;
  for (int32_t b = 0; b < 256; b++) {
    int64_t begin = place;
    for (int64_t c = 0; c < chunks; c++) {
      int64_t own = counts[c * 256 + b];
      counts[c * 256 + b] = place;
      place += own;
    }
    most = place - begin > most ? place - begin : most;
  }
  return most == place;
}

void tri_sort_move(const tri_sort_kind *kind, const void *from, int32_t digit, int64_t begin, int64_t end, int64_t *places,
                   void *to) {
  if (kind->word == 8) move_narrow(from, digit, begin, end, places, to);
  else move_wide(from, digit, begin, end, places, to);
}

void tri_sort_rows(const tri_sort_kind *kind, const void *x, int64_t n, int64_t kept, int64_t begin, int64_t end,
                   void *values, int64_t *places, void *workspace) {
  int64_t size = tri_dtype_size(kind->dtype);
  char *aside = (char *)workspace + n * kind->word;
  for (int64_t r = begin; r < end; r++) {
    const char *row = (const char *)x + r * n * size;
    tri_sort_pack(kind, row, 0, n, workspace);
    tri_sort_words(kind, workspace, aside, n);
    tri_sort_unpack(kind, row, workspace, 0, kept, values ? (char *)values + r * kept * size : NULL,
                    places ? places + r * kept : NULL);
  }
}

int64_t tri_select_room(int64_t k) { return 2 * k < FEW ? FEW : 2 * k; }
