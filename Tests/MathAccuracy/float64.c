/* Runs float64 functions over dense samples and prints the worst error in ulp.

   Build and run, from the package's root (libmpfr-dev):
     clang -O2 -std=gnu11 -march=native -ISources/CTributaryKernels -o /tmp/float64 \
       Tests/MathAccuracy/float64.c -lmpfr -lgmp -lm -lpthread && /tmp/float64 [COUNT [NAME ...]]

   The reference is MPFR at 140 bits. COUNT samples of each function for each of two threads: half with random bits
   (every binade, denormal and special values), half spread over the interval in which the function bends. Special
   values must agree exactly, as in float32.c. */
#pragma STDC FP_CONTRACT OFF
#include <math.h>
#include <mpfr.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math.inc.h"

typedef void reference(mpfr_t z, mpfr_t x, mpfr_t y);
typedef struct { const char *name; void (*run)(const double *, const double *, double *); reference *reference; double low, high; } entry;

static void ref_exp(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_exp(z, x, MPFR_RNDN); }
static void ref_exp2(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_exp2(z, x, MPFR_RNDN); }
static void ref_expm1(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_expm1(z, x, MPFR_RNDN); }
static void ref_log(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_log(z, x, MPFR_RNDN); }
static void ref_log1p(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_log1p(z, x, MPFR_RNDN); }
static void ref_log2(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_log2(z, x, MPFR_RNDN); }
static void ref_log10(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_log10(z, x, MPFR_RNDN); }
static void ref_tanh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_tanh(z, x, MPFR_RNDN); }
static void ref_erf(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_erf(z, x, MPFR_RNDN); }
static void ref_erfc(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_erfc(z, x, MPFR_RNDN); }
static void ref_sqrt(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_sqrt(z, x, MPFR_RNDN); }
static void ref_rsqrt(mpfr_t z, mpfr_t x, mpfr_t y) {
  (void)y;
  int negative_zero = mpfr_zero_p(x) && mpfr_signbit(x);
  mpfr_rec_sqrt(z, x, MPFR_RNDN);
  if (negative_zero) mpfr_set_inf(z, -1);
}
static void ref_sin(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_sin(z, x, MPFR_RNDN); }
static void ref_cos(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_cos(z, x, MPFR_RNDN); }
static void ref_pow(mpfr_t z, mpfr_t x, mpfr_t y) { mpfr_pow(z, x, y, MPFR_RNDN); }
static void ref_sigmoid(mpfr_t z, mpfr_t x, mpfr_t y) {
  (void)y;
  mpfr_neg(z, x, MPFR_RNDN);
  mpfr_exp(z, z, MPFR_RNDN);
  mpfr_add_ui(z, z, 1, MPFR_RNDN);
  mpfr_ui_div(z, 1, z, MPFR_RNDN);
}
static void ref_softplus(mpfr_t z, mpfr_t x, mpfr_t y) {
  (void)y;
  mpfr_exp(z, x, MPFR_RNDN);
  mpfr_log1p(z, z, MPFR_RNDN);
  if (mpfr_cmp_ui(x, 1000) > 0) mpfr_set(z, x, MPFR_RNDN);
}
static void ref_gelu(mpfr_t z, mpfr_t x, mpfr_t y) {
  if (mpfr_inf_p(x) && mpfr_signbit(x)) { mpfr_set_zero(z, -1); return; }
  mpfr_set_ui(y, 2, MPFR_RNDN);
  mpfr_sqrt(y, y, MPFR_RNDN);
  mpfr_div(y, x, y, MPFR_RNDN);
  mpfr_neg(y, y, MPFR_RNDN);
  mpfr_erfc(z, y, MPFR_RNDN);
  mpfr_mul(z, z, x, MPFR_RNDN);
  mpfr_div_2ui(z, z, 1, MPFR_RNDN);
}

#define RUN(name) \
  static void run_##name(const double *x, const double *y, double *z) { \
    (void)y; \
    tri_store_f64(z, tri_##name##_f64(tri_load_f64(x))); \
  }
#define EACH(X) X(exp, -750, 712) X(exp2, -1080, 1026) X(expm1, -40, 40) X(log, 0, 4) X(log1p, -1, 4) X(log2, 0, 4) \
  X(log10, 0, 4) X(tanh, -22, 22) X(sigmoid, -750, 40) X(softplus, -50, 50) X(erf, -7, 7) X(erfc, -7, 28) \
  X(gelu, -39, 10) X(sqrt, 0, 4) X(rsqrt, 0, 4) X(sin, -100, 100) X(cos, -100, 100)
#define X(name, low, high) RUN(name)
EACH(X)
#undef X
static void run_pow(const double *x, const double *y, double *z) {
  tri_store_f64(z, tri_pow_f64(tri_load_f64(x), tri_load_f64(y)));
}
#define X(name, low, high) {#name, run_##name, ref_##name, low, high},
static const entry entries[] = {EACH(X) {"pow", run_pow, ref_pow, 0, 10}};
#undef X

typedef struct { const entry *e; uint64_t seed, count; double worst, x, y; uint64_t wrong; double wrong_x, wrong_y; } job;

static double error(double got, mpfr_t want, mpfr_t scratch) {
  if (mpfr_nan_p(want)) return isnan(got) ? 0 : INFINITY;
  if (isnan(got)) return INFINITY;
  if (mpfr_inf_p(want)) return isinf(got) && (got < 0) == !!mpfr_signbit(want) ? 0 : INFINITY;
  if (mpfr_zero_p(want)) return got == 0 && signbit(got) == !!mpfr_signbit(want) ? 0 : INFINITY;
  if (!!signbit(got) != !!mpfr_signbit(want)) return INFINITY;
  long exponent = mpfr_get_exp(want) - 1;
  if (isinf(got)) {
    if (exponent > 1023) return 0;
    mpfr_mul_2si(scratch, want, -1023, MPFR_RNDN);
    return fabs(mpfr_get_d(scratch, MPFR_RNDN)) >= 2 ? 0 : INFINITY;
  }
  if (exponent < -1022) exponent = -1022;
  if (exponent > 1023) exponent = 1023;
  mpfr_sub_d(scratch, want, got, MPFR_RNDN);
  mpfr_mul_2si(scratch, scratch, 52 - exponent, MPFR_RNDN);
  return fabs(mpfr_get_d(scratch, MPFR_RNDN));
}

static uint64_t draw(uint64_t *s) {
  *s ^= *s << 13; *s ^= *s >> 7; *s ^= *s << 17;
  return *s;
}

static void *work(void *argument) {
  job *j = argument;
  mpfr_t a, b, want, scratch;
  mpfr_init2(a, 140); mpfr_init2(b, 140); mpfr_init2(want, 140); mpfr_init2(scratch, 140);
  double x[8], y[8], z[8];
  int is_pow = j->e->run == run_pow;
  static const double special[] = {0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, INFINITY, -INFINITY, NAN, 0x1p-1074, -0x1p-1074,
    0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, 0x1p53, 0x1.8p52, 9007199254740993.0, -9007199254740991.0, 1e300, -1e300};
  enum { specials = sizeof special / sizeof *special };
  for (uint64_t i = 0; i < j->count; i += 8) {
    for (int k = 0; k < 8; k++) {
      uint64_t bits = draw(&j->seed), choice = draw(&j->seed);
      double unit = (double)(draw(&j->seed) >> 11) * 0x1p-53;
      memcpy(&x[k], &bits, 8);
      if (choice & 1) x[k] = j->e->low + unit * (j->e->high - j->e->low);
      y[k] = 1;
      if (is_pow) {
        unit = (double)(draw(&j->seed) >> 11) * 0x1p-53;
        double edge = 750 / log(fabs(x[k]));
        y[k] = choice & 2 ? (unit * 2 - 1) * 30 : (unit * 2 - 1) * edge;
        if (!(choice & 0xf0)) y[k] = nearbyint(y[k]);
        if (!(choice & 0xf00)) memcpy(&y[k], &bits, 8), x[k] = 1 + (unit - 0.5) * 0x1p-20;
        if (i < specials * specials) x[k] = special[(i + k) / specials % specials], y[k] = special[(i + k) % specials];
      } else if (i < specials) x[k] = special[(i + k) % specials];
    }
    j->e->run(x, y, z);
    for (int k = 0; k < 8; k++) {
      mpfr_set_d(a, x[k], MPFR_RNDN);
      mpfr_set_d(b, y[k], MPFR_RNDN);
      j->e->reference(want, a, b);
      double err = error(z[k], want, scratch);
      if (err == INFINITY) { if (!j->wrong++) j->wrong_x = x[k], j->wrong_y = y[k]; }
      else if (err > j->worst) j->worst = err, j->x = x[k], j->y = y[k];
    }
  }
  mpfr_clears(a, b, want, scratch, (mpfr_ptr)0);
  return NULL;
}

int main(int argc, char **argv) {
  uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
  int failed = 0;
  for (size_t f = 0; f < sizeof entries / sizeof *entries; f++) {
    int chosen = argc < 3;
    for (int a = 2; a < argc; a++) chosen |= !strcmp(argv[a], entries[f].name);
    if (!chosen) continue;
    enum { threads = 2 };
    pthread_t thread[threads];
    job jobs[threads], *worst = jobs;
    for (int t = 0; t < threads; t++) {
      jobs[t] = (job){&entries[f], 0x9e3779b97f4a7c15u * (uint64_t)(t + 1), count, 0, 0, 0, 0, 0, 0};
      pthread_create(&thread[t], NULL, work, &jobs[t]);
    }
    for (int t = 0; t < threads; t++) {
      pthread_join(thread[t], NULL);
      if (jobs[t].worst > worst->worst) worst = &jobs[t];
      if (jobs[t].wrong) {
        printf("%s WRONG %llu, first %a %a\n", entries[f].name, (unsigned long long)jobs[t].wrong, jobs[t].wrong_x, jobs[t].wrong_y);
        failed = 1;
      }
    }
    printf("%-9s worst %.4f ulp at %a", entries[f].name, worst->worst, worst->x);
    if (entries[f].run == run_pow) printf(", %a", worst->y);
    printf("\n");
    fflush(stdout);
    failed |= worst->worst > 2;
  }
  return failed;
}
