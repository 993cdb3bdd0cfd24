#ifndef TRI_ND_PRIVATE_H
#define TRI_ND_PRIVATE_H

#include <string.h>

#include "CTributaryKernels.h"

/* Where an operand lies when the elements are taken in order. */
typedef enum tri_nd_form {
  TRI_ND_DENSE,    /* one after another */
  TRI_ND_REPEATED, /* one element throughout */
  TRI_ND_STRIDED
} tri_nd_form;

tri_nd_form tri_nd_form_of(const tri_nd *nd, int32_t operand);

/* The index of element `number` in each dimension. */
static inline void tri_nd_locate(const tri_nd *nd, int64_t number, int64_t *index) {
  for (int32_t d = nd->rank - 1; d >= 0; d--) {
    index[d] = number % nd->shape[d];
    number /= nd->shape[d];
  }
}

static inline char *tri_nd_address(const tri_nd *nd, int32_t operand, const int64_t *index) {
  int64_t offset = 0;
  for (int32_t d = 0; d < nd->rank; d++) offset += index[d] * nd->operand[operand].stride[d];
  return (char *)nd->operand[operand].base + offset * nd->operand[operand].size;
}

/* Elements begin ..< end of an operand to a dense array, and back. */
void tri_nd_gather(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, void *to);
void tri_nd_scatter(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, const void *from);

/* True if `operand` runs along the last dimension but one, in rows long enough to be worth turning. */
bool tri_nd_is_transposed(const tri_nd *nd, int32_t operand);

/* to[i * to_step + j] = from[j * from_step + i], i below rows, j below columns; steps in elements. */
void tri_transpose(void *to, int64_t to_step, const void *from, int64_t from_step, int64_t rows, int64_t columns,
                   int32_t element_size);

#endif
