#include "Lanes.h"
#include "Winograd.h"

/* 16 vectors of 16, rows for columns. */
SK_INLINE void transpose(const float *from, sk_v16 *to) {
  for (int i = 0; i < 16; i++) to[i] = *(const sk_v16 *)(from + 16 * i);
  sk_transpose16(to);
}

SK_INLINE void transform(const sk_form form, const sk_v16 *const g[25], float *u, int64_t pitch) {
  const int n = sk_side(form), r = form.r;
  sk_v16 half[30], column[5], out[6];
  for (int j = 0; j < r; j++) {
    for (int i = 0; i < r; i++) column[i] = *g[i * r + j];
    sk_filter_1d(form, column, out);
    for (int i = 0; i < n; i++) half[i * r + j] = out[i];
  }
  for (int i = 0; i < n; i++) {
    sk_filter_1d(form, half + i * r, out);
    for (int j = 0; j < n; j++) *(sk_v16 *)(u + (i * n + j) * pitch) = out[j];
  }
}

SK_INLINE void transform_all(const sk_form form, const float *w, int64_t row, int64_t rowBlocks, int64_t column,
                             int64_t columnBlocks, int lanes, int turned, float *u, int64_t rows) {
  const int64_t pitch = sk_filter_pitch(rows, lanes);
  const int all = form.r * form.r;
  for (int lane = 0; lane < lanes; lane++) {
    const int64_t block = turned ? row * columnBlocks + column + lane : (column + lane) * rowBlocks + row;
    const float *taps = w + block * all * 256;
    sk_v16 other[25][16];
    if (turned)
      for (int tap = 0; tap < all; tap++) transpose(taps + tap * 256, other[all - 1 - tap]);
    for (int64_t i = 0; i < 16 && row * 16 + i < rows; i++) {
      const sk_v16 *g[25];
      for (int tap = 0; tap < all; tap++)
        g[tap] = turned ? &other[tap][i] : (const sk_v16 *)(taps + tap * 256 + i * 16);
      transform(form, g, u + ((row * 16 + i) * lanes + lane) * 16, pitch);
    }
  }
}

SK_WIDE void sk_transform_filter(sk_form form, const float *w, int64_t row, int64_t rowBlocks, int64_t column,
                                 int64_t columnBlocks, int lanes, int turned, float *u, int64_t rows) {
#define CALL(form) transform_all(form, w, row, rowBlocks, column, columnBlocks, lanes, turned, u, rows)
  SK_FORMS(form, CALL);
#undef CALL
}

SK_INLINE void gradient(const sk_form form, const float *u, int64_t pitch, int64_t rowPitch, float *w) {
  const int n = sk_side(form), r = form.r;
  for (int row = 0; row < 16; row++) {
    sk_v16 half[30], column[6], out[5];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) column[i] = *(const sk_v16 *)(u + (i * n + j) * pitch + row * rowPitch);
      sk_gradient_1d(form, column, out);
      for (int i = 0; i < r; i++) half[i * n + j] = out[i];
    }
    for (int i = 0; i < r; i++) {
      sk_gradient_1d(form, half + i * n, out);
      for (int j = 0; j < r; j++) *(sk_v16 *)(w + (i * r + j) * 256 + row * 16) = out[j];
    }
  }
}

SK_WIDE void sk_transform_gradient(sk_form form, const float *u, int64_t pitch, int64_t rowPitch, float *w) {
#define CALL(form) gradient(form, u, pitch, rowPitch, w)
  SK_FORMS(form, CALL);
#undef CALL
}
