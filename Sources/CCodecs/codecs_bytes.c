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
