#include "nd.h"

void tri_nd_init(tri_nd *nd, int32_t rank, const int64_t *shape) {
  nd->rank = rank;
  nd->operands = 0;
  nd->wide = 0;
  for (int32_t d = 0; d < rank; d++) nd->shape[d] = shape[d];
}

void tri_nd_operand(tri_nd *nd, const void *base, int32_t element_size, const int64_t *stride) {
  int32_t k = nd->operands++;
  nd->operand[k].base = (void *)(uintptr_t)base;
  nd->operand[k].size = element_size;
  for (int32_t d = 0; d < nd->rank; d++) nd->operand[k].stride[d] = stride[d];
}

int64_t tri_nd_count(const tri_nd *nd) {
  int64_t count = 1;
  for (int32_t d = 0; d < nd->rank; d++) count *= nd->shape[d];
  return count;
}

int64_t tri_nd_turned_row(const tri_nd *nd) {
  for (int32_t k = 1; k < nd->operands; k++)
    if (tri_nd_is_transposed(nd, k)) return nd->shape[nd->rank - 1];
  return 0;
}

static int64_t magnitude(int64_t v) { return v < 0 ? -v : v; }

static void move_dimension(tri_nd *nd, int32_t from, int32_t to) {
  nd->shape[to] = nd->shape[from];
  for (int32_t k = 0; k < nd->operands; k++) nd->operand[k].stride[to] = nd->operand[k].stride[from];
}

static void swap_dimensions(tri_nd *nd, int32_t a, int32_t b) {
  int64_t shape = nd->shape[a];
  nd->shape[a] = nd->shape[b], nd->shape[b] = shape;
  for (int32_t k = 0; k < nd->operands; k++) {
    int64_t stride = nd->operand[k].stride[a];
    nd->operand[k].stride[a] = nd->operand[k].stride[b], nd->operand[k].stride[b] = stride;
  }
}

/* One run: the outer dimension steps over exactly the inner one, in every operand. */
static bool may_merge(const tri_nd *nd, int32_t outer, int32_t inner) {
  for (int32_t k = 0; k < nd->operands; k++)
    if (nd->operand[k].stride[outer] != nd->operand[k].stride[inner] * nd->shape[inner]) return false;
  return true;
}

bool tri_nd_coalesce(tri_nd *nd, uint32_t *broadcast) {
  int32_t kept = 0;
  for (int32_t d = 0; d < nd->rank; d++)
    if (nd->shape[d] != 1) move_dimension(nd, d, kept++);
  nd->rank = kept;

  for (int32_t d = 1; d < nd->rank; d++)
    for (int32_t e = d; e > 0 && magnitude(nd->operand[0].stride[e - 1]) < magnitude(nd->operand[0].stride[e]); e--)
      swap_dimensions(nd, e - 1, e);

  if (nd->rank > 1) {
    int32_t last = 0;
    for (int32_t d = 1; d < nd->rank; d++) {
      if (may_merge(nd, last, d)) {
        int64_t outer = nd->shape[last];
        move_dimension(nd, d, last);
        nd->shape[last] *= outer;
      } else {
        move_dimension(nd, d, ++last);
      }
    }
    nd->rank = last + 1;
  }

  uint32_t mask = 0;
  bool flat = nd->rank <= 1 && (nd->rank == 0 || nd->operand[0].stride[0] == 1);
  for (int32_t k = 1; flat && nd->rank == 1 && k < nd->operands; k++) {
    int64_t stride = nd->operand[k].stride[0];
    if (stride == 0) mask |= 1u << (k - 1);
    flat = stride == 0 || stride == 1;
  }
  if (flat && broadcast) *broadcast = mask;
  return flat;
}

tri_nd_form tri_nd_form_of(const tri_nd *nd, int32_t operand) {
  bool dense = true, repeated = operand > 0;
  int64_t run = 1;
  for (int32_t d = nd->rank - 1; d >= 0; d--) {
    if (nd->shape[d] == 1) continue;
    int64_t stride = nd->operand[operand].stride[d];
    dense &= stride == run;
    repeated &= stride == 0;
    run *= nd->shape[d];
  }
  return dense ? TRI_ND_DENSE : repeated ? TRI_ND_REPEATED : TRI_ND_STRIDED;
}
