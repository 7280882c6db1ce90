#include "Functions.h"

enum { BLOCK = 256, VECTORS = BLOCK / 16 };

/* Fills a register with n elements of an operand from flat position `at`. */
static void load(const sk_operand *o, float *r, int64_t at, int64_t n) {
  if (o->follow == SK_CHANNEL) {
    const float *p = o->data;
    for (int64_t j = 0; j < n;) {
      int64_t i = at + j, block = o->block, lane = i % block;
      int64_t first = (i / o->inner) % o->outer * block;
      if (block == 1 && o->inner == 1) { /* a row that repeats */
        int64_t run = o->outer - first < n - j ? o->outer - first : n - j;
        memcpy(r + j, p + first, (size_t)run * 4);
        j += run;
      } else if (block == 1) { /* one channel until the end of its plane */
        int64_t run = o->inner - i % o->inner;
        if (run > n - j) run = n - j;
        float value = p[first];
        for (int64_t k = 0; k < run; k++) r[j + k] = value;
        j += run;
      } else {
        for (; lane < block && j < n; lane++, j++)
          r[j] = first + lane < o->channels ? p[first + lane] : 0;
      }
    }
    return;
  }
  if (o->type != SK_U8) {
    memcpy(r, (const float *)o->data + at, (size_t)n * 4);
    return;
  }
  for (int64_t j = 0; j < n; j++) r[j] = (float)((const uint8_t *)o->data)[at + j];
}

static void store(const sk_operand *o, const float *r, int64_t at, int64_t n) {
  if (o->type != SK_U8) {
    memcpy((float *)o->data + at, r, (size_t)n * 4);
    return;
  }
  for (int64_t j = 0; j < n; j++) ((uint8_t *)o->data)[at + j] = (uint8_t)r[j];
}

static float scalar(const sk_operand *o) {
  return o->type == SK_U8 ? (float)*(const uint8_t *)o->data : *(const float *)o->data;
}

#define EACH(expression) \
  for (int v = 0; v < VECTORS; v++) { \
    sk_v16 a = A[v], b = B[v]; \
    (void)a, (void)b; \
    R[v] = (expression); \
  } \
  break
#define CHOOSE SK_CHOOSE
#define ONE ((sk_v16){0} + 1.0f)
#define EACH_SCALAR(expression) \
  for (int j = 0; j < BLOCK; j++) { \
    float x = ((const float *)A)[j], y = ((const float *)B)[j]; \
    (void)x, (void)y; \
    ((float *)R)[j] = (expression); \
  } \
  break
#define EACH_INTEGER(expression) \
  for (int j = 0; j < BLOCK; j++) { \
    int32_t x = ((const int32_t *)A)[j], y = ((const int32_t *)B)[j]; \
    ((int32_t *)R)[j] = (expression); \
  } \
  break
#define EACH_CALL(function) \
  for (int v = 0; v < VECTORS; v++) function(R + v, A + v); \
  break
#define EACH_SINE(quarter) \
  for (int j = 0; j < BLOCK; j += 16) sk_sine((float *)R + j, (const float *)A + j, quarter); \
  break

/* One instruction over whole registers. */
SK_CLONES static void apply(int op, sk_v16 *R, const sk_v16 *A, const sk_v16 *B, const sk_v16 *C) {
  const sk_v16 zero = {0};
  switch (op) {
  case SK_NEGATE: EACH(-a);
  case SK_ABS: EACH((sk_v16)((sk_i16)a & 0x7fffffff));
  case SK_SIGN: EACH(CHOOSE(a > zero, ONE, CHOOSE(a < zero, -ONE, a)));
  case SK_EXP: EACH_SCALAR(expf(x));
  case SK_LOG: EACH_SCALAR(logf(x));
  case SK_SQRT: EACH(SK_ROOT(a));
  case SK_RSQRT: EACH(ONE / SK_ROOT(a));
  case SK_RECIPROCAL: EACH(ONE / a);
  case SK_SQUARE: EACH(a * a);
  case SK_TANH: EACH_SCALAR(tanhf(x));
  case SK_SIGMOID: EACH_SCALAR(1.0f / (1.0f + expf(-x)));
  case SK_RELU: EACH(CHOOSE(a <= zero, zero, a)); /* NaN stays */
  case SK_FLOOR: EACH_SCALAR(floorf(x));
  case SK_CEIL: EACH_SCALAR(ceilf(x));
  case SK_ROUND: EACH_SCALAR(rintf(x));
  case SK_ERF: EACH_CALL(sk_erf);
  case SK_SIN: EACH_SINE(0);
  case SK_COS: EACH_SINE(1);
  case SK_LOG1P: EACH_CALL(sk_log1p);
  case SK_EXPM1: EACH_CALL(sk_expm1);
  case SK_NOT_ZERO: EACH(CHOOSE(a != zero, ONE, zero));
  case SK_ADD: EACH(a + b);
  case SK_SUBTRACT: EACH(a - b);
  case SK_MULTIPLY: EACH(a * b);
  case SK_DIVIDE: EACH(a / b);
  case SK_MAXIMUM: EACH(CHOOSE((a > b) | (a != a), a, b));
  case SK_MINIMUM: EACH(CHOOSE((a < b) | (a != a), a, b));
  case SK_POWER: EACH_SCALAR(powf(x, y));
  case SK_REMAINDER: EACH_SCALAR(sk_remainder(x, y));
  case SK_GATE: EACH((sk_v16)((sk_i16)(a > zero) & (sk_i16)b));
  case SK_LESS: EACH(CHOOSE(a < b, ONE, zero));
  case SK_EQUAL: EACH(CHOOSE(a == b, ONE, zero));
  case SK_GREATER: EACH(CHOOSE(a > b, ONE, zero));
  case SK_FROM_INTEGER: EACH(__builtin_convertvector((sk_i16)a, sk_v16));
  case SK_TO_INTEGER: EACH_CALL(sk_to_integer);
  case SK_TO_BYTE: EACH_SCALAR(x > 0 ? (x < 255 ? truncf(x) : 255) : 0);
  case SK_INTEGER_NOT_ZERO: EACH(CHOOSE((sk_i16)a != 0, ONE, zero));
  case SK_INTEGER_ADD: EACH((sk_v16)((sk_u16)a + (sk_u16)b));
  case SK_INTEGER_SUBTRACT: EACH((sk_v16)((sk_u16)a - (sk_u16)b));
  case SK_INTEGER_MULTIPLY: EACH((sk_v16)((sk_u16)a * (sk_u16)b));
  case SK_INTEGER_DIVIDE: EACH_INTEGER(sk_integer_divide(x, y));
  case SK_INTEGER_REMAINDER: EACH_INTEGER(sk_integer_remainder(x, y));
  case SK_INTEGER_POWER: EACH_INTEGER(sk_integer_power(x, y));
  case SK_INTEGER_MAXIMUM: EACH(CHOOSE((sk_i16)a > (sk_i16)b, a, b));
  case SK_INTEGER_MINIMUM: EACH(CHOOSE((sk_i16)a < (sk_i16)b, a, b));
  case SK_INTEGER_GATE: EACH((sk_v16)(((sk_i16)a > 0) & (sk_i16)b));
  case SK_INTEGER_LESS: EACH(CHOOSE((sk_i16)a < (sk_i16)b, ONE, zero));
  case SK_INTEGER_EQUAL: EACH(CHOOSE((sk_i16)a == (sk_i16)b, ONE, zero));
  case SK_INTEGER_GREATER: EACH(CHOOSE((sk_i16)a > (sk_i16)b, ONE, zero));
  case SK_SELECT:
    for (int v = 0; v < VECTORS; v++) R[v] = CHOOSE(A[v] != zero, B[v], C[v]);
    break;
  }
}

void sk_run_pointwise(const void *kernel, int thread, int threads) {
  const sk_pointwise *k = kernel;
  float registers[SK_MAX_REGISTERS][BLOCK] __attribute__((aligned(64)));
  const float *view[SK_MAX_REGISTERS]; /* where a register's value lies: its own memory or an operand's */
  memset(registers, 0, sizeof(float) * BLOCK * (size_t)k->registers);
  for (int r = 0; r < k->registers; r++) view[r] = registers[r];
  for (int i = 0; i < k->inputs; i++) {
    const sk_operand *o = &k->input[i];
    if (o->follow != SK_SCALAR) continue;
    float value = scalar(o);
    for (int j = 0; j < BLOCK; j++) registers[o->reg][j] = value;
  }
  sk_range share = sk_share(k->count, BLOCK, thread, threads);
  for (int64_t at = share.begin; at < share.end; at += BLOCK) {
    int64_t n = share.end - at < BLOCK ? share.end - at : BLOCK;
    for (int i = 0; i < k->inputs; i++) {
      const sk_operand *o = &k->input[i];
      if (o->follow == SK_SCALAR) continue;
      if (o->follow == SK_DENSE && o->type != SK_U8 && n == BLOCK) {
        view[o->reg] = (const float *)o->data + at;
      } else {
        load(o, registers[o->reg], at, n);
        view[o->reg] = registers[o->reg];
      }
    }
    for (int i = 0; i < k->instructions; i++) {
      const sk_instruction *c = &k->code[i];
      apply(c->op, (sk_v16 *)registers[c->result], (const sk_v16 *)view[c->a],
            (const sk_v16 *)view[c->b], (const sk_v16 *)view[c->c]);
      view[c->result] = registers[c->result];
    }
    /* Stores come last: an output may lie where an input lay. */
    for (int i = 0; i < k->outputs; i++) store(&k->output[i], view[k->output[i].reg], at, n);
  }
}
