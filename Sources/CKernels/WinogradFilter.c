#include "Winograd.h"

/* 16 vectors of 16, rows for columns. */
SK_INLINE void transpose(const float *from, sk_v16 *to) {
  sk_v16 a[16], b[16];
  for (int i = 0; i < 16; i++) a[i] = *(const sk_v16 *)(from + 16 * i);
#define ZIP(x, y, half) \
  __builtin_shufflevector(x, y, half, 16 + half, half + 1, 17 + half, half + 2, 18 + half, half + 3, 19 + half, \
                          half + 4, 20 + half, half + 5, 21 + half, half + 6, 22 + half, half + 7, 23 + half)
#define STAGE(from, to) \
  for (int i = 0; i < 8; i++) to[2 * i] = ZIP(from[i], from[i + 8], 0), to[2 * i + 1] = ZIP(from[i], from[i + 8], 8)
  STAGE(a, b);
  STAGE(b, a);
  STAGE(a, b);
  STAGE(b, to);
#undef STAGE
#undef ZIP
}

SK_INLINE void transform(const int m, const sk_v16 *const g[9], float *u, int64_t pitch) {
  const int n = m + 2;
  sk_v16 half[18], column[3], out[6];
  for (int j = 0; j < 3; j++) {
    for (int i = 0; i < 3; i++) column[i] = *g[i * 3 + j];
    sk_filter_1d(m, column, out);
    for (int i = 0; i < n; i++) half[i * 3 + j] = out[i];
  }
  for (int i = 0; i < n; i++) {
    sk_filter_1d(m, half + i * 3, out);
    for (int j = 0; j < n; j++) *(sk_v16 *)(u + (i * n + j) * pitch) = out[j];
  }
}

SK_INLINE void transform_all(const int m, const float *w, int64_t row, int64_t rowBlocks, int64_t column,
                             int64_t columnBlocks, int lanes, int turned, float *u, int64_t rows) {
  const int64_t pitch = sk_filter_pitch(rows, lanes);
  for (int lane = 0; lane < lanes; lane++) {
    const int64_t block = turned ? row * columnBlocks + column + lane : (column + lane) * rowBlocks + row;
    const float *taps = w + block * 2304;
    sk_v16 other[9][16];
    if (turned)
      for (int tap = 0; tap < 9; tap++) transpose(taps + tap * 256, other[8 - tap]);
    for (int64_t i = 0; i < 16 && row * 16 + i < rows; i++) {
      const sk_v16 *g[9];
      for (int tap = 0; tap < 9; tap++)
        g[tap] = turned ? &other[tap][i] : (const sk_v16 *)(taps + tap * 256 + i * 16);
      transform(m, g, u + ((row * 16 + i) * lanes + lane) * 16, pitch);
    }
  }
}

SK_WIDE void sk_transform_filter(int m, const float *w, int64_t row, int64_t rowBlocks, int64_t column,
                                 int64_t columnBlocks, int lanes, int turned, float *u, int64_t rows) {
  if (m == 2) transform_all(2, w, row, rowBlocks, column, columnBlocks, lanes, turned, u, rows);
  else transform_all(4, w, row, rowBlocks, column, columnBlocks, lanes, turned, u, rows);
}

SK_INLINE void gradient(const int m, const float *u, int64_t pitch, int64_t rowPitch, float *w) {
  const int n = m + 2;
  for (int row = 0; row < 16; row++) {
    sk_v16 half[18], column[6], out[3];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) column[i] = *(const sk_v16 *)(u + (i * n + j) * pitch + row * rowPitch);
      sk_gradient_1d(m, column, out);
      for (int i = 0; i < 3; i++) half[i * n + j] = out[i];
    }
    for (int i = 0; i < 3; i++) {
      sk_gradient_1d(m, half + i * n, out);
      for (int j = 0; j < 3; j++) *(sk_v16 *)(w + (i * 3 + j) * 256 + row * 16) = out[j];
    }
  }
}

SK_WIDE void sk_transform_gradient(int m, const float *u, int64_t pitch, int64_t rowPitch, float *w) {
  if (m == 2) gradient(2, u, pitch, rowPitch, w);
  else gradient(4, u, pitch, rowPitch, w);
}
