/* Changing values: tables, greys, blends and hues, with Pillow's roundings. */
#include <math.h>

#include "Internal.h"

void si_lookup(const uint8_t *src, int64_t pixels, int channels, const uint8_t *tables,
               uint8_t *dst) {
  if (channels == 1) {
    for (int64_t i = 0; i < pixels; i++) dst[i] = tables[src[i]];
    return;
  }
  for (int64_t i = 0; i < 3 * pixels; i += 3) {
    dst[i] = tables[src[i]];
    dst[i + 1] = tables[256 + src[i + 1]];
    dst[i + 2] = tables[512 + src[i + 2]];
  }
}

void si_histogram(const uint8_t *src, int64_t pixels, int channels, uint64_t *counts) {
  for (int64_t i = 0; i < pixels; i++)
    for (int c = 0; c < channels; c++) counts[256 * c + *src++]++;
}

SI_INLINE uint8_t si_grey_of(const uint8_t *p) {
  return (uint8_t)((p[0] * 19595 + p[1] * 38470 + p[2] * 7471 + 0x8000) >> 16);
}

SI_CLONES void si_grey(const uint8_t *src, int64_t pixels, uint8_t *dst) {
  for (int64_t i = 0; i < pixels; i++) dst[i] = si_grey_of(src + 3 * i);
}

/* Both cuts are what Pillow's are: inside [0, 1] nothing can leave the bytes. */
SI_INLINE uint8_t si_mixed(int32_t a, int32_t b, float factor) {
  float value = (float)a + factor * (float)(b - a);
  return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value);
}

SI_CLONES void si_blend(const uint8_t *a, const uint8_t *b, float factor, int64_t bytes,
                        uint8_t *dst) {
  for (int64_t i = 0; i < bytes; i++) dst[i] = si_mixed(a[i], b[i], factor);
}

SI_CLONES void si_saturate(const uint8_t *src, float factor, int64_t pixels, uint8_t *dst) {
  for (int64_t i = 0; i < pixels; i++) {
    int32_t grey = si_grey_of(src + 3 * i);
    for (int c = 0; c < 3; c++) dst[3 * i + c] = si_mixed(grey, src[3 * i + c], factor);
  }
}

SI_INLINE uint8_t si_part(double value) {
  double rounded = round(value);
  return (uint8_t)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

void si_hue(const uint8_t *src, uint8_t shift, int64_t pixels, uint8_t *dst) {
  for (int64_t i = 0; i < pixels; i++, src += 3, dst += 3) {
    uint8_t r = src[0], g = src[1], b = src[2];
    uint8_t most = r > g ? r : g, least = r < g ? r : g;
    if (b > most) most = b;
    if (b < least) least = b;
    uint8_t hue = 0, saturation = 0;
    if (most != least) {
      float range = (float)(most - least);
      float rc = (float)(most - r) / range, gc = (float)(most - g) / range;
      float bc = (float)(most - b) / range;
      float h = r == most ? bc - gc : g == most ? (float)(2.0 + rc - bc) : (float)(4.0 + gc - rc);
      h = (float)fmod(h / 6.0 + 1.0, 1.0);
      hue = si_byte((int32_t)(h * 255.0));
      saturation = si_byte((int32_t)(range / (float)most * 255.0));
    }
    hue = (uint8_t)(hue + shift);
    if (saturation == 0) {
      dst[0] = dst[1] = dst[2] = most;
      continue;
    }
    float turns = (float)((float)hue * 6.0 / 255.0);
    int sextant = (int)floorf(turns);
    float f = (float)((float)hue * 6.0 / 255.0 - (float)sextant);
    float s = (float)((float)saturation / 255.0), v = (float)most;
    uint8_t p = si_part(v * (1.0 - s)), q = si_part(v * (1.0 - s * f));
    uint8_t t = si_part(v * (1.0 - s * (1.0 - f)));
    const uint8_t colors[6][3] = {{most, t, p}, {q, most, p}, {p, most, t},
                                  {p, q, most}, {t, p, most}, {most, p, q}};
    for (int c = 0; c < 3; c++) dst[c] = colors[sextant % 6][c];
  }
}
