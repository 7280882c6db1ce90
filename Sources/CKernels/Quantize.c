#include <math.h>

#include "Internal.h"

/* Rows of one channel; arithmetic is in double precision, so that the oracle's halves are ours. */

SK_CLONES static void quantize_row(const sk_quantize *k, const float *x, uint8_t *q, int64_t channel) {
  double scale = k->scale[channel], zero = k->zero[channel], low = k->low, high = k->high;
  for (int64_t i = 0; i < k->inner; i++) {
    double steps = rint((double)x[i] / scale) + zero;
    steps = steps != steps ? zero : steps < low ? low : steps > high ? high : steps;
    q[i] = (uint8_t)(int32_t)steps;
  }
}

SK_CLONES static void dequantize_row(const sk_quantize *k, const uint8_t *q, float *x, int64_t channel) {
  double scale = k->scale[channel];
  int32_t zero = k->zero[channel];
  for (int64_t i = 0; i < k->inner; i++) {
    int32_t value = k->is_signed ? (int8_t)q[i] : q[i];
    x[i] = (float)(scale * (value - zero));
  }
}

void sk_run_quantize(const void *kernel, int thread, int threads) {
  const sk_quantize *k = kernel;
  sk_range share = sk_share(k->outer * k->channels, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++)
    quantize_row(k, (const float *)k->source + row * k->inner, (uint8_t *)k->target + row * k->inner,
                 row % k->channels);
}

void sk_run_dequantize(const void *kernel, int thread, int threads) {
  const sk_quantize *k = kernel;
  sk_range share = sk_share(k->outer * k->channels, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++)
    dequantize_row(k, (const uint8_t *)k->source + row * k->inner, (float *)k->target + row * k->inner,
                   row % k->channels);
}
