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

/* Sixteen elements, `stride` apart (1 or 2); with 2, the last one read is the 32nd. */
SK_INLINE void elements(const float *x, int64_t stride, sk_v16 *to) {
  const sk_v16 first = *(const sk_v16 *)x;
  *to = first;
  if (stride == 2)
    *to = __builtin_shufflevector(first, *(const sk_v16 *)(x + 16), 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26,
                                  28, 30);
}

/* How far apart the windows from `at` on lie along the last axis, if they are sixteen alike (or all that are left) whose
 * elements a vector can read at once; else 0. */
SK_INLINE int64_t spacing(const sk_max_pool *k, int64_t at) {
  const int32_t *starts = k->starts[2] + at, *counts = k->counts[2] + at;
  const int64_t left = k->output[2] - at, n = left < 16 ? left : 16;
  if (n < 4) return 0;
  const int64_t stride = starts[1] - starts[0];
  if (stride != 1 && stride != 2) return 0;
  for (int64_t i = 1; i < n; i++)
    if (starts[i] != starts[0] + i * stride || counts[i] != counts[0]) return 0;
  return stride;
}

/* The greatest elements of windows `stride` apart and their places; x begins at the plane, and `end` is the last number
 * of all planes that may be read. Sixteen values are written if `spills`, though there be fewer windows. Returns how many
 * windows it took: none where it would read beyond the end. */
SK_INLINE int64_t greatest_of_many(const sk_max_pool *k, const float *x, const float *end, const int64_t at[3],
                                   int64_t stride, int spills, float *values, int32_t *places) {
  const int64_t left = k->output[2] - at[2], n = left < 16 ? left : 16;
  const int64_t rows = k->counts[1][at[1]], columns = k->counts[2][at[2]], depth = k->counts[0][at[0]];
  const int64_t first = (k->starts[0][at[0]] * k->input[1] + k->starts[1][at[1]]) * k->input[2] + k->starts[2][at[2]];
  const int64_t last = first + ((depth - 1) * k->step[0] * k->input[1] + (rows - 1) * k->step[1]) * k->input[2] +
                       (columns - 1) * k->step[2];
  if (x + last + 16 * stride > end) return 0;
  const sk_i16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const sk_i16 steps = lanes * (int32_t)stride;
  sk_v16 top, candidate;
  elements(x + first, stride, &top);
  sk_i16 best = steps + (int32_t)first;
  for (int64_t d = 0; d < depth; d++)
    for (int64_t h = 0; h < rows; h++) {
      const int64_t row = first + (d * k->step[0] * k->input[1] + h * k->step[1]) * k->input[2];
      for (int64_t w = 0; w < columns; w++) {
        const int64_t place = row + w * k->step[2];
        elements(x + place, stride, &candidate);
        const sk_i16 takes = (candidate > top) | ((candidate != candidate) & (top == top));
        best = (takes & (steps + (int32_t)place)) | (~takes & best);
        top = (sk_v16)((takes & (sk_i16)candidate) | (~takes & (sk_i16)top));
      }
    }
  if (n == 16 || spills) {
    *(sk_v16 *)values = top, *(sk_i16 *)places = best;
  } else {
    memcpy(values, &top, sizeof(float) * (size_t)n);
    memcpy(places, &best, sizeof(int32_t) * (size_t)n);
  }
  return n;
}

SK_CLONES void sk_run_max_pool(const void *kernel, int thread, int threads) {
  const sk_max_pool *k = kernel;
  const int64_t *out = k->output;
  int64_t inputs = k->input[0] * k->input[1] * k->input[2], rows = out[0] * out[1];
  const float *end = k->x + k->planes * inputs;
  sk_range share = sk_share(k->planes * rows, 1, thread, threads);
  for (int64_t at = 0, stride; at < out[2];) {
    const int64_t last = out[2] - 16;
    if (at > last && last > 0 && spacing(k, last)) at = last;
    stride = spacing(k, at);
    int64_t next = at + 1;
    for (int64_t row = share.begin; row < share.end; row++) {
      const float *x = k->x + row / rows * inputs;
      const int64_t window[3] = {row % rows / out[1], row % out[1], at};
      float *values = k->y + row * out[2] + at;
      int32_t *places = k->indices + row * out[2] + at;
      /* What is written beyond a row of less than sixteen is the next row's, and is overwritten by it. */
      const int spills = at == 0 && out[2] >= 8 && row + 1 < share.end;
      int64_t taken = stride ? greatest_of_many(k, x, end, window, stride, spills, values, places) : 0;
      const int64_t wanted = !stride ? 1 : out[2] - at < 16 ? out[2] - at : 16;
      for (; taken < wanted; taken++) {
        const int64_t one[3] = {window[0], window[1], at + taken};
        greatest(k, x, one, values + taken, places + taken);
      }
      next = at + wanted;
    }
    at = next;
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
