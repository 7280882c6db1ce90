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
