/* Runs float64 functions over dense samples and prints the worst error in ulp.

   Build and run, from the package's root (libmpfr-dev):
     clang -O2 -std=gnu11 -march=native -ISources/CTributaryKernels -o /tmp/float64 \
       Tests/MathAccuracy/float64.c -lmpfr -lgmp -lm -lpthread && /tmp/float64 [COUNT [NAME ...]]

   The reference is MPFR at 140 bits. COUNT samples of each function for each of two threads: half with random bits
   (every binade, denormal and special values), half spread over the interval in which the function bends. Special
   values must agree exactly, as in float32.c. Within 2^-8 of a zero of lgamma or digamma an error of 4 * 2^-52 counts
   as 2 ulp. */
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
static void ref_tan(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_tan(z, x, MPFR_RNDN); }
static void ref_asin(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_asin(z, x, MPFR_RNDN); }
static void ref_acos(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_acos(z, x, MPFR_RNDN); }
static void ref_atan(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_atan(z, x, MPFR_RNDN); }
static void ref_sinh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_sinh(z, x, MPFR_RNDN); }
static void ref_cosh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_cosh(z, x, MPFR_RNDN); }
static void ref_asinh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_asinh(z, x, MPFR_RNDN); }
static void ref_acosh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_acosh(z, x, MPFR_RNDN); }
static void ref_atanh(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_atanh(z, x, MPFR_RNDN); }
static void ref_cbrt(mpfr_t z, mpfr_t x, mpfr_t y) { (void)y; mpfr_cbrt(z, x, MPFR_RNDN); }
static void ref_atan2(mpfr_t z, mpfr_t x, mpfr_t y) { mpfr_atan2(z, x, y, MPFR_RNDN); }
static void ref_hypot(mpfr_t z, mpfr_t x, mpfr_t y) { mpfr_hypot(z, x, y, MPFR_RNDN); }
/* Newton's method on erfc(y) - (1 - x), from the kernel's own answer: three steps end below 2^-130. */
static void ref_erfinv(mpfr_t z, mpfr_t x, mpfr_t y) {
  int order = mpfr_cmpabs_ui(x, 1);
  if (mpfr_nan_p(x) || order > 0) { mpfr_set_nan(z); return; }
  if (order == 0) { mpfr_set_inf(z, mpfr_signbit(x) ? -1 : 1); return; }
  mpfr_set(z, x, MPFR_RNDN);
  if (mpfr_zero_p(x) || mpfr_get_exp(x) < -60) {
    mpfr_const_pi(y, MPFR_RNDN);
    mpfr_sqrt(y, y, MPFR_RNDN);
    mpfr_mul(z, z, y, MPFR_RNDN);
    mpfr_div_2ui(z, z, 1, MPFR_RNDN);
    return;
  }
  double start[8] = {mpfr_get_d(x, MPFR_RNDN)};
  tri_store_f64(start, tri_erfinv_f64(tri_load_f64(start)));
  mpfr_t left, slope;
  mpfr_init2(left, 240);
  mpfr_init2(slope, 140);
  mpfr_set_d(z, start[0], MPFR_RNDN);
  for (int i = 0; i < 3; i++) {
    /* 1 - |x| is exact. */
    mpfr_abs(slope, z, MPFR_RNDN);
    mpfr_erfc(left, slope, MPFR_RNDN);
    mpfr_abs(slope, x, MPFR_RNDN);
    mpfr_ui_sub(slope, 1, slope, MPFR_RNDN);
    mpfr_sub(left, left, slope, MPFR_RNDN);
    if (mpfr_signbit(x)) mpfr_neg(left, left, MPFR_RNDN);
    mpfr_sqr(slope, z, MPFR_RNDN);
    mpfr_exp(slope, slope, MPFR_RNDN);
    mpfr_mul(left, left, slope, MPFR_RNDN);
    mpfr_const_pi(slope, MPFR_RNDN);
    mpfr_sqrt(slope, slope, MPFR_RNDN);
    mpfr_mul(left, left, slope, MPFR_RNDN);
    mpfr_div_2ui(left, left, 1, MPFR_RNDN);
    mpfr_add(z, z, left, MPFR_RNDN);
  }
  mpfr_clears(left, slope, (mpfr_ptr)0);
}
/* At the poles MPFR's digamma is NaN but for the zeros, whose sign PyTorch's keeps. */
static void ref_digamma(mpfr_t z, mpfr_t x, mpfr_t y) {
  (void)y;
  if (mpfr_zero_p(x)) mpfr_set_inf(z, mpfr_signbit(x) ? 1 : -1);
  else mpfr_digamma(z, x, MPFR_RNDN);
}
static void ref_lgamma(mpfr_t z, mpfr_t x, mpfr_t y) {
  (void)y;
  int sign;
  mpfr_lgamma(z, &sign, x, MPFR_RNDN);
}
/* x w / (w + 2), w = e^x (e^x + 2). */
static void ref_mish(mpfr_t z, mpfr_t x, mpfr_t y) {
  mpfr_exp(z, x, MPFR_RNDN);
  mpfr_add_ui(y, z, 2, MPFR_RNDN);
  mpfr_mul(y, y, z, MPFR_RNDN);
  mpfr_add_ui(z, y, 2, MPFR_RNDN);
  mpfr_div(z, y, z, MPFR_RNDN);
  mpfr_mul(z, z, x, MPFR_RNDN);
  if (mpfr_cmp_ui(x, 1000) > 0) mpfr_set(z, x, MPFR_RNDN);
}
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
  X(gelu, -39, 10) X(sqrt, 0, 4) X(rsqrt, 0, 4) X(sin, -100, 100) X(cos, -100, 100) \
  X(tan, -100, 100) X(asin, -1, 1) X(acos, -1, 1) X(atan, -8, 8) X(sinh, -3, 3) X(cosh, -3, 3) X(asinh, -8, 8) \
  X(acosh, 1, 8) X(atanh, -1, 1) X(cbrt, -8, 8) X(mish, -60, 45) X(erfinv, -1, 1) X(lgamma, -12, 12) X(digamma, -12, 12)
#define X(name, low, high) RUN(name)
EACH(X)
#undef X
static void run_pow(const double *x, const double *y, double *z) {
  tri_store_f64(z, tri_pow_f64(tri_load_f64(x), tri_load_f64(y)));
}
static void run_atan2(const double *x, const double *y, double *z) {
  tri_store_f64(z, tri_atan2_f64(tri_load_f64(x), tri_load_f64(y)));
}
static void run_hypot(const double *x, const double *y, double *z) {
  tri_store_f64(z, tri_hypot_f64(tri_load_f64(x), tri_load_f64(y)));
}
#define X(name, low, high) {#name, run_##name, ref_##name, low, high},
static const entry entries[] = {
  EACH(X) {"pow", run_pow, ref_pow, 0, 10}, {"atan2", run_atan2, ref_atan2, -4, 4}, {"hypot", run_hypot, ref_hypot, -4, 4},
};
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

/* Within 2^-8 of a zero of lgamma or digamma, an error of 4 * 2^-52 counts as 2 ulp. Beside a pole, where the sign
   changes too, values are large. */
static double error_beside_zero(const entry *e, double x, double got, mpfr_t want, mpfr_t scratch, double ulps) {
  if ((e->reference != ref_lgamma && e->reference != ref_digamma) || !(fabs(got) < 64)) return ulps;
  int signs[2];
  for (int side = 0; side < 2; side++) {
    mpfr_set_d(scratch, x, MPFR_RNDN);
    mpfr_add_d(scratch, scratch, side ? 0x1p-8 : -0x1p-8, MPFR_RNDN);
    e->reference(scratch, scratch, scratch);
    signs[side] = mpfr_sgn(scratch);
  }
  if (signs[0] == signs[1]) return ulps;
  mpfr_sub_d(scratch, want, got, MPFR_RNDN);
  double units = fabs(mpfr_get_d(scratch, MPFR_RNDN)) * 0x1p51;
  return units < ulps ? units : ulps;
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
  int is_pow = j->e->run == run_pow, is_of_two = is_pow || j->e->run == run_atan2 || j->e->run == run_hypot;
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
      if (is_of_two && !is_pow) {
        uint64_t other = draw(&j->seed);
        if (choice & 2) other = (other & 0x801fffffffffffffu) | (bits & 0x7fe0000000000000u);
        memcpy(&y[k], &other, 8);
        if (choice & 1) y[k] = j->e->low + (double)(draw(&j->seed) >> 11) * 0x1p-53 * (j->e->high - j->e->low);
        if (i < specials * specials) x[k] = special[(i + k) / specials % specials], y[k] = special[(i + k) % specials];
      } else if (is_pow) {
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
      if (err > 2) err = error_beside_zero(j->e, x[k], z[k], want, scratch, err);
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
    if (worst->y != 1) printf(", %a", worst->y);
    printf("\n");
    fflush(stdout);
    failed |= worst->worst > 2;
  }
  return failed;
}
