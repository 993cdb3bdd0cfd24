/* Runs float32 functions over all 2^32 inputs (or every STRIDE-th) on two threads and prints the worst error.

   Build and run, from the package's root:
     clang -O2 -std=gnu11 -march=native -ISources/CTributaryKernels -o /tmp/float32 \
       Tests/MathAccuracy/float32.c -lm -lpthread && /tmp/float32 [STRIDE [NAME ...]]

   The reference is the C library in float64, good to 2^-29 of a float32 ulp or better. An ulp is the distance of
   neighbours at the true value's binade, 2^-149 among the denormals. Special values must agree exactly: NaN with
   NaN, infinities and zeros with their signs, a true value beyond the largest float with either. */
#pragma STDC FP_CONTRACT OFF
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math.inc.h"

typedef struct { const char *name; void (*run)(const float *, float *); double (*reference)(double); } entry;

#define RUN(name) \
  static void run_##name(const float *x, float *y) { \
    tri_f32x16 v; \
    memcpy(&v, x, 64); \
    v = tri_##name##_f32(v); \
    memcpy(y, &v, 64); \
  }
#define EACH(X) X(exp, exp) X(exp2, exp2) X(log, log) X(log1p, log1p) X(tanh, tanh) X(sigmoid, ref_sigmoid) X(erf, erf)

#define WIDE(X) X(expm1, expm1) X(log2, log2) X(log10, log10) X(erfc, erfc) X(rsqrt, ref_rsqrt) X(sqrt, sqrt) \
  X(sin, sin) X(cos, cos) X(gelu, ref_gelu) X(softplus, ref_softplus)

static double ref_sigmoid(double x) { return x < -40 ? exp(x) : 1 / (1 + exp(-x)); }
static double ref_rsqrt(double x) { return 1 / sqrt(x); }
static double ref_softplus(double x) { return x > 40 ? x : log1p(exp(x)); }
static double ref_gelu(double x) {
  if (x == -INFINITY) return -0.0;
  return x * (0.5 * erfc(x * -0.70710678118654752440));
}

#define X(name, reference) RUN(name)
EACH(X) WIDE(X)
#undef X
#define X(name, reference) {#name, run_##name, reference},
static const entry entries[] = {EACH(X) WIDE(X)};
#undef X

typedef struct { const entry *e; uint64_t start, end, step; double worst; float worst_input; uint64_t wrong; float wrong_input; } job;

static double error(float got, double want) {
  if (isnan(want)) return isnan(got) ? 0 : INFINITY;
  if (isnan(got)) return INFINITY;
  if (isinf(want)) return got == want ? 0 : INFINITY;
  if (want == 0) return got == 0 && signbit(got) == signbit(want) ? 0 : INFINITY;
  if (isinf(got)) return fabs(want) >= 0x1.ffffffp127 && (got < 0) == (want < 0) ? 0 : INFINITY;
  if (got == 0 && signbit(got) != signbit(want)) return INFINITY;
  int exponent = ilogb(want);
  if (exponent < -126) exponent = -126;
  if (exponent > 127) exponent = 127;
  return fabs(got - want) * ldexp(1, 23 - exponent);
}

static void *work(void *argument) {
  job *j = argument;
  float x[16], y[16];
  for (uint64_t i = j->start; i < j->end; i += 16 * j->step) {
    for (int k = 0; k < 16; k++) {
      uint32_t bits = (uint32_t)(i + k * j->step);
      memcpy(&x[k], &bits, 4);
    }
    j->e->run(x, y);
    for (int k = 0; k < 16; k++) {
      double err = error(y[k], j->e->reference(x[k]));
      if (err == INFINITY) { if (!j->wrong++) j->wrong_input = x[k]; }
      else if (err > j->worst) { j->worst = err; j->worst_input = x[k]; }
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
  int failed = 0;
  for (size_t f = 0; f < sizeof entries / sizeof *entries; f++) {
    int chosen = argc < 3;
    for (int a = 2; a < argc; a++) chosen |= !strcmp(argv[a], entries[f].name);
    if (!chosen) continue;
    enum { threads = 2 };
    pthread_t thread[threads];
    job jobs[threads];
    for (int t = 0; t < threads; t++) {
      jobs[t] = (job){&entries[f], (uint64_t)t << 31, (uint64_t)(t + 1) << 31, step, 0, 0, 0, 0};
      pthread_create(&thread[t], NULL, work, &jobs[t]);
    }
    printf("%-9s", entries[f].name);
    for (int t = 0; t < threads; t++) {
      pthread_join(thread[t], NULL);
      printf(" %s worst %.4f ulp at %a (%.9g)", t ? "  x < 0:" : "x > 0:", jobs[t].worst, jobs[t].worst_input, jobs[t].worst_input);
      if (jobs[t].wrong) printf(" WRONG %llu, first %a", (unsigned long long)jobs[t].wrong, jobs[t].wrong_input);
      failed |= jobs[t].wrong || jobs[t].worst > 1;
    }
    printf("\n");
    fflush(stdout);
  }
  return failed;
}
