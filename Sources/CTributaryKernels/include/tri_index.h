#ifndef TRI_INDEX_H
#define TRI_INDEX_H

#include "tri_types.h"

/* Elements read and written where an index says, along one dim of a tensor. They depend on no instruction set: one
   element at a time, in one order. */

/* Places (o, k, j): o over the outer dims, k along the indexed dim, j over an inner one. Place (o, k, j) of the index holds
   the position p, and stands for the element (o, p, j) of x, and for (o, k, j) of the part. Strides are in elements. */
typedef struct tri_index_problem {
  int32_t rank;                 /* of the outer dims */
  int64_t outer[TRI_MAX_RANK];
  int64_t positions;            /* of x along the dim; -positions ≤ p < positions, negative ones from its end */
  int64_t m, inner;
  const int64_t *_Nullable index;
  int64_t index_outer[TRI_MAX_RANK], index_step, index_inner;
  void *_Nullable x;
  int64_t x_outer[TRI_MAX_RANK], x_step, x_inner;
  void *_Nullable part;
  int64_t part_outer[TRI_MAX_RANK], part_step, part_inner;
} tri_index_problem;

/* Adds an outer dim behind those that are there. */
static inline void tri_index_outer(tri_index_problem *_Nonnull problem, int64_t size, int64_t x, int64_t index,
                                   int64_t part) {
  const int32_t d = problem->rank++;
  problem->outer[d] = size;
  problem->x_outer[d] = x;
  problem->index_outer[d] = index;
  problem->part_outer[d] = part;
}

/* One outer place alone. */
tri_index_problem tri_index_at(const tri_index_problem *_Nonnull problem, int32_t size, int64_t outer);

/* How an element of the part meets the one that is there, in the order of k. */
typedef enum tri_put_op {
  TRI_PUT_SET = 0,
  TRI_PUT_ADD, /* integers wrap around; bools: or */
  TRI_PUT_MUL, /* bools: and */
  TRI_PUT_MAX, /* NaN wins */
  TRI_PUT_MIN,
} tri_put_op;

/* A box of places, half open; outer places are numbered row-major. */
typedef struct tri_index_range {
  int64_t outer_begin, outer_end, begin, end, inner_begin, inner_end;
} tri_index_range;

/* part = x, by elements of `size` bytes. False where a position is out of range; its element is then not written. */
_Bool tri_index_take(const tri_index_problem *_Nonnull problem, int32_t size, const tri_index_range *_Nonnull range);

/* x = op(x, part); of halves TRI_PUT_SET alone. Ranges that share an element of x must not run at once: give each all
   of its k, in order. False as above. */
_Bool tri_index_put(const tri_index_problem *_Nonnull problem, tri_dtype dtype, tri_put_op op,
                    const tri_index_range *_Nonnull range);

/* The same for one long line (rank 0, inner 1) with ranges of x for the workers. x is cut into buckets of
   2^`shift` elements, the line into ranges of `chunk` places. First each range counts what it has for each bucket; then
   `begin` gives what each range puts into each bucket its place; then the ranges move position and element there; then
   each bucket takes what came, in order. */
typedef struct tri_index_line {
  int32_t shift;
  int64_t chunk, chunks, buckets;
} tri_index_line;

tri_index_line tri_index_line_plan(const tri_index_problem *_Nonnull problem);
/* counts: [chunks, buckets]. */
_Bool tri_index_line_count(const tri_index_problem *_Nonnull problem, const tri_index_line *_Nonnull line, int64_t chunk,
                           int64_t *_Nonnull counts);
/* Counts become places; ends: [buckets]. */
void tri_index_line_places(const tri_index_line *_Nonnull line, int64_t *_Nonnull counts, int64_t *_Nonnull ends);
/* offsets: [m] within the bucket; values: [m] elements of the part, in the order of the places. */
void tri_index_line_move(const tri_index_problem *_Nonnull problem, const tri_index_line *_Nonnull line, int32_t size,
                         int64_t chunk, int64_t *_Nonnull places, uint32_t *_Nonnull offsets, void *_Nonnull values);
void tri_index_line_put(const tri_index_problem *_Nonnull problem, const tri_index_line *_Nonnull line, tri_dtype dtype,
                        tri_put_op op, int64_t bucket, const int64_t *_Nonnull ends, const uint32_t *_Nonnull offsets,
                        const void *_Nonnull values);

/* For each of `count` values the number of elements of sorted [n] that are less, or, where `right`, not greater. NaN counts
   as greater than all; not for halves. Of value i, row i / per_row of `sorted`, rows `stride` apart. */
void tri_search_sorted(tri_dtype dtype, const void *_Nonnull sorted, int64_t n, int64_t stride,
                       const void *_Nonnull values, int64_t per_row, int64_t begin, int64_t end, _Bool right,
                       int64_t *_Nonnull out);

#endif
