#pragma once

#include <stddef.h>
#include <stdint.h>

/// The running CRC-32C (Castagnoli; RFC 3720, appendix B.4) of bytes, 0 to begin with.
uint32_t codecs_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);
