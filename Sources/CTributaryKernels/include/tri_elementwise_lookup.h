#ifndef TRI_ELEMENTWISE_LOOKUP_H
#define TRI_ELEMENTWISE_LOOKUP_H

/* Reads the table of maps: Swift imports a C array as a tuple, which it cannot index. Each gives NULL where
   the operation is not defined for the dtype. Included by CTributaryKernels.h, after tri_kernels. */

#include "tri_elementwise.h"

static inline tri_map_fn _Nullable tri_unary(const tri_kernels *_Nonnull kernels, tri_unary_op op, tri_dtype dtype) {
  return kernels->elementwise.unary[op][dtype];
}

static inline tri_map_fn _Nullable tri_predicate(const tri_kernels *_Nonnull kernels, tri_predicate_op op,
                                                 tri_dtype dtype) {
  return kernels->elementwise.predicate[op][dtype];
}

static inline tri_map_fn _Nullable tri_binary(const tri_kernels *_Nonnull kernels, tri_binary_op op,
                                              tri_dtype dtype) {
  return kernels->elementwise.binary[op][dtype];
}

/* dtype is that of the operands; the result is a bool. */
static inline tri_map_fn _Nullable tri_compare(const tri_kernels *_Nonnull kernels, tri_compare_op op,
                                               tri_dtype dtype) {
  return kernels->elementwise.compare[op][dtype];
}

/* dtype is that of the result; the condition of TRI_TERNARY_WHERE is always a bool. */
static inline tri_map_fn _Nullable tri_ternary(const tri_kernels *_Nonnull kernels, tri_ternary_op op,
                                               tri_dtype dtype) {
  return kernels->elementwise.ternary[op][dtype];
}

/* A map from a, of dtype `from`, to out, of dtype `to`. In place only between dtypes of one size.
   - To bool: x != 0; NaN is true.
   - Between integers: the low bits.
   - Floating point to int64, int32: towards zero; out of range saturates; NaN gives 0.
   - Floating point to uint8: to int64, as above, then its low eight bits (PyTorch's rule; -1.0 gives 255).
   - To floating point: round to nearest, half to even, once: also from float64 and whole numbers to halves. */
static inline tri_map_fn _Nonnull tri_cast(const tri_kernels *_Nonnull kernels, tri_dtype from, tri_dtype to) {
  return (tri_map_fn _Nonnull)kernels->elementwise.cast[from][to];
}

/* Floating point; else NULL. */
static inline tri_sgd_fn _Nullable tri_sgd(const tri_kernels *_Nonnull kernels, tri_dtype dtype) {
  return kernels->elementwise.sgd[dtype];
}

/* Floating point; else NULL. */
static inline tri_adam_fn _Nullable tri_adam(const tri_kernels *_Nonnull kernels, tri_dtype dtype) {
  return kernels->elementwise.adam[dtype];
}

#endif
