#ifndef TRI_RANDOM_H
#define TRI_RANDOM_H

#include "tri_types.h"

/* Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
   easy as 1, 2, 3", SC 2011). The key is `seed`; the counter is (block, offset), 64 bits each, low words
   first. A generator counts its draws in `offset`: it adds one for each tensor that it fills, whatever the
   size. Element i of a draw depends on (seed, offset, i) alone, so any split into ranges, in any order, on
   any path, gives the same bits. Each function writes elements begin ..< begin + n to out[0 ..< n]. */

/* low + (high - low) * u, with u uniform in [0, 1): multiples of 2^-24 in float32 (a word each, block i / 4), of
   2^-53 in float64 (two words each, block i / 2). */
typedef void (*tri_uniform_fn)(void *_Nonnull out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset,
                               double low, double high);

/* Normal, by the method of Box and Muller (1958): elements 2j and 2j + 1 are one pair, from two words in
   float32 and four in float64. mean + std * z, rounded twice. |z| is below 6.7 in float32, 8.6 in float64. */
typedef void (*tri_normal_fn)(void *_Nonnull out, int64_t begin, int64_t n, uint64_t seed, uint64_t offset,
                              double mean, double std);

/* 1 with probability p, else 0, in any dtype, with the same choices in each: element i compares one word with
   p * 2^32. p <= 0 gives 0, p >= 1 gives 1; NaN gives 0. `scale` is the value given for 1 (1, or
   1 / (1 - rate) for dropout), as tri_cast converts it. */
typedef void (*tri_bernoulli_fn)(void *_Nonnull out, tri_dtype dtype, int64_t begin, int64_t n, uint64_t seed,
                                 uint64_t offset, double p, double scale);

/* Whole numbers in [low, high), in any dtype (converted as tri_cast does): low + ((w * (high - low)) >> 64)
   for a 64-bit word w, so that a value's probability is off by at most 2^-64. high > low. */
typedef void (*tri_integers_fn)(void *_Nonnull out, tri_dtype dtype, int64_t begin, int64_t n, uint64_t seed,
                                uint64_t offset, int64_t low, int64_t high);

/* The four words of one counter: the generator itself, for known-answer tests. */
typedef void (*tri_philox_fn)(uint32_t *_Nonnull out, const uint32_t *_Nonnull counter,
                              const uint32_t *_Nonnull key);

typedef struct tri_random_table {
  tri_uniform_fn _Nonnull uniform_f32; /* low + u * (high - low), each operation rounded; give 0, 1 for u itself.
                                          Rounding up to `high` is avoided: the largest value below it is given */
  tri_uniform_fn _Nonnull uniform_f64;
  tri_normal_fn _Nonnull normal_f32;
  tri_normal_fn _Nonnull normal_f64;
  tri_bernoulli_fn _Nonnull bernoulli;
  tri_integers_fn _Nonnull integers;
  tri_philox_fn _Nonnull philox;
} tri_random_table;

/* The seed of substream `index` of a generator at (seed, offset): 64 bits of Philox under a key that no draw
   of the generator uses. */
uint64_t tri_random_substream(uint64_t seed, uint64_t offset, uint64_t index);

#endif
