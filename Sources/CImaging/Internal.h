/* Shared by the loops: instruction-set clones and small vectors. */
#pragma once
#include "include/CImaging.h"

#if defined(__x86_64__) && defined(__linux__)
#define SI_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SI_CLONES
#endif
#define SI_INLINE static inline __attribute__((always_inline))

/* A fused multiply-add would give other bytes where it exists. */
#pragma STDC FP_CONTRACT OFF

typedef int32_t si_i4 __attribute__((vector_size(16)));
typedef uint8_t si_b4 __attribute__((vector_size(4)));
typedef int32_t si_i16 __attribute__((vector_size(64), aligned(4)));
typedef uint8_t si_b16 __attribute__((vector_size(16), aligned(1)));

SI_INLINE uint8_t si_byte(int32_t value) {
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}
