/* Runs float32 functions over all 2^32 inputs (or every STRIDE-th) on two threads and prints the worst error.

   Build and run, from the package's root:
     clang -O2 -std=gnu11 -march=native -ISources/CTributaryKernels -o /tmp/float32 \
       Tests/MathAccuracy/float32.c -lm -lpthread && /tmp/float32 [STRIDE [NAME ...]]

   The reference of every input is the float64 function of the same name, which float64.c holds to 2 ulp of MPFR,
   2^-28 of a float32 ulp; every 64th group of sixteen is also compared with the C library's float64 function. An ulp
   is the distance of neighbours at the true value's binade, 2^-149 among the denormals. Special values must agree
   exactly: NaN with NaN, infinities and zeros with their signs, a true value beyond the largest float with either.
   gelu's derivative may be out by 2 ulp, and within 0.01 of its zero by as much as at the edge of that interval.
   pow, atan2 and hypot, of two arguments, are sampled: 2^32 / STRIDE pairs. */
#pragma STDC FP_CONTRACT OFF
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math.inc.h"

typedef struct {
  const char *name;
  void (*run)(const float *, float *, double *);
  double (*reference)(double);
  double most;
  float zero;
} entry;

#define RUN(name) \
  static void run_##name(const float *x, float *y, double *z) { \
    tri_f32x16 v = tri_load_f32(x); \
    tri_f64x16 wide = __builtin_convertvector(v, tri_f64x16); \
    tri_store_f32(y, tri_##name##_f32(v)); \
    tri_store_f64(z, tri_##name##_f64(wide.lo)); \
    tri_store_f64(z + 8, tri_##name##_f64(wide.hi)); \
  }
#define EACH(X) X(exp, exp) X(exp2, exp2) X(log, log) X(log1p, log1p) X(tanh, tanh) X(sigmoid, ref_sigmoid) X(erf, erf)

#define WIDE(X) X(expm1, expm1) X(log2, log2) X(log10, log10) X(erfc, erfc) X(rsqrt, ref_rsqrt) X(sqrt, sqrt) \
  X(sin, sin) X(cos, cos) X(gelu, ref_gelu) X(softplus, ref_softplus) X(tan, tan) X(asin, asin) X(acos, acos) \
  X(atan, atan) X(sinh, sinh) X(cosh, cosh) X(asinh, asinh) X(acosh, acosh) X(atanh, atanh) X(cbrt, cbrt) \
  X(mish, ref_mish) X(erfinv, ref_erfinv) X(lgamma, lgamma)

static double ref_sigmoid(double x) { return x < -40 ? exp(x) : 1 / (1 + exp(-x)); }
static double ref_rsqrt(double x) { return 1 / sqrt(x); }
static double ref_softplus(double x) { return x > 40 ? x : log1p(exp(x)); }
static double ref_mish(double x) {
  double e = exp(x), w = e * (e + 2);
  return x > 40 ? x : x * (w / (w + 2));
}
/* By Newton's method on the smaller of erf and erfc. */
static double ref_erfinv(double x) {
  double a = fabs(x), y = a < 0.5 ? a * 0.886 : sqrt(-log1p(-a));
  if (!(a < 1)) return a == 1 ? x * INFINITY : NAN;
  for (int i = 0; i < 100; i++) {
    double left = a < 0.5 ? a - erf(y) : erfc(y) - (1 - a), step = left * exp(y * y) * 0.88622692545275801365;
    y += step / (1 + fmax(-0.5, y * step));
    if (fabs(step) < 1e-12 * y) break;
  }
  return copysign(y, x);
}
static double ref_gelu(double x) {
  if (x == -INFINITY) return -0.0;
  return x * (0.5 * erfc(x * -0.70710678118654752440));
}
static double ref_gelu_derivative(double x) {
  if (x < -38) return -0.0;
  double pdf = exp(x * x * -0.5) * 0.39894228040143267794;
  return 0.5 * erfc(x * -0.70710678118654752440) + (pdf == 0 ? 0 : x * pdf);
}

#define X(name, reference) RUN(name)
EACH(X) WIDE(X)
#undef X
/* The second argument is made from the first: any bits, a whole number, or one that keeps the power in range. */
static void run_pow(const float *x, float *y, double *z) {
  float power[16];
  for (int k = 0; k < 16; k++) {
    uint32_t bits;
    memcpy(&bits, &x[k], 4);
    bits *= 0x9e3779b1u;
    float unit = (float)(int32_t)bits * 0x1p-31f;
    float choices[4] = {unit * 4, (float)((int32_t)bits >> 26), unit * 150 / logf(fabsf(x[k])), 0};
    memcpy(&choices[3], &bits, 4);
    power[k] = choices[bits >> 7 & 3];
  }
  tri_f32x16 v = tri_load_f32(x), w = tri_load_f32(power);
  tri_f64x16 wide = __builtin_convertvector(v, tri_f64x16), wide_power = __builtin_convertvector(w, tri_f64x16);
  tri_store_f32(y, tri_pow_f32(v, w));
  tri_store_f64(z, tri_pow_f64(wide.lo, wide_power.lo));
  tri_store_f64(z + 8, tri_pow_f64(wide.hi, wide_power.hi));
}
/* The second argument is as large as the first, or of any size. */
static void other(const float *x, float *second) {
  for (int k = 0; k < 16; k++) {
    uint32_t bits;
    memcpy(&bits, &x[k], 4);
    uint32_t mixed = bits * 0x9e3779b1u, near = (bits & 0x7f800000u) | (mixed & 0x80ffffffu);
    mixed ^= mixed >> 15;
    memcpy(&second[k], mixed & 7 ? &near : &mixed, 4);
  }
}
#define RUN2(name) \
  static void run_##name(const float *x, float *y, double *z) { \
    float second[16]; \
    other(x, second); \
    tri_f32x16 v = tri_load_f32(x), w = tri_load_f32(second); \
    tri_f64x16 wide = __builtin_convertvector(v, tri_f64x16), wide_second = __builtin_convertvector(w, tri_f64x16); \
    tri_store_f32(y, tri_##name##_f32(v, w)); \
    tri_store_f64(z, tri_##name##_f64(wide.lo, wide_second.lo)); \
    tri_store_f64(z + 8, tri_##name##_f64(wide.hi, wide_second.hi)); \
  }
RUN(digamma)
RUN2(atan2)
RUN2(hypot)
/* Below -38 the float64 function is out of its range. */
static void run_gelu_derivative(const float *x, float *y, double *z) {
  tri_f32x16 v = tri_load_f32(x);
  tri_f64x16 wide = __builtin_convertvector(tri_at_least_f32(v, -38), tri_f64x16);
  tri_store_f32(y, tri_gelu_derivative_f32(v));
  tri_store_f64(z, tri_gelu_derivative_f64(wide.lo));
  tri_store_f64(z + 8, tri_gelu_derivative_f64(wide.hi));
}
#define X(name, reference) {#name, run_##name, reference, 1, 0},
static const entry entries[] = {
  EACH(X) WIDE(X) {"pow", run_pow, NULL, 1, 0}, {"digamma", run_digamma, NULL, 1, 0},
  {"atan2", run_atan2, NULL, 1, 0}, {"hypot", run_hypot, NULL, 1, 0},
  {"gelu_derivative", run_gelu_derivative, ref_gelu_derivative, 2, -0.7517915f},
};
#undef X

typedef struct { const entry *e; uint64_t start, end, step; double worst; float worst_input; uint64_t wrong; float wrong_input; } job;

/* Exponents below `least` count as it. */
static double error(float got, double want, int least) {
  uint32_t sign;
  uint64_t want_bits;
  memcpy(&sign, &got, 4);
  memcpy(&want_bits, &want, 8);
  if (got - got == 0 && want - want == 0 && want != 0 && sign >> 31 == want_bits >> 63) {
    int64_t exponent = (int64_t)(want_bits >> 52 & 0x7ff) - 1023;
    if (exponent < least) exponent = least;
    if (exponent > 127) exponent = 127;
    uint64_t ulps = (uint64_t)(23 - exponent + 1023) << 52;
    double scale;
    memcpy(&scale, &ulps, 8);
    return fabs(got - want) * scale;
  }
  if (isnan(want)) return isnan(got) ? 0 : INFINITY;
  if (isnan(got)) return INFINITY;
  if (sign >> 31 != want_bits >> 63) return INFINITY;
  if (isinf(got)) return fabs(want) >= 0x1.ffffffp127 ? 0 : INFINITY;
  return got == want ? 0 : INFINITY;
}

static void note(job *j, float x, float got, double want) {
  double err = error(got, want, j->e->zero != 0 && fabsf(x - j->e->zero) < 0.01f ? -8 : -126);
  if (err == INFINITY) { if (!j->wrong++) j->wrong_input = x; }
  else if (err > j->worst) { j->worst = err; j->worst_input = x; }
}

static void *work(void *argument) {
  job *j = argument;
  float x[16], y[16];
  double z[16];
  uint64_t group = 0;
  for (uint64_t i = j->start; i < j->end; i += 16 * j->step, group++) {
    for (int k = 0; k < 16; k++) {
      uint32_t bits = (uint32_t)(i + k * j->step);
      memcpy(&x[k], &bits, 4);
    }
    j->e->run(x, y, z);
    for (int k = 0; k < 16; k++) note(j, x[k], y[k], z[k]);
    if (group % 64 == 0 && j->e->reference)
      for (int k = 0; k < 16; k++) note(j, x[k], y[k], j->e->reference(x[k]));
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
      failed |= jobs[t].wrong || jobs[t].worst > jobs[t].e->most;
    }
    printf("\n");
    fflush(stdout);
  }
  return failed;
}
