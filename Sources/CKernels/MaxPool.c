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

/* The greatest elements of sixteen windows, or of those that are left of a row, and their places; x begins at the
 * plane, and `end` is behind all of them. Elements beside a row belong to its neighbours and do not count. Sixteen values are
 * written if `spills`, though there be fewer windows. Returns how many windows it took: none where it would read beyond
 * the planes. */
SK_INLINE int64_t greatest_of_many(const sk_max_pool *k, const float *x, const float *end, const int64_t at[3],
                                   int spills, float *values, int32_t *places) {
  const int64_t left = k->output[2] - at[2], n = left < 16 ? left : 16, width = k->input[2];
  const int64_t rows = k->counts[1][at[1]], depth = k->counts[0][at[0]], column = at[2] * k->stride - k->low;
  const int64_t first = (k->starts[0][at[0]] * k->input[1] + k->starts[1][at[1]]) * width;
  const int64_t last = first + ((depth - 1) * k->step[0] * k->input[1] + (rows - 1) * k->step[1]) * width;
  if (x + first + column < k->x || x + last + column + (k->window - 1) * k->step[2] + 16 * k->stride > end) return 0;
  const sk_i16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const sk_i16 columns = lanes * (int32_t)k->stride + (int32_t)column;
  const int isInside = column >= 0 && column + 15 * k->stride + (k->window - 1) * k->step[2] < width;
  const sk_v16 least = (sk_v16){0} - INFINITY;
  sk_v16 top = least, candidate;
  sk_i16 best;
  for (int i = 0; i < 16; i++) best[i] = (int32_t)first + k->starts[2][at[2] + (i < n ? i : n - 1)];
  for (int64_t d = 0; d < depth; d++)
    for (int64_t h = 0; h < rows; h++) {
      const int64_t row = first + (d * k->step[0] * k->input[1] + h * k->step[1]) * width;
      for (int64_t w = 0; w < k->window; w++) {
        const sk_i16 place = columns + (int32_t)(w * k->step[2]);
        elements(x + row + column + w * k->step[2], k->stride, &candidate);
        if (!isInside) {
          const sk_i16 isThere = (place >= 0) & (place < (int32_t)width);
          candidate = (sk_v16)((isThere & (sk_i16)candidate) | (~isThere & (sk_i16)least));
        }
        /* Greater, or the first that is not a number. */
        const sk_i16 takes = ~(candidate <= top) & (top == top);
        best = (takes & (place + (int32_t)row)) | (~takes & best);
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
  const int isWide = (k->stride == 1 || k->stride == 2) && out[2] >= 4;
  for (int64_t row = share.begin; row < share.end; row++) {
    const float *x = k->x + row / rows * inputs;
    for (int64_t at = 0; at < out[2];) {
      /* The last of several blocks of a row is sixteen windows too. */
      if (isWide && at > 0 && at + 16 > out[2]) at = out[2] - 16;
      int64_t window[3] = {row % rows / out[1], row % out[1], at};
      float *values = k->y + row * out[2] + at;
      int32_t *places = k->indices + row * out[2] + at;
      /* What is written beyond a row of less than sixteen is the next row's, and is overwritten by it. */
      const int spills = at == 0 && out[2] >= 8 && row + 1 < share.end;
      const int64_t wanted = !isWide || out[2] < 16 ? out[2] : 16;
      int64_t taken = isWide ? greatest_of_many(k, x, end, window, spills, values, places) : 0;
      for (; taken < wanted; taken++) {
        window[2] = at + taken;
        greatest(k, x, window, values + taken, places + taken);
      }
      at += wanted;
    }
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
