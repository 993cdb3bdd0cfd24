/* The first k of a row in order, without ordering the others: included once by each path.

   Few are kept in order, each new one put in its place. Of more, what may be among them is collected; once there is no more
   room, it is put in order and all but the first k dropped. From then on what is not before the k-th is passed over, a block
   at a time where no key of it is. */

#include "sort_keys.inc.h"

#define SELECT_BLOCK 16
#define SELECT_FEW 64 /* more take longer to be put in their places than to be put in order */

#define SELECT(T, E, K, W, PLACE)                                                                           \
  static void tri_select_##T(const tri_sort_kind *kind, const E *x, int64_t begin, int64_t end, int64_t k,  \
                             W *words, W *aside) {                                                          \
    const K flip = kind->descending ? ~(K)0 : 0;                                                            \
    const int64_t room = tri_select_room(k);                                                                \
    int64_t count = 0;                                                                                      \
    W last = ~(W)0;                                                                                         \
    _Bool full = 0;                                                                                         \
    for (int64_t start = begin; start < end; start += SELECT_BLOCK) {                                       \
      int64_t stop = end - start < SELECT_BLOCK ? end : start + SELECT_BLOCK;                               \
      if (full && stop - start == SELECT_BLOCK) {                                                           \
        const K least = (K)(last >> PLACE);                                                                 \
        K before = 0;                                                                                       \
        for (int64_t i = 0; i < SELECT_BLOCK; i++) before |= tri_key_##T(x[start + i], flip) < least;       \
        if (!before) continue;                                                                              \
      }                                                                                                     \
      for (int64_t i = start; i < stop; i++) {                                                              \
        W word = (W)tri_key_##T(x[i], flip) << PLACE | (uint64_t)i;                                         \
        if (word >= last) continue;                                                                         \
        if (k <= SELECT_FEW) {                                                                              \
          int64_t j = full ? k - 1 : count++;                                                               \
          for (; j > 0 && words[j - 1] > word; j--) words[j] = words[j - 1];                                \
          words[j] = word;                                                                                  \
          full = count == k;                                                                                \
          if (full) last = words[k - 1];                                                                    \
          continue;                                                                                         \
        }                                                                                                   \
        words[count++] = word;                                                                              \
        if (count < room) continue;                                                                         \
        tri_sort_words(kind, words, aside, count);                                                          \
        count = k;                                                                                          \
        last = words[k - 1];                                                                                \
        full = 1;                                                                                           \
      }                                                                                                     \
    }                                                                                                       \
    if (k > SELECT_FEW) tri_sort_words(kind, words, aside, count);                                          \
  }
SELECT(f32, uint32_t, uint32_t, uint64_t, 32)
SELECT(i32, uint32_t, uint32_t, uint64_t, 32)
SELECT(u8, uint8_t, uint32_t, uint64_t, 32)
SELECT(f64, uint64_t, uint64_t, tri_wide, 64)
SELECT(i64, uint64_t, uint64_t, tri_wide, 64)

static void tri_select_entry(const tri_sort_kind *kind, const void *row, int64_t begin, int64_t end, int64_t k,
                             void *words, void *aside) {
  if (k < 1) return;
  switch (kind->dtype) {
  case TRI_F32: tri_select_f32(kind, row, begin, end, k, words, aside); break;
  case TRI_F64: tri_select_f64(kind, row, begin, end, k, words, aside); break;
  case TRI_I64: tri_select_i64(kind, row, begin, end, k, words, aside); break;
  case TRI_I32: tri_select_i32(kind, row, begin, end, k, words, aside); break;
  default: tri_select_u8(kind, row, begin, end, k, words, aside);
  }
}

#define TRI_SORT_TABLE {.select = tri_select_entry}
