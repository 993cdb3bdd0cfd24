#ifndef TRI_ND_H
#define TRI_ND_H

#include "tri_elementwise.h"

/* Strided and broadcast operands, and the functions that depend on no instruction set: they move data and
   call the maps of a path. Pointers must be aligned to their elements. */

#define TRI_ND_OPERANDS 4

/* A map over a shape: operand 0 is the result, 1 … 3 the inputs. Strides are in elements; 0 repeats an
   input along a dimension. The result's elements must be distinct. Element numbers are row-major over
   `shape`. Fill it with tri_nd_init and tri_nd_operand. */
typedef struct tri_nd {
  int32_t rank;
  int32_t operands; /* the result and the inputs: 1 … 4 */
  int64_t shape[TRI_MAX_RANK];
  struct {
    void *_Nullable base;
    int64_t stride[TRI_MAX_RANK];
    int32_t size; /* of an element, in bytes: 1, 2, 4 or 8 */
  } operand[TRI_ND_OPERANDS];
  uint32_t wide; /* TRI_WIDE_A …: of the inputs, for the maps of halves; 0 but for who sets it */
} tri_nd;

/* Sets the shape, with no operand yet. rank is 0 … TRI_MAX_RANK; 0 is a single element. */
void tri_nd_init(tri_nd *_Nonnull nd, int32_t rank, const int64_t *_Nullable shape);

/* Adds the next operand: the result first, then the inputs in order. */
void tri_nd_operand(tri_nd *_Nonnull nd, const void *_Nonnull base, int32_t element_size,
                    const int64_t *_Nullable stride);

/* The number of elements. */
int64_t tri_nd_count(const tri_nd *_Nonnull nd);

/* Orders the dimensions so that the result's strides fall, drops those of size one, and merges neighbours
   that are one run in every operand. This renumbers the elements: split the range after it, not before.
   Optional, and at most once for each operator is enough; all functions here take any tri_nd.
   True: rank is at most 1, every operand is contiguous or one repeated element and the result is contiguous,
   so that the map may be called directly, with the mask in *broadcast. */
bool tri_nd_coalesce(tri_nd *_Nonnull nd, uint32_t *_Nullable broadcast);

/* Elements of a row of the result where an input runs along the dimension before it, else 0. Ranges that hold many
   whole rows are several times faster there: a cache line of that input then serves as many rows as it holds
   elements. */
int64_t tri_nd_turned_row(const tri_nd *_Nonnull nd);

/* Computes elements begin ..< end. Rows whose operands are contiguous or repeated are handed to `map` as they
   are; others, and short rows, are gathered into blocks on the stack (at most 64 KiB). Any split into ranges
   gives the same bits. The result may share memory with an input only element by element: same base,
   strides and element size. */
void tri_map_nd(tri_map_fn _Nonnull map, const tri_nd *_Nonnull nd, int64_t begin, int64_t end,
                const double *_Nullable param);

/* Copies elements begin ..< end of operand 1 to operand 0, of one element size; a repeated input fills. A
   transposed operand is copied in square blocks. They may not overlap. */
void tri_copy_nd(const tri_nd *_Nonnull nd, int64_t begin, int64_t end);

/* out[i] = *pattern for n elements of `element_size` bytes (1, 2, 4 or 8). */
void tri_fill(void *_Nonnull out, int64_t n, const void *_Nonnull pattern, int32_t element_size);

/* Single halves (dtype TRI_F16 or TRI_BF16), by the rules of tri_cast. */
uint16_t tri_half_of_double(tri_dtype dtype, double v);
uint16_t tri_half_of_integer(tri_dtype dtype, int64_t v);
float tri_float_of_half(tri_dtype dtype, uint16_t bits);

/* out[j] = element begin + j of arange: start + i * step in double, rounded after each operation and then to
   the dtype (floating point; integers as tri_cast does). j in 0 ..< n. */
void tri_arange(void *_Nonnull out, tri_dtype dtype, int64_t begin, int64_t n, double start, double step);

/* The same in int64, wrapping, then to the dtype as tri_cast does: exact for integers past 2^53. */
void tri_arange_integer(void *_Nonnull out, tri_dtype dtype, int64_t begin, int64_t n, int64_t start,
                        int64_t step);

/* out[j] = element begin + j of `steps` evenly spaced values from `start` to `end`, both reached exactly:
   counted from the nearer end, start + i * d or end - (steps - 1 - i) * d with d = (end - start) / (steps - 1), or
   end / (steps - 1) - start / (steps - 1) where the difference overflows; in double, then to the dtype as
   tri_cast does. */
void tri_linspace(void *_Nonnull out, tri_dtype dtype, int64_t begin, int64_t n, int64_t steps, double start,
                  double end);

#endif
