#include <math.h>

#include "Internal.h"

SK_INLINE float combine(int kind, float a, float b) {
  if (kind == SK_SUM) return a + b;
  if (kind == SK_PRODUCT) return a * b;
  if (a != a || b != b) return a + b; /* NaN wins */
  return kind == SK_MAX ? (a > b ? a : b) : (a < b ? a : b);
}

SK_INLINE float neutral(int kind) {
  return kind == SK_SUM ? 0.0f : kind == SK_PRODUCT ? 1.0f : kind == SK_MAX ? -INFINITY : INFINITY;
}

/* One innermost reduced row; sixteen partial results keep the rounding error of long sums small. */
SK_CLONES static float reduce_row(int kind, const float *source, int64_t n, int64_t step) {
  float result = neutral(kind);
  int64_t i = 0;
  if (step == 1 && n >= 32 && kind == SK_SUM) {
    sk_v16 sum = {0};
    for (; i + 16 <= n; i += 16) sum += *(const sk_v16 *)(source + i);
    for (int lane = 0; lane < 16; lane++) result += sum[lane];
  }
  for (; i < n; i++) result = combine(kind, result, source[i * step]);
  return result;
}

/* Adds rows of `n` neighbours into `n` results: the reduced axis is not the innermost one. */
SK_CLONES static void add_row(float *target, const float *source, int64_t n) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) *(sk_v16 *)(target + i) += *(const sk_v16 *)(source + i);
  for (; i < n; i++) target[i] += source[i];
}

/* Calls for every position of the outer reduced axes, all but the last `skip`. */
#define OVER(k, skip, offset, body) \
  do { \
    int64_t index_[SK_MAX_RANK] = {0}, total_ = 1, offset = 0; \
    int outer_ = (k)->reduced - (skip); \
    for (int axis = 0; axis < outer_; axis++) total_ *= (k)->reduced_extent[axis]; \
    for (int64_t step_ = 0; step_ < total_; step_++) { \
      body; \
      for (int axis = outer_ - 1; axis >= 0; axis--) { \
        offset += (k)->reduced_stride[axis]; \
        if (++index_[axis] < (k)->reduced_extent[axis]) break; \
        index_[axis] = 0; \
        offset -= (k)->reduced_stride[axis] * (k)->reduced_extent[axis]; \
      } \
    } \
  } while (0)

void sk_run_reduce(const void *kernel, int thread, int threads) {
  const sk_reduce *k = kernel;
  int64_t results = 1;
  for (int axis = 0; axis < k->kept; axis++) results *= k->kept_extent[axis];
  int last = k->kept - 1;
  int columns = k->kind == SK_SUM && k->kept > 0 && k->reduced > 0 && k->kept_stride[last] == 1 &&
                k->kept_extent[last] >= 4;
  sk_range share = sk_share(results, columns ? k->kept_extent[last] : 1, thread, threads);
  for (int64_t at = share.begin; at < share.end;) {
    int64_t rest = at, base = 0;
    for (int axis = last; axis >= 0; axis--) {
      base += rest % k->kept_extent[axis] * k->kept_stride[axis];
      rest /= k->kept_extent[axis];
    }
    if (columns) {
      int64_t n = k->kept_extent[last];
      float *target = (float *)k->target + at;
      for (int64_t i = 0; i < n; i++) target[i] = 0;
      OVER(k, 0, offset, add_row(target, (const float *)k->source + base + offset, n));
      for (int64_t i = 0; i < n; i++) target[i] *= k->scale;
      at += n;
    } else {
      float result = neutral(k->kind);
      int skip = k->reduced > 0;
      int64_t n = skip ? k->reduced_extent[k->reduced - 1] : 1;
      int64_t step = skip ? k->reduced_stride[k->reduced - 1] : 1;
      OVER(k, skip, offset,
           result = combine(k->kind, result,
                            reduce_row(k->kind, (const float *)k->source + base + offset, n, step)));
      ((float *)k->target)[at++] = result * k->scale;
    }
  }
}

SK_INLINE int64_t combine_integer(int kind, int64_t a, int64_t b) {
  switch (kind) {
  case SK_SUM: return (int32_t)((uint32_t)a + (uint32_t)b);
  case SK_PRODUCT: return (int32_t)((uint32_t)a * (uint32_t)b);
  case SK_MAX: return a > b ? a : b;
  default: return a < b ? a : b;
  }
}

/* 32-bit integers, which wrap, and booleans. */
void sk_run_reduce_integer(const void *kernel, int thread, int threads) {
  const sk_reduce *k = kernel;
  int64_t results = 1, start[] = {0, k->type == SK_U8 ? 0 : INT32_MIN, k->type == SK_U8 ? 1 : INT32_MAX, 1};
  for (int axis = 0; axis < k->kept; axis++) results *= k->kept_extent[axis];
  sk_range share = sk_share(results, 64, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    int64_t rest = at, base = 0, result = start[k->kind];
    for (int axis = k->kept - 1; axis >= 0; axis--) {
      base += rest % k->kept_extent[axis] * k->kept_stride[axis];
      rest /= k->kept_extent[axis];
    }
    OVER(k, 0, offset,
         result = combine_integer(k->kind, result,
                                  k->type == SK_U8 ? ((const uint8_t *)k->source)[base + offset]
                                                   : ((const int32_t *)k->source)[base + offset]));
    if (k->type == SK_U8) ((uint8_t *)k->target)[at] = (uint8_t)result;
    else ((int32_t *)k->target)[at] = (int32_t)result;
  }
}

void sk_run_argmax(const void *kernel, int thread, int threads) {
  const sk_argmax *k = kernel;
  sk_range share = sk_share(k->outer * k->inner, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    const float *row = k->source + at / k->inner * k->extent * k->inner + at % k->inner;
    int64_t best = 0;
    for (int64_t i = 1; i < k->extent; i++) {
      float value = row[i * k->inner], known = row[best * k->inner];
      if ((k->least ? value < known : value > known) || (value != value && known == known)) best = i;
    }
    k->target[at] = (int32_t)best;
  }
}
