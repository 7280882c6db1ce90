/* Shared by the kernels: vectors, instruction-set clones and one thread's share of a range. */
#pragma once
#include "include/CKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#define SK_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SK_CLONES
#endif
#define SK_INLINE static inline __attribute__((always_inline))

typedef float sk_v16 __attribute__((vector_size(64), aligned(4)));
typedef uint32_t sk_u16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t sk_i16 __attribute__((vector_size(64), aligned(4)));

/* The square roots of a vector; a function by itself is not made of vector instructions, as it may set errno. */
#define SK_ROOT(v) __builtin_elementwise_sqrt(v)

/* The part of 0..<count that falls to a thread, in multiples of `unit`. */
typedef struct { int64_t begin, end; } sk_range;
SK_INLINE sk_range sk_share(int64_t count, int64_t unit, int thread, int threads) {
  int64_t units = (count + unit - 1) / unit;
  int64_t begin = units * thread / threads * unit, end = units * (thread + 1) / threads * unit;
  return (sk_range){begin < count ? begin : count, end < count ? end : count};
}
