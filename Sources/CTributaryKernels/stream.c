#include <stdatomic.h>
#include <string.h>

#include "stream.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <emmintrin.h>

static _Bool is_amd(void) {
  unsigned a, b, c, d;
  return __get_cpuid(0, &a, &b, &c, &d) && (b == signature_AMD_ebx || b == 0x6f677948 /* "Hygo" */);
}
#endif

_Bool tri_streams(const void *out, int64_t bytes) {
#if defined(__x86_64__)
  if (bytes < TRI_STREAM_LEAST || ((uintptr_t)out & 15)) return 0;
  /* 0: not asked yet; else 1 + the answer: under a hypervisor asking takes microseconds. Relaxed: all find the same. */
  static _Atomic int known;
  int answer = atomic_load_explicit(&known, memory_order_relaxed);
  if (answer == 0) {
    answer = 1 + is_amd();
    atomic_store_explicit(&known, answer, memory_order_relaxed);
  }
  return answer == 2;
#else
  (void)out, (void)bytes;
  return 0;
#endif
}

/* Such stores are not ordered by what hands the result to other threads. Once for all: it waits for every one. */
static void fence(void) {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

static void store(void *out, const void *from, int64_t bytes) {
  int64_t done = 0;
#if defined(__x86_64__)
  char *to = (char *)out;
  /* As much as the baseline of the family allows, so that it runs everywhere; four of them fill a line. */
  if (((uintptr_t)to & 15) == 0)
    for (; bytes - done >= 64; done += 64)
      for (int64_t i = done; i < done + 64; i += 16)
        _mm_stream_si128((__m128i *)(to + i), _mm_loadu_si128((const __m128i *)((const char *)from + i)));
#endif
  memcpy((char *)out + done, (const char *)from + done, (size_t)(bytes - done));
}

void tri_stream_copy(void *out, const void *from, int64_t bytes) {
  store(out, from, bytes);
  fence();
}

void tri_map_streaming(tri_map_fn map, void *out, const void *a, const void *b, const void *c, int64_t n,
                       const tri_map_steps *steps, uint32_t broadcast, const double *param) {
  _Alignas(64) char block[TRI_STREAM_BLOCK];
  const int64_t most = TRI_STREAM_BLOCK / steps->out;
  for (int64_t done = 0, count; done < n; done += count) {
    count = n - done < most ? n - done : most;
    map(block, a ? (const char *)a + done * steps->a : NULL, b ? (const char *)b + done * steps->b : NULL,
        c ? (const char *)c + done * steps->c : NULL, count, broadcast, param);
    store((char *)out + done * steps->out, block, count * steps->out);
  }
  fence();
}

void tri_map_streaming_each(tri_map_fn map, void *out, const void *a, const void *b, int64_t n, uint32_t broadcast,
                            const double *param) {
  map(out, a, b, NULL, n, (uintptr_t)out & 63 ? broadcast : broadcast | TRI_STREAMED, param);
  fence();
}
