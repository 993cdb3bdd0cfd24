/* Conversions of single numbers, by the rules of tri_cast. */
#ifndef TRI_SCALAR_INC_H
#define TRI_SCALAR_INC_H

#include <stdint.h>
#include <string.h>

/* Towards zero, saturating; NaN gives 0. */
static inline int64_t tri_whole_number(double v) {
  return v != v ? 0 : v >= 0x1p63 ? INT64_MAX : v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

static inline int64_t tri_bounded(double v, int64_t least, int64_t most) {
  int64_t w = tri_whole_number(v);
  return w < least ? least : w > most ? most : w;
}

/* -- To halves, once: what is rounded before is rounded to odd (Boldo and Melquiond 2008), which leaves the last digit
   set where anything was lost, so that no tie arises that was none. ---------------------------------------------- */

static inline uint32_t tri_float_bits(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static inline float tri_float_from_bits(uint32_t bits) {
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

static inline float tri_float_to_odd(double v) {
  const float near = (float)v;
  const double back = near;
  uint32_t bits = tri_float_bits(near);
  if (__builtin_fabs(back) > __builtin_fabs(v)) bits--;
  if (back != v) bits |= 1;
  return tri_float_from_bits(bits);
}

/* Exact up to 2^53; beyond, the low thirty bits of the number are one. */
static inline double tri_double_to_odd(int64_t v) {
  const uint64_t rest = (1u << 30) - 1, word = (uint64_t)v;
  if (v >= -((int64_t)1 << 53) && v <= (int64_t)1 << 53) return (double)v;
  return (double)(int64_t)((word & ~rest) | (uint64_t)((word & rest) != 0) << 30);
}

static inline uint16_t tri_bf16_of(float v) {
  const uint32_t bits = tri_float_bits(v);
  return v == v ? (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16) : 0x7fc0;
}

/* Subnormal ones are rounded by the addition of a half, whose last digit is theirs. */
static inline uint16_t tri_f16_of(float v) {
  const uint32_t bits = tri_float_bits(v), size = bits & 0x7fffffff, sign = bits >> 16 & 0x8000;
  if (size > 0x7f800000) return 0x7e00;
  if (size >= 0x47800000) return (uint16_t)(sign | 0x7c00);
  if (size < 113u << 23)
    return (uint16_t)(sign | (tri_float_bits(tri_float_from_bits(size) + 0.5f) - tri_float_bits(0.5f)));
  return (uint16_t)(sign | (size - (112u << 23) + 0xfff + (size >> 13 & 1)) >> 13);
}

static inline float tri_float_of_bf16(uint16_t h) { return tri_float_from_bits((uint32_t)h << 16); }

static inline float tri_float_of_f16(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h & 0x7c00, low = (uint32_t)(h & 0x7fff) << 13;
  /* A NaN becomes a quiet one, as F16C has it. */
  const uint32_t quiet = low & 0x7fffff ? 0x400000 : 0;
  if (exponent == 0x7c00) return tri_float_from_bits(sign | (low + (224u << 23)) | quiet);
  if (exponent != 0) return tri_float_from_bits(sign | (low + (112u << 23)));
  return tri_float_from_bits(sign | tri_float_bits(tri_float_from_bits(low + (113u << 23)) - 0x1p-14f));
}

/* Of either: `brain`: bfloat16. */
static inline float tri_float_of_either(_Bool brain, uint16_t h) {
  return brain ? tri_float_of_bf16(h) : tri_float_of_f16(h);
}

#endif
