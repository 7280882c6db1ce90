#include "Internal.h"

/* One output row of neighbours: a sum of weighted input rows. */
SK_CLONES static void rows(const float *x, const float *w, int64_t taps, float *y, int64_t inner) {
  int64_t i = 0;
  for (; i + 16 <= inner; i += 16) {
    sk_v16 sum = {0};
    for (int64_t t = 0; t < taps; t++) sum += *(const sk_v16 *)(x + t * inner + i) * w[t];
    *(sk_v16 *)(y + i) = sum;
  }
  for (; i < inner; i++) {
    float sum = 0;
    for (int64_t t = 0; t < taps; t++) sum += x[t * inner + i] * w[t];
    y[i] = sum;
  }
}

/* The last axis, so many weights an output, some of which may be zero. */
#define LINE(taps_) \
  for (int64_t o = 0; o < k->output; o++) { \
    const float *p = x + k->starts[o], *w = k->weights + o * (taps_); \
    float sum = 0; \
    for (int t = 0; t < (taps_); t++) sum += w[t] != 0 ? p[t] * w[t] : 0; \
    y[o] = sum; \
  } \
  break

SK_CLONES static void line(const sk_resample *k, const float *restrict x, float *restrict y) {
  switch (k->taps) {
  case 1: LINE(1);
  case 2: LINE(2);
  case 3: LINE(3);
  case 4: LINE(4);
  default:
    for (int64_t o = 0; o < k->output; o++) {
      const float *p = x + k->starts[o], *w = k->weights + o * k->taps;
      float sum = 0;
      for (int t = 0; t < k->counts[o]; t++) sum += p[t] * w[t];
      y[o] = sum;
    }
  }
}

void sk_run_resample(const void *kernel, int thread, int threads) {
  const sk_resample *k = kernel;
  if (k->inner == 1) {
    sk_range share = sk_share(k->outer, 1, thread, threads);
    for (int64_t at = share.begin; at < share.end; at++)
      line(k, k->x + at * k->input, k->y + at * k->output);
    return;
  }
  sk_range share = sk_share(k->outer * k->output, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    int64_t o = at % k->output;
    const float *x = k->x + (at / k->output * k->input + k->starts[o]) * k->inner;
    rows(x, k->weights + o * k->taps, k->counts[o], k->y + at * k->inner, k->inner);
  }
}
