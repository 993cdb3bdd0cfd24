#ifndef TRI_SORT_H
#define TRI_SORT_H

#include "tri_types.h"

/* Orders and selections of the elements of a row. An element's key is an unsigned number in the order asked for; key and
   place together are a word, no two of which are equal: so every method gives one order, that in which equal elements keep
   their places. -0 equals 0, and all NaN are one, greater than all else. Words are of 8 bytes, 4 of them the key, or of 16
   where the elements have 8 bytes, or the row 2^32 elements. */

typedef struct tri_sort_kind {
  tri_dtype dtype;
  int32_t descending;
  int32_t digits; /* bytes of the key that can differ */
  int32_t word;   /* bytes */
} tri_sort_kind;

tri_sort_kind tri_sort_kind_for(tri_dtype dtype, int64_t n, _Bool descending);

/* Of the rows begin ..< end of x [rows, n] the first `kept` in order: their values (or NULL) and places, [rows, kept].
   workspace: 2 n words. By digits from the last to the first (Seward 1954), few by insertion. */
void tri_sort_rows(const tri_sort_kind *_Nonnull kind, const void *_Nonnull x, int64_t n, int64_t kept, int64_t begin,
                   int64_t end, void *_Nullable values, int64_t *_Nullable places, void *_Nonnull workspace);

/* The same for one long row by many workers. Of the words begin ..< end: */
void tri_sort_pack(const tri_sort_kind *_Nonnull kind, const void *_Nonnull x, int64_t begin, int64_t end,
                   void *_Nonnull words);
/* How often each value of a digit occurs: counts, [256]. */
void tri_sort_count(const tri_sort_kind *_Nonnull kind, const void *_Nonnull words, int32_t digit, int64_t begin,
                    int64_t end, int64_t *_Nonnull counts);
/* Counts [chunks, 256] become the places where each chunk's words of each digit begin. True where all words have one. */
_Bool tri_sort_places(int64_t chunks, int64_t *_Nonnull counts);
void tri_sort_move(const tri_sort_kind *_Nonnull kind, const void *_Nonnull from, int32_t digit, int64_t begin, int64_t end,
                   int64_t *_Nonnull places, void *_Nonnull to);
void tri_sort_unpack(const tri_sort_kind *_Nonnull kind, const void *_Nonnull x, const void *_Nonnull words, int64_t begin,
                     int64_t end, void *_Nullable values, int64_t *_Nullable places);
/* n words in order; `aside` has room for as many. */
void tri_sort_words(const tri_sort_kind *_Nonnull kind, void *_Nonnull words, void *_Nonnull aside, int64_t n);

/* The first k words of the elements begin ..< end of a row, in order, k <= end - begin: room for tri_select_room(k) words in
   `words` and in `aside`. Reads on past what cannot be among them. */
typedef void (*tri_select_fn)(const tri_sort_kind *_Nonnull kind, const void *_Nonnull row, int64_t begin, int64_t end,
                              int64_t k, void *_Nonnull words, void *_Nonnull aside);
int64_t tri_select_room(int64_t k);

typedef struct tri_sort_table {
  tri_select_fn _Nonnull select;
} tri_sort_table;

#endif
