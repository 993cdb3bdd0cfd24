#ifndef TRI_CPU_H
#define TRI_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* Tells the processor that this is a spin loop. */
static inline void tri_cpu_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

/* Asks for the cache line at `address`, which need not be valid. */
static inline void tri_prefetch(const void *_Nullable address) { __builtin_prefetch(address); }

/* The same for a line that will be written: asked for once, where reading and then writing what another core has would
   ask twice. In assembly: the compiler's own needs a feature flag, and processors without the instruction skip it. */
static inline void tri_prefetch_for_writing(const void *_Nullable address) {
#if defined(__x86_64__)
  __asm__ volatile("prefetchw %0" ::"m"(*(const char *)address));
#else
  __builtin_prefetch(address, 1);
#endif
}

/* The control word that decides bits: rounding and flush-to-zero (MXCSR, FPCR). In assembly, and clobbering
   memory: the compiler moves the builtins across calls. */
static inline uint64_t tri_fp_get(void) {
#if defined(__x86_64__)
  uint32_t v;
  __asm__ volatile("stmxcsr %0" : "=m"(v)::"memory");
  return v;
#elif defined(__aarch64__)
  uint64_t v;
  __asm__ volatile("mrs %0, fpcr" : "=r"(v)::"memory");
  return v;
#else
  return 0;
#endif
}

static inline void tri_fp_set(uint64_t v) {
#if defined(__x86_64__)
  uint32_t word = (uint32_t)v;
  __asm__ volatile("ldmxcsr %0" ::"m"(word) : "memory");
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(v) : "memory");
#else
  (void)v;
#endif
}

/* Round to nearest, no flush to zero, no trap. */
static inline uint64_t tri_fp_standard(void) {
#if defined(__x86_64__)
  return 0x1f80;
#else
  return 0;
#endif
}

/* Whether `v` decides bits as the standard word does. The low six bits of MXCSR only record what happened. */
static inline bool tri_fp_is_standard(uint64_t v) {
#if defined(__x86_64__)
  return (v & 0xffc0) == 0x1f80;
#else
  return v == 0;
#endif
}

#endif
