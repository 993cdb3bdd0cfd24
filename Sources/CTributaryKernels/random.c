#include "CTributaryKernels.h"

uint64_t tri_random_substream(uint64_t seed, uint64_t offset, uint64_t index) {
  /* Draws use the key `seed`; this one differs from it in every other bit. The counters cannot meet those of another
     parent, since the key holds its seed. */
  const uint64_t key = seed ^ 0x5555555555555555u;
  const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)offset, (uint32_t)(offset >> 32)};
  const uint32_t keys[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
  uint32_t words[4];
  tri_kernels_for(TRI_PORTABLE)->random.philox(words, counter, keys);
  return words[0] | (uint64_t)words[1] << 32;
}
