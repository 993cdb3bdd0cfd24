#include "nd.h"

/* Elements of a block, and the shortest row that is worth a call of its own. */
#define TRI_ND_BLOCK 512
#define TRI_ND_ROW 32

/* Tiles of transposed operands: as many rows as a cache line holds floats, by enough columns to be worth a call. */
#define TRI_ND_TILE_ROWS 16
#define TRI_ND_TILE_COLUMNS 64

typedef struct map_call {
  tri_map_fn map;
  const tri_nd *nd;
  const double *param;
  tri_nd_form form[TRI_ND_OPERANDS];
} map_call;

/* Any layout: what is not dense or repeated is gathered, the result scattered, block by block. */
static void map_blocks(const map_call *call, int64_t begin, int64_t end) {
  _Alignas(64) char blocks[TRI_ND_OPERANDS][TRI_ND_BLOCK * 8];
  const tri_nd *nd = call->nd;
  for (int64_t next; begin < end; begin = next) {
    next = end - begin < TRI_ND_BLOCK ? end : begin + TRI_ND_BLOCK;
    const void *input[3] = {NULL, NULL, NULL};
    uint32_t broadcast = nd->wide;
    for (int32_t k = 1; k < nd->operands; k++) {
      const char *base = (const char *)nd->operand[k].base;
      switch (call->form[k]) {
      case TRI_ND_DENSE: input[k - 1] = base + begin * nd->operand[k].size; break;
      case TRI_ND_REPEATED: input[k - 1] = base, broadcast |= 1u << (k - 1); break;
      case TRI_ND_STRIDED:
        tri_nd_gather(nd, k, begin, next, blocks[k]);
        input[k - 1] = blocks[k];
        break;
      }
    }
    bool dense = call->form[0] == TRI_ND_DENSE;
    void *out = dense ? (char *)nd->operand[0].base + begin * nd->operand[0].size : blocks[0];
    call->map(out, input[0], input[1], input[2], next - begin, broadcast, call->param);
    if (!dense) tri_nd_scatter(nd, 0, begin, next, out);
  }
}

static void map_rows(const map_call *call, int64_t begin, int64_t end) {
  const tri_nd *nd = call->nd;
  const int32_t last = nd->rank - 1;
  const int64_t inner = nd->shape[last];
  int64_t index[TRI_MAX_RANK];
  tri_nd_locate(nd, begin, index);
  char *at[TRI_ND_OPERANDS] = {NULL};
  uint32_t broadcast = nd->wide;
  for (int32_t k = 0; k < nd->operands; k++) {
    at[k] = tri_nd_address(nd, k, index);
    if (k > 0 && nd->operand[k].stride[last] == 0) broadcast |= 1u << (k - 1);
  }
  const int64_t column = index[last];
  int64_t run = inner - column < end - begin ? inner - column : end - begin;
  call->map(at[0], at[1], at[2], at[3], run, broadcast, call->param);
  begin += run;
  if (begin >= end) return;
  /* Past its first row the stretch has an outer dimension, and goes from row start to row start. */
  const int32_t outer = last - 1;
  int64_t step[TRI_ND_OPERANDS] = {0};
  for (int32_t k = 0; k < nd->operands; k++) {
    at[k] -= column * nd->operand[k].stride[last] * nd->operand[k].size;
    step[k] = nd->operand[k].stride[outer] * nd->operand[k].size;
  }
  while (true) {
    for (int32_t k = 0; k < nd->operands; k++) at[k] += step[k];
    for (int32_t d = outer; ++index[d] == nd->shape[d]; d--) {
      for (int32_t k = 0; k < nd->operands; k++) {
        const int64_t *stride = nd->operand[k].stride;
        at[k] += (stride[d - 1] - nd->shape[d] * stride[d]) * nd->operand[k].size;
      }
      index[d] = 0;
    }
    run = inner < end - begin ? inner : end - begin;
    call->map(at[0], at[1], at[2], at[3], run, broadcast, call->param);
    begin += run;
    if (begin >= end) return;
  }
}

/* `rows` rows of one plane, of which some operands run down the columns: these are turned tile by tile, so that a
   cache line is fetched once; tiles go down the rows, so that the pages of a turned operand stay the same. */
static void map_plane(const map_call *call, int64_t row, int64_t rows) {
  _Alignas(64) char tiles[TRI_ND_OPERANDS][TRI_ND_TILE_ROWS * TRI_ND_TILE_COLUMNS * 8];
  const tri_nd *nd = call->nd;
  const int32_t last = nd->rank - 1;
  const int64_t columns = nd->shape[last];
  int64_t index[TRI_MAX_RANK];
  tri_nd_locate(nd, row * columns, index);
  char *base[TRI_ND_OPERANDS] = {NULL};
  bool turned[TRI_ND_OPERANDS] = {false};
  uint32_t broadcast = nd->wide;
  for (int32_t k = 0; k < nd->operands; k++) {
    base[k] = tri_nd_address(nd, k, index);
    turned[k] = k > 0 && tri_nd_is_transposed(nd, k);
    if (k > 0 && nd->operand[k].stride[last] == 0) broadcast |= 1u << (k - 1);
  }
  for (int64_t left = 0; left < columns; left += TRI_ND_TILE_COLUMNS) {
    const int64_t width = columns - left < TRI_ND_TILE_COLUMNS ? columns - left : TRI_ND_TILE_COLUMNS;
    for (int64_t top = 0; top < rows; top += TRI_ND_TILE_ROWS) {
      const int64_t height = rows - top < TRI_ND_TILE_ROWS ? rows - top : TRI_ND_TILE_ROWS;
      char *at[TRI_ND_OPERANDS] = {NULL};
      int64_t step[TRI_ND_OPERANDS] = {0};
      for (int32_t k = 0; k < nd->operands; k++) {
        const int64_t size = nd->operand[k].size, *stride = nd->operand[k].stride;
        at[k] = base[k] + (top * stride[last - 1] + left * stride[last]) * size;
        step[k] = stride[last - 1] * size;
        if (!turned[k]) continue;
        tri_transpose(tiles[k], TRI_ND_TILE_COLUMNS, at[k], stride[last], height, width, (int32_t)size);
        at[k] = tiles[k], step[k] = TRI_ND_TILE_COLUMNS * size;
      }
      for (int64_t i = 0; i < height; i++) {
        call->map(at[0], at[1], at[2], at[3], width, broadcast, call->param);
        for (int32_t k = 0; k < nd->operands; k++) at[k] += step[k];
      }
    }
  }
}

static void map_transposed(const map_call *call, int64_t begin, int64_t end) {
  const tri_nd *nd = call->nd;
  const int64_t columns = nd->shape[nd->rank - 1], height = nd->shape[nd->rank - 2];
  const int64_t first = (begin + columns - 1) / columns, past = end / columns;
  if (first >= past) {
    map_blocks(call, begin, end);
    return;
  }
  map_blocks(call, begin, first * columns);
  for (int64_t row = first, next; row < past; row = next) {
    next = (row / height + 1) * height < past ? (row / height + 1) * height : past;
    map_plane(call, row, next - row);
  }
  map_blocks(call, past * columns, end);
}

void tri_map_nd(tri_map_fn map, const tri_nd *nd, int64_t begin, int64_t end, const double *param) {
  if (begin >= end) return;
  map_call call = {.map = map, .nd = nd, .param = param};
  const int32_t last = nd->rank - 1;
  bool direct = true, rows = last >= 0 && nd->shape[last] >= TRI_ND_ROW, turned = false, turnable = last >= 1;
  for (int32_t k = 0; k < nd->operands; k++) {
    call.form[k] = tri_nd_form_of(nd, k);
    direct &= call.form[k] != TRI_ND_STRIDED;
    if (last < 0) continue;
    int64_t step = nd->operand[k].stride[last];
    bool runs = step == 1 || (step == 0 && k > 0);
    rows &= runs;
    bool transposed = k > 0 && tri_nd_is_transposed(nd, k);
    turned |= transposed;
    turnable &= runs || transposed;
  }
  if (direct) {
    const void *input[3] = {NULL, NULL, NULL};
    uint32_t broadcast = nd->wide;
    for (int32_t k = 1; k < nd->operands; k++) {
      bool repeated = call.form[k] == TRI_ND_REPEATED;
      input[k - 1] = (const char *)nd->operand[k].base + (repeated ? 0 : begin * nd->operand[k].size);
      if (repeated) broadcast |= 1u << (k - 1);
    }
    map((char *)nd->operand[0].base + begin * nd->operand[0].size, input[0], input[1], input[2], end - begin,
        broadcast, param);
  } else if (rows) {
    map_rows(&call, begin, end);
  } else if (turned && turnable) {
    map_transposed(&call, begin, end);
  } else {
    map_blocks(&call, begin, end);
  }
}
