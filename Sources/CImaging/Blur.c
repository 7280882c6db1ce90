/* Means over neighbours. */
#include <math.h>
#include <string.h>

#include "Internal.h"

SI_CLONES void si_smooth(const uint8_t *src, int64_t width, int64_t height, int channels,
                         uint8_t *dst) {
  int64_t row = width * channels;
  const float side = 1.0f / 13, center = 5.0f / 13;
  memcpy(dst, src, (size_t)(row * height));
  for (int64_t y = 1; y < height - 1; y++) {
    const uint8_t *p = src + y * row;
    for (int64_t x = channels; x < row - channels; x++) {
      /* The order of the sums is Pillow's: the row below, this one, the one above. */
      const uint8_t *below = p + row + x, *here = p + x, *above = p - row + x;
      float sum = 0.5f;
      sum += (float)below[-channels] * side + (float)below[0] * side + (float)below[channels] * side;
      sum += (float)here[-channels] * side + (float)here[0] * center + (float)here[channels] * side;
      sum += (float)above[-channels] * side + (float)above[0] * side + (float)above[channels] * side;
      dst[y * row + x] = (uint8_t)(sum <= 0 ? 0 : sum >= 255 ? 255 : sum);
    }
  }
}

/* The place of a coordinate when the image is mirrored about its first and last pixel. */
SI_INLINE int64_t si_reflect(int64_t at, int64_t count) {
  if (at >= 0 && at < count) return at;
  int64_t period = count > 1 ? 2 * (count - 1) : 1;
  at %= period;
  if (at < 0) at += period;
  return at < count ? at : period - at;
}

SI_CLONES void si_blur(const uint8_t *src, int64_t width, int64_t height, int channels,
                       const float *kernel, int64_t taps, float *scratch, uint8_t *dst) {
  int64_t row = width * channels, reach = taps / 2;
  for (int64_t y = 0; y < height; y++) {
    for (int64_t x = 0; x < width; x++) {
      for (int c = 0; c < channels; c++) {
        float sum = 0;
        for (int64_t k = 0; k < taps; k++)
          sum += kernel[k] * (float)src[y * row + si_reflect(x + k - reach, width) * channels + c];
        scratch[y * row + x * channels + c] = sum;
      }
    }
  }
  for (int64_t y = 0; y < height; y++) {
    for (int64_t x = 0; x < row; x++) {
      float sum = 0;
      for (int64_t k = 0; k < taps; k++)
        sum += kernel[k] * scratch[si_reflect(y + k - reach, height) * row + x];
      float value = rintf(sum);
      dst[y * row + x] = (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value);
    }
  }
}
