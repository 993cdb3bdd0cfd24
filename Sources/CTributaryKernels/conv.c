#include "CTributaryKernels.h"

_Bool tri_conv_covers(const tri_conv_problem *problem) {
  for (int d = 0; d < 3; d++) {
    int64_t a = problem->stride[d], b = problem->dilation[d];
    while (b) {
      int64_t r = a % b;
      a = b;
      b = r;
    }
    /* Multiples of the dilation meet every residue where the two share no divisor and the kernel is long enough. */
    if (a > 1 || problem->kernel[d] < problem->stride[d]) return 0;
  }
  return 1;
}
