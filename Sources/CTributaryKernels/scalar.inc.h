/* Conversions of single numbers, by the rules of tri_cast. */
#ifndef TRI_SCALAR_INC_H
#define TRI_SCALAR_INC_H

#include <stdint.h>

/* Towards zero, saturating; NaN gives 0. */
static inline int64_t tri_whole_number(double v) {
  return v != v ? 0 : v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

static inline int64_t tri_bounded(double v, int64_t least, int64_t most) {
  int64_t w = tri_whole_number(v);
  return w < least ? least : w > most ? most : w;
}

#endif
