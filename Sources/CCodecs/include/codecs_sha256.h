#pragma once

#include <stddef.h>
#include <stdint.h>

/// Folds whole 64-byte blocks into a SHA-256 state (FIPS 180-4, section 6.2.2).
void codecs_sha256_blocks(uint32_t *state, const uint8_t *bytes, size_t blocks);
