#include <math.h>

#include "Internal.h"

void sk_run_cross_entropy(const void *kernel, int thread, int threads) {
  const sk_cross_entropy *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) {
    const float *x = k->logits + row * k->classes;
    int64_t label = k->labels[row];
    if (k->ignores && label == k->ignored) {
      k->result[row] = 0;
      continue;
    }
    float top = x[0], all = 0, sum = 0;
    for (int64_t c = 1; c < k->classes; c++) top = x[c] > top ? x[c] : top;
    for (int64_t c = 0; c < k->classes; c++) {
      sum += expf(x[c] - top);
      all += x[c];
    }
    float hit = label >= 0 && label < k->classes ? x[label] : NAN;
    float s = k->smoothing;
    k->result[row] = top + logf(sum) - (1 - s) * hit - (s > 0 ? s / (float)k->classes * all : 0);
  }
}

void sk_run_cross_entropy_backward(const void *kernel, int thread, int threads) {
  const sk_cross_entropy *k = kernel;
  sk_range share = sk_share(k->rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) {
    const float *x = k->logits + row * k->classes;
    float *dx = k->result + row * k->classes;
    int64_t label = k->labels[row];
    if (k->ignores && label == k->ignored) {
      for (int64_t c = 0; c < k->classes; c++) dx[c] = 0;
      continue;
    }
    float top = x[0], sum = 0;
    for (int64_t c = 1; c < k->classes; c++) top = x[c] > top ? x[c] : top;
    for (int64_t c = 0; c < k->classes; c++) sum += dx[c] = expf(x[c] - top);
    float g = label >= 0 && label < k->classes ? k->d_loss[row] : NAN;
    float spread = k->smoothing / (float)k->classes;
    for (int64_t c = 0; c < k->classes; c++)
      dx[c] = g * (dx[c] / sum - spread - (c == label ? 1 - k->smoothing : 0));
  }
}
