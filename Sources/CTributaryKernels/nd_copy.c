#include "nd.h"
#include "stream.h"

/* Runs along the last dimension, the others counted like an odometer. DENSE is the side that is one after
   another. Short runs are copied in a loop: a call to memcpy costs as much as a dozen elements. */
#define TRI_DEFINE_STRIDED_COPY(E)                                                                      \
  static void copy_strided_##E(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, E *dense, \
                               bool gather) {                                                           \
    int64_t index[TRI_MAX_RANK];                                                                        \
    tri_nd_locate(nd, begin, index);                                                                    \
    E *p = (E *)(void *)tri_nd_address(nd, operand, index);                                             \
    const int64_t *stride = nd->operand[operand].stride;                                                \
    const int32_t last = nd->rank - 1;                                                                  \
    const int64_t inner = last < 0 ? 1 : nd->shape[last], step = last < 0 ? 1 : stride[last];           \
    int64_t at = last < 0 ? 0 : index[last];                                                            \
    while (begin < end) {                                                                               \
      int64_t run = inner - at < end - begin ? inner - at : end - begin;                                \
      if (gather) {                                                                                     \
        if (step == 1 && run >= 16) memcpy(dense, p, (size_t)run * sizeof(E));                          \
        else for (int64_t i = 0; i < run; i++) dense[i] = p[i * step];                                  \
      } else {                                                                                          \
        if (step == 1 && run >= 16) memcpy(p, dense, (size_t)run * sizeof(E));                          \
        else for (int64_t i = 0; i < run; i++) p[i * step] = dense[i];                                  \
      }                                                                                                 \
      dense += run, begin += run;                                                                       \
      if (begin == end) break;                                                                          \
      p -= at * step, at = 0;                                                                           \
      int32_t d = last - 1;                                                                             \
      for (; d >= 0; d--) {                                                                             \
        p += stride[d];                                                                                 \
        if (++index[d] < nd->shape[d]) break;                                                           \
        p -= index[d] * stride[d], index[d] = 0;                                                        \
      }                                                                                                 \
    }                                                                                                   \
  }
TRI_DEFINE_STRIDED_COPY(uint8_t)
TRI_DEFINE_STRIDED_COPY(uint16_t)
TRI_DEFINE_STRIDED_COPY(uint32_t)
TRI_DEFINE_STRIDED_COPY(uint64_t)

static void copy_strided(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, void *dense, bool gather) {
  switch (nd->operand[operand].size) {
  case 1: copy_strided_uint8_t(nd, operand, begin, end, (uint8_t *)dense, gather); break;
  case 2: copy_strided_uint16_t(nd, operand, begin, end, (uint16_t *)dense, gather); break;
  case 4: copy_strided_uint32_t(nd, operand, begin, end, (uint32_t *)dense, gather); break;
  default: copy_strided_uint64_t(nd, operand, begin, end, (uint64_t *)dense, gather); break;
  }
}

void tri_nd_gather(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, void *to) {
  if (begin < end) copy_strided(nd, operand, begin, end, to, true);
}

void tri_nd_scatter(const tri_nd *nd, int32_t operand, int64_t begin, int64_t end, const void *from) {
  if (begin < end) copy_strided(nd, operand, begin, end, (void *)(uintptr_t)from, false);
}

bool tri_nd_is_transposed(const tri_nd *nd, int32_t operand) {
  const int32_t last = nd->rank - 1;
  return last >= 1 && nd->operand[operand].stride[last - 1] == 1 && nd->operand[operand].stride[last] > 1 &&
         nd->shape[last - 1] >= 8 && nd->shape[last] >= 8;
}

/* Four by four in registers. */
typedef uint32_t four_words __attribute__((ext_vector_type(4)));
typedef uint64_t two_words __attribute__((ext_vector_type(2)));

static void turn_words(uint32_t *to, int64_t to_step, const uint32_t *from, int64_t from_step) {
  four_words r[4], s[4];
  for (int k = 0; k < 4; k++) memcpy(&r[k], from + k * from_step, sizeof r[k]);
  s[0] = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), s[1] = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  s[2] = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), s[3] = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(s[0], s[2], 0, 1, 4, 5), r[1] = __builtin_shufflevector(s[0], s[2], 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(s[1], s[3], 0, 1, 4, 5), r[3] = __builtin_shufflevector(s[1], s[3], 2, 3, 6, 7);
  for (int k = 0; k < 4; k++) memcpy(to + k * to_step, &r[k], sizeof r[k]);
}

static void turn_double_words(uint64_t *to, int64_t to_step, const uint64_t *from, int64_t from_step) {
  two_words r[2];
  for (int k = 0; k < 2; k++) memcpy(&r[k], from + k * from_step, sizeof r[k]);
  two_words first = __builtin_shufflevector(r[0], r[1], 0, 2), second = __builtin_shufflevector(r[0], r[1], 1, 3);
  memcpy(to, &first, sizeof first);
  memcpy(to + to_step, &second, sizeof second);
}

/* Two levels of squares: LINE elements fill a cache line, so that each line is used up while it is near; TILE on a
   side keeps to few enough pages for the translation cache. */
#define TRI_DEFINE_TRANSPOSE(E, TILE, LINE, SIDE, TURN)                                                 \
  static void transpose_square_##E(E *to, int64_t to_step, const E *from, int64_t from_step,            \
                                   int64_t rows, int64_t columns) {                                     \
    int64_t j = 0;                                                                                      \
    for (; j + SIDE <= columns; j += SIDE) {                                                            \
      int64_t i = 0;                                                                                    \
      for (; i + SIDE <= rows; i += SIDE) TURN(to + i * to_step + j, to_step, from + j * from_step + i, from_step); \
      for (; i < rows; i++)                                                                             \
        for (int64_t k = j; k < j + SIDE; k++) to[i * to_step + k] = from[k * from_step + i];           \
    }                                                                                                   \
    for (; j < columns; j++)                                                                            \
      for (int64_t i = 0; i < rows; i++) to[i * to_step + j] = from[j * from_step + i];                 \
  }                                                                                                     \
  static void transpose_##E(E *to, int64_t to_step, const E *from, int64_t from_step, int64_t rows,     \
                            int64_t columns) {                                                          \
    for (int64_t left = 0; left < columns; left += TILE) {                                              \
      const int64_t right = lesser(left + TILE, columns);                                               \
      for (int64_t top = 0; top < rows; top += LINE)                                                    \
        for (int64_t j = left; j < right; j += LINE)                                                    \
          transpose_square_##E(to + top * to_step + j, to_step, from + j * from_step + top, from_step,  \
                               lesser(LINE, rows - top), lesser(LINE, right - j));                      \
    }                                                                                                   \
  }
static int64_t lesser(int64_t a, int64_t b) { return a < b ? a : b; }
#define TRI_TURN_ONE(TO, TO_STEP, FROM, FROM_STEP) (*(TO) = *(FROM), (void)(TO_STEP), (void)(FROM_STEP))
TRI_DEFINE_TRANSPOSE(uint8_t, 64, 64, 1, TRI_TURN_ONE)
TRI_DEFINE_TRANSPOSE(uint16_t, 64, 32, 1, TRI_TURN_ONE)
TRI_DEFINE_TRANSPOSE(uint32_t, 64, 16, 4, turn_words)
TRI_DEFINE_TRANSPOSE(uint64_t, 64, 8, 2, turn_double_words)

void tri_transpose(void *to, int64_t to_step, const void *from, int64_t from_step, int64_t rows, int64_t columns,
                   int32_t element_size) {
  switch (element_size) {
  case 1: transpose_uint8_t((uint8_t *)to, to_step, (const uint8_t *)from, from_step, rows, columns); break;
  case 2: transpose_uint16_t((uint16_t *)to, to_step, (const uint16_t *)from, from_step, rows, columns); break;
  case 4: transpose_uint32_t((uint32_t *)to, to_step, (const uint32_t *)from, from_step, rows, columns); break;
  default: transpose_uint64_t((uint64_t *)to, to_step, (const uint64_t *)from, from_step, rows, columns); break;
  }
}

/* Through a block on the stack, when both sides are strided. */
static void copy_by_blocks(const tri_nd *nd, int64_t begin, int64_t end) {
  _Alignas(64) char block[4096];
  const int64_t most = (int64_t)sizeof block / nd->operand[0].size;
  for (int64_t next; begin < end; begin = next) {
    next = end - begin < most ? end : begin + most;
    tri_nd_gather(nd, 1, begin, next, block);
    tri_nd_scatter(nd, 0, begin, next, block);
  }
}

static void copy_elements(const tri_nd *nd, int64_t begin, int64_t end) {
  const int32_t size = nd->operand[0].size;
  if (tri_nd_form_of(nd, 0) == TRI_ND_DENSE)
    tri_nd_gather(nd, 1, begin, end, (char *)nd->operand[0].base + begin * size);
  else if (tri_nd_form_of(nd, 1) == TRI_ND_DENSE)
    tri_nd_scatter(nd, 0, begin, end, (const char *)nd->operand[1].base + begin * size);
  else
    copy_by_blocks(nd, begin, end);
}

/* Whole rows of one plane of the last two dimensions after another; the ends of the range element by element. */
static void copy_transposed(const tri_nd *nd, int64_t begin, int64_t end) {
  const int32_t last = nd->rank - 1, size = nd->operand[0].size;
  const int64_t columns = nd->shape[last], rows = nd->shape[last - 1];
  const int64_t first = (begin + columns - 1) / columns, past = end / columns;
  if (first >= past) {
    copy_elements(nd, begin, end);
    return;
  }
  copy_elements(nd, begin, first * columns);
  for (int64_t row = first, next; row < past; row = next) {
    next = (row / rows + 1) * rows < past ? (row / rows + 1) * rows : past;
    int64_t index[TRI_MAX_RANK];
    tri_nd_locate(nd, row * columns, index);
    tri_transpose(tri_nd_address(nd, 0, index), nd->operand[0].stride[last - 1], tri_nd_address(nd, 1, index),
                  nd->operand[1].stride[last], next - row, columns, size);
  }
  copy_elements(nd, past * columns, end);
}

void tri_copy_nd(const tri_nd *nd, int64_t begin, int64_t end) {
  if (begin >= end) return;
  const int32_t size = nd->operand[0].size;
  if (tri_nd_form_of(nd, 0) == TRI_ND_DENSE) {
    char *to = (char *)nd->operand[0].base + begin * size;
    const char *from = (const char *)nd->operand[1].base;
    tri_nd_form form = tri_nd_form_of(nd, 1);
    if (form == TRI_ND_DENSE) {
      const int64_t bytes = (end - begin) * size;
      if (tri_streams(nd->operand[0].base, tri_nd_count(nd) * size))
        tri_stream_copy(to, from + begin * size, bytes);
      else
        memcpy(to, from + begin * size, (size_t)bytes);
      return;
    }
    if (form == TRI_ND_REPEATED) {
      tri_fill(to, end - begin, from, size);
      return;
    }
  }
  if (nd->rank > 1 && nd->operand[0].stride[nd->rank - 1] == 1 && tri_nd_is_transposed(nd, 1))
    copy_transposed(nd, begin, end);
  else
    copy_elements(nd, begin, end);
}
