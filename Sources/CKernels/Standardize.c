#include <math.h>

#include "Internal.h"

SK_INLINE double lanes(const sk_v16 *v) {
  double sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += (double)(*v)[lane];
  return sum;
}

/* One row in three passes. The mean is rounded, so that sums of deviations from it say what it lacks: rows far
 * from zero lose nothing. */
SK_CLONES static void standardize_row(const sk_standardize *k, int64_t row) {
  const int64_t n = k->extent;
  const float *x = k->x + row * n;
  float *y = k->y + row * n;
  int64_t i = 0;
  sk_v16 a = {0}, b = {0};
  double sum = 0;
  for (; i + 32 <= n; i += 32) {
    a += *(const sk_v16 *)(x + i);
    b += *(const sk_v16 *)(x + i + 16);
  }
  for (; i < n; i++) sum += (double)x[i];
  const float mean = (float)((sum + lanes(&a) + lanes(&b)) / (double)n);

  sk_v16 squares = {0}, more = {0};
  double rest = 0, square = 0;
  a = (sk_v16){0}, b = (sk_v16){0};
  for (i = 0; i + 32 <= n; i += 32) {
    sk_v16 p = *(const sk_v16 *)(x + i) - mean, q = *(const sk_v16 *)(x + i + 16) - mean;
    a += p, b += q, squares += p * p, more += q * q;
  }
  for (; i < n; i++) {
    float d = x[i] - mean;
    rest += (double)d, square += (double)(d * d);
  }
  const double lack = (rest + lanes(&a) + lanes(&b)) / (double)n;
  double variance = (square + lanes(&squares) + lanes(&more)) / (double)n - lack * lack;
  if (variance < 0) variance = 0;
  const float rstd = (float)(1 / sqrt(variance + (double)k->epsilon)), low = (float)lack;
  k->mean[row] = (float)((double)mean + lack);
  k->rstd[row] = rstd;

  for (i = 0; i + 16 <= n; i += 16)
    *(sk_v16 *)(y + i) = (*(const sk_v16 *)(x + i) - mean - low) * rstd;
  for (; i < n; i++) y[i] = (x[i] - mean - low) * rstd;
}

SK_CLONES static void standardize_row_backward(const sk_standardize_backward *k, int64_t row) {
  const int64_t n = k->extent;
  const float *y = k->y + row * n, *dy = k->dy + row * n;
  float *dx = k->dx + row * n;
  int64_t i = 0;
  sk_v16 sums = {0}, products = {0};
  double sum = 0, product = 0;
  for (; i + 16 <= n; i += 16) {
    sk_v16 g = *(const sk_v16 *)(dy + i);
    sums += g, products += g * *(const sk_v16 *)(y + i);
  }
  for (; i < n; i++) sum += (double)dy[i], product += (double)(dy[i] * y[i]);
  const float a = (float)((sum + lanes(&sums)) / (double)n);
  const float b = (float)((product + lanes(&products)) / (double)n), r = k->rstd[row];
  for (i = 0; i + 16 <= n; i += 16)
    *(sk_v16 *)(dx + i) =
        (*(const sk_v16 *)(dy + i) - a - *(const sk_v16 *)(y + i) * b) * r;
  for (; i < n; i++) dx[i] = (dy[i] - a - y[i] * b) * r;
}

void sk_run_standardize(const void *kernel, int thread, int threads) {
  const sk_standardize *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) standardize_row(k, row);
}

void sk_run_standardize_backward(const void *kernel, int thread, int threads) {
  const sk_standardize_backward *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) standardize_row_backward(k, row);
}
