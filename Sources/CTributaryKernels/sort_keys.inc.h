/* The keys of tri_sort.h: what sort.c and the paths share. */
#ifndef TRI_SORT_KEYS_INC_H
#define TRI_SORT_KEYS_INC_H

#define TRI_KEY static inline __attribute__((always_inline, unused))

typedef unsigned __int128 tri_wide;

/* In ascending order; `flip` inverts it. */
TRI_KEY uint32_t tri_key_f32(uint32_t u, uint32_t flip) {
  uint32_t twice = u << 1;
  u = twice == 0 ? 0 : u;
  uint32_t key = u ^ ((uint32_t)((int32_t)u >> 31) | 0x80000000u);
  key = twice > 0xff000000u ? 0xffffffffu : key;
  return key ^ flip;
}
TRI_KEY uint64_t tri_key_f64(uint64_t u, uint64_t flip) {
  uint64_t twice = u << 1;
  u = twice == 0 ? 0 : u;
  uint64_t key = u ^ ((uint64_t)((int64_t)u >> 63) | 0x8000000000000000u);
  key = twice > 0xffe0000000000000u ? 0xffffffffffffffffu : key;
  return key ^ flip;
}
TRI_KEY uint64_t tri_key_i64(uint64_t u, uint64_t flip) { return u ^ 0x8000000000000000u ^ flip; }
TRI_KEY uint32_t tri_key_i32(uint32_t u, uint32_t flip) { return u ^ 0x80000000u ^ flip; }
TRI_KEY uint32_t tri_key_u8(uint8_t u, uint32_t flip) { return u ^ (flip & 0xff); }

#endif
