/* Rows of sixteen images to and from vectors of one position of each. */
#pragma once
#include <string.h>

#include "Internal.h"

/* Exchanges rows and columns of sixteen vectors. */
SK_INLINE void sk_transpose16(sk_v16 r[16]) {
  sk_v16 t[16];
#define STEP(n) \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) { \
    if (i & n) continue; \
    t[i] = __builtin_shufflevector(r[i], r[i + n], SK_LOW_##n); \
    t[i + n] = __builtin_shufflevector(r[i], r[i + n], SK_HIGH_##n); \
  } \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) r[i] = t[i];
#define SK_LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define SK_HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define SK_LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define SK_HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define SK_LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define SK_HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define SK_LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define SK_HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
  STEP(1) STEP(2) STEP(4) STEP(8)
#undef STEP
}

/* Vectors of the positions of a channel: position p of images that are `stride` apart goes to [map[p]][16], or to [p]
 * without a map. Lanes without an image are zero. */
SK_INLINE void sk_lanes_in(const float *x, int64_t stride, int64_t images, int64_t pixels, const int32_t *map,
                           float *to) {
  for (int64_t p = 0; p < pixels; p += 16) {
    const int64_t n = pixels - p < 16 ? pixels - p : 16;
    sk_v16 r[16];
    for (int i = 0; i < 16; i++) {
      r[i] = (sk_v16){0};
      if (i >= images) continue;
      if (n == 16) r[i] = *(const sk_v16 *)(x + i * stride + p);
      else memcpy(&r[i], x + i * stride + p, sizeof(float) * (size_t)n);
    }
    sk_transpose16(r);
    for (int i = 0; i < n; i++) *(sk_v16 *)(to + 16 * (map ? map[p + i] : p + i)) = r[i];
  }
}

/* The way back. */
SK_INLINE void sk_lanes_out(const float *from, const int32_t *map, int64_t pixels, float *x, int64_t stride,
                            int64_t images) {
  for (int64_t p = 0; p < pixels; p += 16) {
    const int64_t n = pixels - p < 16 ? pixels - p : 16;
    sk_v16 r[16];
    for (int i = 0; i < 16; i++)
      r[i] = i < n ? *(const sk_v16 *)(from + 16 * (map ? map[p + i] : p + i)) : (sk_v16){0};
    sk_transpose16(r);
    for (int i = 0; i < 16 && i < images; i++) {
      if (n == 16) *(sk_v16 *)(x + i * stride + p) = r[i];
      else memcpy(x + i * stride + p, &r[i], sizeof(float) * (size_t)n);
    }
  }
}
