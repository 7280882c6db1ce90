#include <math.h>
#include <string.h>

#include "Internal.h"

/* The greatest element of one window and its place in the plane. */
SK_INLINE void greatest(const sk_max_pool *k, const float *x, const int64_t at[3], float *value,
                        int32_t *place) {
  int64_t first[3], count[3], step[3];
  for (int axis = 0; axis < 3; axis++) {
    first[axis] = k->starts[axis][at[axis]];
    count[axis] = k->counts[axis][at[axis]];
    step[axis] = k->step[axis];
  }
  int64_t best = (first[0] * k->input[1] + first[1]) * k->input[2] + first[2];
  float top = x[best];
  for (int64_t d = 0; d < count[0]; d++) {
    for (int64_t h = 0; h < count[1]; h++) {
      int64_t row = ((first[0] + d * step[0]) * k->input[1] + first[1] + h * step[1]) * k->input[2] +
                    first[2];
      for (int64_t w = 0; w < count[2]; w++) {
        float candidate = x[row + w * step[2]];
        if (candidate > top || (candidate != candidate && top == top))
          top = candidate, best = row + w * step[2];
      }
    }
  }
  *value = top, *place = (int32_t)best;
}

void sk_run_max_pool(const void *kernel, int thread, int threads) {
  const sk_max_pool *k = kernel;
  const int64_t *out = k->output;
  int64_t inputs = k->input[0] * k->input[1] * k->input[2], rows = out[0] * out[1];
  sk_range share = sk_share(k->planes * rows, 1, thread, threads);
  for (int64_t row = share.begin; row < share.end; row++) {
    const float *x = k->x + row / rows * inputs;
    int64_t at[3] = {row % rows / out[1], row % out[1], 0};
    for (; at[2] < out[2]; at[2]++)
      greatest(k, x, at, &k->y[row * out[2] + at[2]], &k->indices[row * out[2] + at[2]]);
  }
}

void sk_run_max_unpool(const void *kernel, int thread, int threads) {
  const sk_max_unpool *k = kernel;
  sk_range share = sk_share(k->planes, 1, thread, threads);
  for (int64_t plane = share.begin; plane < share.end; plane++) {
    const int32_t *place = k->indices + plane * k->pooled;
    float *pooled = k->y + plane * k->pooled, *whole = k->x + plane * k->whole;
    if (k->gathers) {
      for (int64_t i = 0; i < k->pooled; i++)
        pooled[i] = place[i] >= 0 && place[i] < k->whole ? whole[place[i]] : NAN;
      continue;
    }
    memset(whole, 0, (size_t)k->whole * sizeof(float));
    for (int64_t i = 0; i < k->pooled; i++) {
      if (place[i] >= 0 && place[i] < k->whole)
        whole[place[i]] += pooled[i];
      else
        whole[0] = NAN;
    }
  }
}
