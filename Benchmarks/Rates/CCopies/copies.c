#include "CCopies.h"

#include <string.h>

/* As much as the baseline of the processor's family allows, so that it runs everywhere; four of them fill a line. */
typedef float lane4 __attribute__((ext_vector_type(4)));

void rates_copy(void *to, const void *from, int64_t bytes) { memcpy(to, from, (size_t)bytes); }

void rates_copy_streaming(void *to, const void *from, int64_t bytes) {
  const lane4 *in = (const lane4 *)from;
  lane4 *out = (lane4 *)to;
  for (int64_t i = 0; i < bytes / 16; i += 4) {
    lane4 a = in[i], b = in[i + 1], c = in[i + 2], d = in[i + 3];
    __builtin_nontemporal_store(a, out + i);
    __builtin_nontemporal_store(b, out + i + 1);
    __builtin_nontemporal_store(c, out + i + 2);
    __builtin_nontemporal_store(d, out + i + 3);
  }
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}
