/* Resizing as Pillow does: each result is a weighted mean of the pixels its filter covers, the filter
   stretched where the image shrinks; rows first, bytes between the two passes, weights of 22 bits. */
#include <math.h>
#include <string.h>

#include "Internal.h"

#define SI_BITS 22

static double si_sinc(double x) { return x == 0 ? 1 : sin(x * M_PI) / (x * M_PI); }

static double si_filter(int filter, double x) {
  double a = x < 0 ? -x : x;
  switch (filter) {
    case SI_BOX: return x > -0.5 && x <= 0.5 ? 1 : 0;
    case SI_BILINEAR: return a < 1 ? 1 - a : 0;
    case SI_BICUBIC: /* Keys' cubic with a = −½ */
      if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
      return a < 2 ? (((a - 5) * a + 8) * a - 4) * -0.5 : 0;
    default: return -3 <= x && x < 3 ? si_sinc(x) * si_sinc(x / 3) : 0;
  }
}

static double si_support(int64_t in, int64_t out, int filter) {
  static const double supports[] = {0.5, 1, 2, 3};
  double scale = (double)in / (double)out;
  return supports[filter & 3] * (scale < 1 ? 1 : scale);
}

int64_t si_resample_taps(int64_t in, int64_t out, int filter) {
  return (int64_t)ceil(si_support(in, out, filter)) * 2 + 1;
}

void si_resample_weights(int64_t in, int64_t out, int filter, int64_t taps, int32_t *first,
                         int32_t *count, int32_t *weights) {
  double scale = (double)in / (double)out;
  double step = 1 / (scale < 1 ? 1 : scale);
  double support = si_support(in, out, filter);
  for (int64_t i = 0; i < out; i++) {
    double center = ((double)i + 0.5) * scale;
    int64_t low = (int64_t)(center - support + 0.5), high = (int64_t)(center + support + 0.5);
    if (low < 0) low = 0;
    if (high > in) high = in;
    if (high - low > taps) high = low + taps;
    int32_t *w = weights + i * taps;
    double sum = 0;
    for (int64_t x = low; x < high; x++) sum += si_filter(filter, ((double)x - center + 0.5) * step);
    for (int64_t x = low; x < high; x++) {
      double value = si_filter(filter, ((double)x - center + 0.5) * step);
      if (sum != 0) value /= sum;
      value *= 1 << SI_BITS;
      w[x - low] = (int32_t)(value < 0 ? value - 0.5 : value + 0.5);
    }
    first[i] = (int32_t)low;
    count[i] = (int32_t)(high - low);
  }
}

/* Three bytes as 32-bit numbers; the fourth, which is not used, is read only where it may be. */
SI_INLINE si_i4 si_pixel(const uint8_t *p, int guarded) {
  si_b4 bytes;
  if (guarded) bytes = (si_b4){p[0], p[1], p[2], 0};
  else memcpy(&bytes, p, 4);
  return __builtin_convertvector(bytes, si_i4);
}

SI_INLINE void si_store(uint8_t *dst, si_i4 sum) {
  for (int c = 0; c < 3; c++) dst[c] = si_byte(sum[c] >> SI_BITS);
}

SI_INLINE void si_rows3(const uint8_t *src, int64_t stride, int64_t rows, int guarded,
                        int64_t width, int64_t taps, const int32_t *first, const int32_t *count,
                        const int32_t *weights, uint8_t *dst) {
  const si_i4 half = {1 << (SI_BITS - 1), 1 << (SI_BITS - 1), 1 << (SI_BITS - 1), 0};
  for (int64_t x = 0; x < width; x++) {
    const int32_t *w = weights + x * taps;
    const uint8_t *p = src + 3 * (int64_t)first[x];
    si_i4 a = half, b = half, c = half, d = half;
    for (int32_t k = 0; k < count[x]; k++, p += 3) {
      a += si_pixel(p, guarded) * w[k];
      if (rows > 1) {
        b += si_pixel(p + stride, guarded) * w[k];
        c += si_pixel(p + 2 * stride, guarded) * w[k];
        d += si_pixel(p + 3 * stride, guarded) * w[k];
      }
    }
    si_store(dst + 3 * x, a);
    if (rows > 1) {
      si_store(dst + 3 * (width + x), b);
      si_store(dst + 3 * (2 * width + x), c);
      si_store(dst + 3 * (3 * width + x), d);
    }
  }
}

SI_CLONES void si_resample_rows(const uint8_t *src, int64_t stride, int64_t rows, int channels,
                                int64_t width, int64_t taps, const int32_t *first,
                                const int32_t *count, const int32_t *weights, int last,
                                uint8_t *dst) {
  int64_t y = 0;
  if (channels == 3) {
    for (; y + 4 < rows; y += 4)
      si_rows3(src + y * stride, stride, 4, 0, width, taps, first, count, weights,
               dst + 3 * y * width);
    for (; y < rows; y++)
      si_rows3(src + y * stride, stride, 1, last && y == rows - 1, width, taps, first, count,
               weights, dst + 3 * y * width);
    return;
  }
  for (; y < rows; y++) {
    for (int64_t x = 0; x < width; x++) {
      const int32_t *w = weights + x * taps;
      const uint8_t *p = src + y * stride + first[x];
      int32_t sum = 1 << (SI_BITS - 1);
      for (int32_t k = 0; k < count[x]; k++) sum += p[k] * w[k];
      dst[y * width + x] = si_byte(sum >> SI_BITS);
    }
  }
}

SI_CLONES void si_resample_columns(const uint8_t *src, int64_t stride, int64_t bytes,
                                   int64_t height, int64_t taps, const int32_t *first,
                                   const int32_t *count, const int32_t *weights, uint8_t *dst) {
  for (int64_t y = 0; y < height; y++) {
    const int32_t *w = weights + y * taps;
    const uint8_t *top = src + first[y] * stride;
    uint8_t *row = dst + y * bytes;
    int64_t x = 0;
    for (; x + 32 <= bytes; x += 32) {
      si_i16 a = {0}, b = {0};
      a += 1 << (SI_BITS - 1);
      b += 1 << (SI_BITS - 1);
      const uint8_t *p = top + x;
      for (int32_t k = 0; k < count[y]; k++, p += stride) {
        a += __builtin_convertvector(*(const si_b16 *)p, si_i16) * w[k];
        b += __builtin_convertvector(*(const si_b16 *)(p + 16), si_i16) * w[k];
      }
      a >>= SI_BITS;
      b >>= SI_BITS;
      for (int i = 0; i < 16; i++) row[x + i] = si_byte(a[i]);
      for (int i = 0; i < 16; i++) row[x + 16 + i] = si_byte(b[i]);
    }
    for (; x < bytes; x++) {
      int32_t sum = 1 << (SI_BITS - 1);
      for (int32_t k = 0; k < count[y]; k++) sum += top[k * stride + x] * w[k];
      row[x] = si_byte(sum >> SI_BITS);
    }
  }
}
