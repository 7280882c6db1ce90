/* Bytes with the channels of a pixel together into planes of floats. */
#include "Internal.h"

void si_planes(const uint8_t *src, int64_t pixels, int channels, const float *tables, float *dst) {
  if (channels == 1) {
    for (int64_t i = 0; i < pixels; i++) dst[i] = tables[src[i]];
    return;
  }
  for (int64_t i = 0; i < pixels; i++, src += 3) {
    dst[i] = tables[src[0]];
    dst[pixels + i] = tables[256 + src[1]];
    dst[2 * pixels + i] = tables[512 + src[2]];
  }
}
