#include "codecs_bytes.h"

#include <string.h>


void codecs_lookup_u8(const uint8_t *bytes, const float *table, float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = table[bytes[i]];
}

void codecs_histogram_u8(const uint8_t *bytes, size_t count, uint64_t *counts) {
  for (size_t i = 0; i < count; i++) counts[bytes[i]]++;
}

static float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void codecs_widen_f16(const uint16_t *halves, float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t half = halves[i];
    uint32_t sign = (half & 0x8000u) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 31) {
      values[i] = from_bits(sign | 0x7F800000u | fraction << 13);
    } else if (exponent) {
      values[i] = from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    } else {
      float magnitude = (float)fraction * 0x1p-24f;
      values[i] = sign ? -magnitude : magnitude;
    }
  }
}

void codecs_widen_bf16(const uint16_t *halves, float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = from_bits((uint32_t)halves[i] << 16);
}

void codecs_normalize_bool(uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) bytes[i] = bytes[i] != 0;
}

// The rounded value / 255 for values up to 255 * 255.
static inline uint8_t over255(unsigned value) {
  value += 128;
  return (uint8_t)((value + (value >> 8)) >> 8);
}

void codecs_inverted_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t pixels) {
  for (size_t i = 0; i < pixels; i++) {
    unsigned black = cmyk[4 * i + 3];
    for (size_t c = 0; c < 3; c++) {
      // As Pillow rounds it: black minus the ink's part of it.
      rgb[3 * i + c] = (uint8_t)(black - over255((255u - cmyk[4 * i + c]) * black));
    }
  }
}

void codecs_drop_alpha(const uint8_t *with, uint8_t *without, size_t pixels, size_t channels) {
  for (size_t i = 0; i < pixels; i++) {
    for (size_t c = 0; c + 1 < channels; c++) {
      without[i * (channels - 1) + c] = with[i * channels + c];
    }
  }
}

void codecs_blend_alpha(
    const uint8_t *with, uint8_t *without, size_t pixels, size_t channels,
    const uint8_t *background) {
  for (size_t i = 0; i < pixels; i++) {
    unsigned alpha = with[i * channels + channels - 1];
    for (size_t c = 0; c + 1 < channels; c++) {
      unsigned value = with[i * channels + c];
      without[i * (channels - 1) + c] = over255(value * alpha + background[c] * (255 - alpha));
    }
  }
}

void codecs_interleave(const uint8_t *planes, uint8_t *values, size_t pixels, size_t channels) {
  for (size_t i = 0; i < pixels; i++) {
    for (size_t c = 0; c < channels; c++) values[i * channels + c] = planes[c * pixels + i];
  }
}

void codecs_histogram_channels(
    const uint8_t *values, size_t pixels, size_t channels, uint64_t *counts) {
  for (size_t i = 0; i < pixels; i++) {
    for (size_t c = 0; c < 3; c++) counts[256 * c + values[i * channels + (channels == 3 ? c : 0)]]++;
  }
}
