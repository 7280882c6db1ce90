/* Functions of sixteen numbers at a time, each within two units in the last place of the true value. Vectors go by
 * pointer: as arguments they would differ between the clones for several instruction sets. */
#pragma once
#include <math.h>
#include <string.h>

#include "Internal.h"

typedef double sk_d8 __attribute__((vector_size(64), aligned(8)));
typedef int64_t sk_l8 __attribute__((vector_size(64), aligned(8)));
typedef float sk_v8 __attribute__((vector_size(32), aligned(4)));

#define SK_CHOOSE(mask, yes, no) \
  ((sk_v16)(((sk_i16)(mask) & (sk_i16)(yes)) | (~(sk_i16)(mask) & (sk_i16)(no))))

/* e^x - 1 = 2^n (e^r - 1) + 2^n - 1 with r = x - n ln 2, |r| <= ln 2 / 2; bounds must hold: -30 <= x <= 89. */
SK_INLINE void sk_expm1_core(sk_v16 *y, const sk_v16 *in) {
  sk_v16 x = *in;
  sk_v16 t = x * 1.44269504f + 0x1.8p23f;
  sk_i16 n = (sk_i16)t - 0x4b400000;
  t -= 0x1.8p23f;
  sk_v16 r = (x - t * 0.693145752f) - t * 1.42860677e-6f;
  sk_v16 p = r * 1.98412698e-4f + 1.38888889e-3f;
  p = p * r + 8.33333333e-3f;
  p = p * r + 4.16666667e-2f;
  p = p * r + 1.66666667e-1f;
  p = p * r + 0.5f;
  p = p * r * r + r;
  sk_v16 half = (sk_v16)((n + 126) << 23); /* 2^(n-1) stays finite where the result does */
  *y = (p * half + (half - 0.5f)) * 2.0f;
}

SK_INLINE void sk_expm1(sk_v16 *y, const sk_v16 *in) {
  const sk_v16 zero = {0};
  sk_v16 x = *in, value;
  sk_v16 low = zero - 30.0f, high = zero + 89.0f;
  sk_v16 inside = SK_CHOOSE(x > low, SK_CHOOSE(x < high, x, high), low);
  sk_expm1_core(&value, &inside);
  *y = SK_CHOOSE((x != x) | (x == zero), x, value);
}

/* After Kahan and FreeBSD's s_log1pf.c: log(1 + x) = k ln 2 + log(1 + f) + c, c the rounding of 1 + x. */
SK_INLINE void sk_log1p(sk_v16 *y, const sk_v16 *in) {
  const sk_v16 zero = {0};
  sk_v16 x = *in;
  sk_v16 one = zero + 1.0f, u = one + x;
  sk_i16 bits = (sk_i16)u + (0x3f800000 - 0x3f3504f3);
  sk_i16 k = (bits >> 23) - 0x7f;
  sk_v16 c = SK_CHOOSE(k >= 2, one - (u - x), x - (u - one)) / u;
  c = SK_CHOOSE(k < 25, c, zero);
  sk_v16 f = (sk_v16)((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  sk_v16 s = f / (f + 2.0f), z = s * s, w = z * z;
  sk_v16 tail = z * (w * 0.284987867f + 0.666666627f) + w * (w * 0.242790788f + 0.400009722f);
  sk_v16 square = f * f * 0.5f, e = __builtin_convertvector(k, sk_v16);
  sk_v16 v = s * (square + tail) + (e * 9.05800061e-6f + c) - square + f + e * 0.693138123f;
  v = SK_CHOOSE(x == -one, zero - INFINITY, v);
  v = SK_CHOOSE(x < -one, zero + NAN, v);
  *y = SK_CHOOSE((x != x) | (x == zero + INFINITY) | (x == zero), x, v);
}

/* A minimax polynomial near 0, and 1 - e^p(|x|) beyond. */
SK_INLINE void sk_erf(sk_v16 *y, const sk_v16 *in) {
  const sk_v16 zero = {0};
  sk_v16 x = *in, size;
  sk_v16 t = (sk_v16)((sk_i16)x & 0x7fffffff), s = x * x;
  sk_v16 near = s * -5.96761703e-4f + 4.99119423e-3f;
  near = near * s - 2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s - 3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  sk_v16 far = SK_CHOOSE(t < zero + 4.5f, t, zero + 4.5f), q = far * far;
  sk_v16 p = (far * -1.72853470e-5f + 3.83197126e-4f) * q + (far * -3.88396438e-3f + 2.42546219e-2f);
  p = p * far - 1.06777877e-1f;
  p = p * far - 6.34846687e-1f;
  p = p * far - 1.28717512e-1f;
  p = p * far - far;
  sk_expm1_core(&size, &p);
  size = (sk_v16)((sk_i16)-size | ((sk_i16)x & (int32_t)0x80000000));
  size = SK_CHOOSE(t > zero + 0.927734375f, size, near);
  *y = SK_CHOOSE(x != x, x, size);
}

/* sin(x + quarter * pi/2), quarter 0 or 1, of eight numbers below 2^28: r = x - n pi/2 in double precision. */
SK_INLINE void sk_sine_core(sk_v8 *y, const sk_v8 *in, int64_t quarter) {
  const sk_d8 zero = {0};
  sk_d8 wide = __builtin_convertvector(*in, sk_d8);
  sk_d8 t = wide * 0.63661977236758134 + 0x1.8p52;
  sk_l8 n = (sk_l8)t + quarter;
  t -= 0x1.8p52;
  sk_d8 r = (wide - t * 1.57079631090164184570) - t * 1.58932547735281966916e-8;
  sk_d8 z = r * r, w = z * z, cube = z * r;
  sk_d8 sine = r + cube * (z * 0x1.11110896efbb2p-7 - 0x1.5555554cbac77p-3) +
               cube * w * (z * 0x1.6cd878c3b46a7p-19 - 0x1.a00f9e2cae774p-13);
  sk_d8 cosine = (zero + 1.0) - z * 0x1.ffffffd0c5e81p-2 + w * 0x1.55553e1053a42p-5 +
                 w * z * (z * 0x1.99342e0ee5069p-16 - 0x1.6c087e80f1e27p-10);
  sk_l8 odd = -(n & 1), sign = (n & 2) << 62;
  sk_l8 chosen = ((odd & (sk_l8)cosine) | (~odd & (sk_l8)sine)) ^ sign;
  *y = __builtin_convertvector((sk_d8)chosen, sk_v8);
}

/* Sines, or cosines for quarter 1; the C library reduces arguments that are huge, infinite or NaN. */
SK_INLINE void sk_sine(float *y, const float *x, int64_t quarter) {
  float reduced[16], known[16];
  int wide = 0;
  for (int j = 0; j < 16; j++) {
    int isSmall = x[j] > -0x1p28f && x[j] < 0x1p28f;
    wide |= !isSmall;
    known[j] = x[j];
    reduced[j] = isSmall ? x[j] : 0;
  }
  for (int j = 0; j < 16; j += 8) {
    sk_v8 part;
    memcpy(&part, reduced + j, sizeof part);
    sk_sine_core(&part, &part, quarter);
    memcpy(y + j, &part, sizeof part);
  }
  if (!wide) return;
  for (int j = 0; j < 16; j++)
    if (!(known[j] > -0x1p28f && known[j] < 0x1p28f)) y[j] = quarter ? cosf(known[j]) : sinf(known[j]);
}

/* What is left of a quotient rounded down. */
SK_INLINE float sk_remainder(float a, float b) {
  float rest = fmodf(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/* Truncated towards zero and saturated; NaN gives 0. */
SK_INLINE void sk_to_integer(sk_v16 *y, const sk_v16 *in) {
  const sk_v16 zero = {0};
  sk_v16 x = *in;
  sk_v16 low = zero - 0x1p31f, high = zero + 2147483520.0f; /* the greatest float below 2^31 */
  sk_v16 inside = SK_CHOOSE(x > low, SK_CHOOSE(x < high, x, high), low);
  sk_i16 whole = __builtin_convertvector(SK_CHOOSE(x == x, inside, zero), sk_i16);
  *y = SK_CHOOSE(x >= zero + 0x1p31f, (sk_i16){0} + INT32_MAX, whole);
}

SK_INLINE int32_t sk_integer_divide(int32_t a, int32_t b) {
  return b == 0 ? 0 : b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
}

SK_INLINE int32_t sk_integer_remainder(int32_t a, int32_t b) {
  int32_t rest = b == 0 || b == -1 ? 0 : a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

SK_INLINE int32_t sk_integer_power(int32_t a, int32_t b) {
  double y = pow(a, b);
  return y != y ? 0 : y >= 2147483647.0 ? INT32_MAX : y <= -2147483648.0 ? INT32_MIN : (int32_t)y;
}
