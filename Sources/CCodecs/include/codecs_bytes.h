#pragma once

#include <stddef.h>
#include <stdint.h>

/// Byte loops of the data path, in C so that a debug build does not slow them.

/// Writes `table[bytes[i]]` to `values[i]`; the table has 256 entries.
void codecs_lookup_u8(const uint8_t *bytes, const float *table, float *values, size_t count);

/// Adds to `counts[v]` the number of bytes of value v; there are 256 counts.
void codecs_histogram_u8(const uint8_t *bytes, size_t count, uint64_t *counts);

/// Widens IEEE 754 half-precision values to single precision, exactly.
void codecs_widen_f16(const uint16_t *halves, float *values, size_t count);

/// Widens bfloat16 values to single precision, exactly.
void codecs_widen_bf16(const uint16_t *halves, float *values, size_t count);

/// Sets every byte that is not zero to 1, so that it can be read as a boolean.
void codecs_normalize_bool(uint8_t *bytes, size_t count);

/// Pixels of cyan, magenta, yellow and black, all inverted as Adobe writes them, to red, green and blue:
/// each colour times black over 255, rounded.
void codecs_inverted_cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t pixels);

/// Leaves the last of `channels` (2 or 4) values of each pixel out; may work in place.
void codecs_drop_alpha(const uint8_t *with, uint8_t *without, size_t pixels, size_t channels);

/// Blends each pixel over a background of `channels - 1` values by its last value: rounded
/// `(colour * alpha + background * (255 - alpha)) / 255`; may work in place.
void codecs_blend_alpha(
    const uint8_t *with, uint8_t *without, size_t pixels, size_t channels,
    const uint8_t *background);

/// Places planes of values side by side: `values[pixel * channels + c] = planes[c * pixels + pixel]`.
void codecs_interleave(const uint8_t *planes, uint8_t *values, size_t pixels, size_t channels);

/// Adds each value of pixels of 1 or 3 channels to its channel's 256 counts; grey counts for all three.
void codecs_histogram_channels(
    const uint8_t *values, size_t pixels, size_t channels, uint64_t *counts);
