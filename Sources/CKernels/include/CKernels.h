/* Striate's own hot loops. Each kernel is a plain struct of pointers and extents and a body that does one
 * thread's share of it; bodies never allocate. Loops are written on vectors of 16 floats, so that they stay fast
 * in unoptimised builds too, and are compiled for several instruction sets. Each has its Swift reference in
 * the interpreter. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SK_MAX_RANK 12 /* as many as oneDNN */
#define SK_MAX_OPERANDS 24
#define SK_MAX_REGISTERS 32

/* The memory of one element; a boolean is a byte, 0 or 1. */
enum { SK_F32 = 0, SK_I32 = 1, SK_U8 = 2 };

/* Pointwise: a program over registers of 256 elements. */
enum {
  SK_NEGATE, SK_ABS, SK_SIGN, SK_EXP, SK_LOG, SK_SQRT, SK_RSQRT, SK_RECIPROCAL, SK_SQUARE, SK_TANH,
  SK_SIGMOID, SK_RELU, SK_FLOOR, SK_CEIL, SK_ROUND, SK_ERF, SK_SIN, SK_COS, SK_LOG1P, SK_EXPM1,
  SK_NOT_ZERO,
  SK_ADD, SK_SUBTRACT, SK_MULTIPLY, SK_DIVIDE, SK_MAXIMUM, SK_MINIMUM, SK_POWER, SK_GATE,
  SK_REMAINDER,
  SK_LESS, SK_EQUAL, SK_GREATER, SK_SELECT,
  /* on 32-bit integers, whose bits a register holds unchanged */
  SK_FROM_INTEGER, SK_TO_INTEGER, SK_TO_BYTE, SK_INTEGER_NOT_ZERO, SK_INTEGER_ADD,
  SK_INTEGER_SUBTRACT, SK_INTEGER_MULTIPLY, SK_INTEGER_DIVIDE, SK_INTEGER_REMAINDER, SK_INTEGER_POWER,
  SK_INTEGER_MAXIMUM, SK_INTEGER_MINIMUM, SK_INTEGER_GATE, SK_INTEGER_LESS, SK_INTEGER_EQUAL, SK_INTEGER_GREATER
};
typedef struct { uint8_t op, result, a, b, c; } sk_instruction;

/* How an operand's elements follow the flat position. */
enum {
  SK_DENSE = 0,  /* element i */
  SK_SCALAR = 1, /* one element for all */
  SK_CHANNEL = 2 /* one element a channel: see inner, outer, block */
};
typedef struct {
  void *data;
  int32_t type;   /* SK_F32 … */
  int32_t follow; /* SK_DENSE … */
  int32_t reg;    /* the register that holds it */
  int32_t block;  /* channels that lie side by side in memory */
  int64_t inner;  /* elements of one block of channels: block × positions */
  int64_t outer;  /* blocks of channels */
  int64_t channels;
} sk_operand;
typedef struct {
  int64_t count;
  int32_t inputs, outputs, instructions, registers;
  const sk_operand *input, *output;
  const sk_instruction *code;
} sk_pointwise;
void sk_run_pointwise(const void *kernel, int thread, int threads);

/* Copies elements between strided arrays: transpose, slice, broadcast (source stride 0), pad, concat. */
typedef struct {
  const void *source;
  void *target;
  int32_t rank, size; /* bytes an element: 1, 4 or 8 */
  int64_t extent[SK_MAX_RANK], from[SK_MAX_RANK], to[SK_MAX_RANK];
} sk_copy;
void sk_run_copy(const void *kernel, int thread, int threads);

/* Sets every element of 1, 4 or 8 bytes. */
typedef struct { void *target; int64_t count; uint64_t bits; int32_t size; } sk_fill;
void sk_run_fill(const void *kernel, int thread, int threads);

/* Reductions: kept axes index the result, reduced ones are summed over; strides in elements. */
enum { SK_SUM = 0, SK_MAX = 1, SK_MIN = 2, SK_PRODUCT = 3 };
typedef struct {
  const void *source;
  void *target; /* of floats, or of 32-bit integers or booleans for sk_run_reduce_integer */
  int32_t kind, kept, reduced, type;
  float scale; /* the result is multiplied by it: 1/n for means */
  int64_t kept_extent[SK_MAX_RANK], kept_stride[SK_MAX_RANK];
  int64_t reduced_extent[SK_MAX_RANK], reduced_stride[SK_MAX_RANK];
} sk_reduce;
void sk_run_reduce(const void *kernel, int thread, int threads);
void sk_run_reduce_integer(const void *kernel, int thread, int threads);

/* The first greatest, or least, element of rows of `extent` elements `inner` apart. */
typedef struct {
  const float *source;
  int32_t *target;
  int64_t outer, extent, inner;
  int32_t least;
} sk_argmax;
void sk_run_argmax(const void *kernel, int thread, int threads);

/* Cross-entropy of rows against labels, and its gradient. */
typedef struct {
  const float *logits;
  const int32_t *labels;
  const float *d_loss; /* gradient only */
  float *result;       /* [rows], or [rows, classes] for the gradient */
  int64_t rows, classes;
  float smoothing;
  int32_t ignores, ignored; /* whether one label counts for nothing, and which */
} sk_cross_entropy;
void sk_run_cross_entropy(const void *kernel, int thread, int threads);
void sk_run_cross_entropy_backward(const void *kernel, int thread, int threads);

/* Random numbers from Philox 4x32-10; key is [seed, step]. */
typedef struct { const int64_t *key; float *target; int64_t count; uint64_t stream; int32_t normal; } sk_random;
void sk_run_random(const void *kernel, int thread, int threads);

/* Arithmetic on 64-bit counters. */
typedef struct {
  const int64_t *a, *b;
  const uint8_t *condition; /* SK_SELECT: a where it is not 0, else b */
  int64_t *target;
  int64_t count;
  int32_t op;
} sk_integer;
void sk_run_integer(const void *kernel, int thread, int threads);

/* Copies bytes. */
typedef struct { const void *source; void *target; int64_t bytes; } sk_move;
void sk_run_move(const void *kernel, int thread, int threads);

/* Sums along an axis of floats or 32-bit integers [outer, extent, inner]. */
typedef struct {
  const void *source;
  void *target;
  int64_t outer, extent, inner;
  int32_t reversed, type;
} sk_scan;
void sk_run_scan(const void *kernel, int thread, int threads);

/* Rows by index: [outer, extent, inner] and indices [count] give [outer, count, inner], or back, added up. */
typedef struct {
  const void *source;
  const int32_t *indices;
  void *target;
  int64_t outer, extent, inner, count;
  int32_t size, type; /* bytes an element, for gathering; SK_F32 or SK_I32, for adding */
  uint64_t missing;   /* the bits where an index is out of range */
} sk_index;
void sk_run_gather(const void *kernel, int thread, int threads);
void sk_run_scatter_add(const void *kernel, int thread, int threads);
/* Elements by index along an axis: [outer, extent, inner] and indices [outer, count, inner]. */
void sk_run_gather_along(const void *kernel, int thread, int threads);
void sk_run_scatter_add_along(const void *kernel, int thread, int threads);

/* The first k of lines [outer, extent, inner] in order, with their positions. */
typedef struct {
  const float *source;
  float *values;
  int32_t *indices;
  int64_t outer, extent, inner, k;
  int32_t least;
} sk_top_k;
void sk_run_top_k(const void *kernel, int thread, int threads);

/* Floats [outer, channels, inner] as bytes and back; one channel where all share a scale. */
typedef struct {
  const void *source;
  void *target;
  const double *scale;
  const int32_t *zero;
  int64_t outer, channels, inner;
  int32_t low, high, is_signed;
} sk_quantize;
void sk_run_quantize(const void *kernel, int thread, int threads);
void sk_run_dequantize(const void *kernel, int thread, int threads);
/* Numbers that scale and shift: element `i` of a tensor by number `i / inner mod count`. */
typedef struct {
  const float *scale, *shift; /* shift may be null */
  int64_t inner, count;
  int32_t relu;
} sk_affine;
/* Zero mean and unit variance of rows of `extent` neighbours, and the gradient of that. With a scale, z is the
 * scaled result, and y may be null; a row is then whole pieces of `inner` elements, or part of `count`. */
typedef struct {
  const float *x;
  float *y, *mean, *rstd;
  int64_t rows, extent;
  float epsilon;
  sk_affine affine;
  float *z;
} sk_standardize;
typedef struct {
  const float *y, *rstd, *dy;
  float *dx;
  int64_t rows, extent;
} sk_standardize_backward;
/* The gradient of rows that were scaled and shifted, and of the numbers; `scales` and `shifts` hold `parts` sums
 * of each, which `sk_run_affine_sums` adds up: one a thread, or where inner > 1 one for every turn of them. */
typedef struct {
  sk_standardize_backward rows;
  const float *scale;
  float *scales, *shifts, *dscale, *dshift; /* the last two may be null */
  int64_t inner, count, parts;
} sk_affine_backward;
void sk_run_affine_backward(const void *kernel, int thread, int threads);
void sk_run_affine_sums(const void *kernel, int thread, int threads);
void sk_run_standardize(const void *kernel, int thread, int threads);
void sk_run_standardize_backward(const void *kernel, int thread, int threads);

/* Local response normalisation across channels of planes; the gradient where dy is given. */
enum { SK_LOCAL_WIDTH = 64 };
typedef struct {
  const float *x;
  const float *dy; /* gradient only */
  float *y;        /* or dx */
  float *scratch;  /* gradient only: channels × SK_LOCAL_WIDTH a thread */
  int64_t images, channels, plane, window;
  float alpha; /* already divided by the window */
  float beta, k;
} sk_local_response;
void sk_run_local_response(const void *kernel, int thread, int threads);

/* A linear map along one axis: y[o] is the sum of counts[o] ≤ taps weighted elements from starts[o] on; all
 * `taps` elements from a start on exist, and weights beyond the count are zero. */
typedef struct {
  const float *x;
  float *y;
  const int32_t *starts, *counts;
  const float *weights; /* [output, taps] */
  int64_t outer, input, output, inner;
  int32_t taps;
} sk_resample;
void sk_run_resample(const void *kernel, int thread, int threads);

/* The greatest element of windows over planes of three axes, and its place in the plane: window `i` of an axis
 * covers counts[i] elements from starts[i] on, `step` apart. Where windows slide along the last axis, they are those of
 * `window` elements that begin at i · stride - low, less what lies outside; else stride is 0. */
typedef struct {
  const float *x;
  float *y;
  int32_t *indices;
  const int32_t *starts[3], *counts[3];
  int64_t planes, input[3], output[3], step[3];
  int64_t window, stride, low;
} sk_max_pool;
void sk_run_max_pool(const void *kernel, int thread, int threads);

/* Puts pooled values back where they lay, zeros elsewhere; or gathers them from there. */
typedef struct {
  float *x, *y;
  const int32_t *indices;
  int64_t planes, whole, pooled;
  int32_t gathers;
} sk_max_unpool;
void sk_run_max_unpool(const void *kernel, int thread, int threads);

/* A convolution of images [images, groups × inputs, …] of three axes with filters [groups × outputs, inputs, …],
 * and its two gradients: the operand that is asked for is written, the other two are read. */
typedef struct {
  float *x, *w, *y;
  float *bias;    /* added, or summed up beside the filter's gradient; may be null */
  float *scratch; /* as many floats as sk_thin_scratch says */
  int64_t scratch_size; /* a thread's share of them: sk_prepare_thin sets it */
  int64_t images, groups, inputs, outputs; /* channels of one group */
  int64_t input[3], output[3], kernel[3], stride[3], dilation[3], low[3];
  int32_t relu;         /* forward only */
  int32_t threads;
  int32_t lanes;        /* whether lanes are images: sk_prepare_thin sets it */
  int32_t meeting[2];   /* zero: where threads wait for each other */
} sk_thin_convolution;
enum { SK_THIN_FORWARD, SK_THIN_INPUT, SK_THIN_FILTER };
void sk_prepare_thin(sk_thin_convolution *kernel, int direction);
int64_t sk_thin_scratch(const sk_thin_convolution *kernel, int direction);
void sk_run_thin_convolution(const void *kernel, int thread, int threads);
void sk_run_thin_input_gradient(const void *kernel, int thread, int threads);
void sk_run_thin_filter_gradient(const void *kernel, int thread, int threads);

/* A 3x3 or 5x5 convolution of stride 1 by Winograd's minimal filtering. All arrays lie in blocks of 16 channels,
 * [image][channel / 16][row][column][16], filters [output / 16][input / 16][taps][taps][16 inputs][16 outputs]; lanes
 * beyond the last channel are zero, and are written so. An input gradient is the same with `turned`: x is then the
 * gradient of results, `inputs` are the convolution's outputs, and low the filter's reach less the padding. */
typedef struct {
  float *x, *w, *y;
  float *filter;           /* w transformed beforehand, or none */
  const float *bias, *sum; /* one a channel; lies as y does; none of either: null */
  float *dbias;            /* the filter gradient's other result, or none */
  float *scratch;          /* as many floats as the kernel's scratch function says */
  int64_t images, inputs, outputs;
  int64_t input[2], output[2], low[2];
  int64_t block;         /* tiles that are transformed together */
  int32_t tile;          /* 2 or 4 results a side */
  int32_t taps;          /* a side: 3, or 5 with tiles of 2 */
  int32_t turned, relu;
  float high;            /* with relu: no result is greater */
  int32_t shared;        /* threads divide channels, or tiles */
  int32_t meeting[2];    /* zero: where threads wait for each other */
} sk_winograd;
/* Floats of the transformed filter, and of scratch space. */
int64_t sk_winograd_filter_size(const sk_winograd *kernel);
int64_t sk_winograd_scratch_size(const sk_winograd *kernel, int threads);
int64_t sk_winograd_gradient_scratch_size(const sk_winograd *kernel, int threads);
void sk_run_winograd_filter(const void *kernel, int thread, int threads);
void sk_run_winograd(const void *kernel, int thread, int threads);
void sk_run_winograd_filter_gradient(const void *kernel, int thread, int threads);
/* Whether this machine runs the Winograd kernels: on x86-64 they are compiled for AVX-512 alone. */
int sk_has_wide_vectors(void);

/* Batch norm with the batch's statistics, of images in blocks of 16 channels: [image][block][position][16], with a
 * sum and ReLU after it; and its gradient. Lanes beyond the last channel are zero, and are written so. Either one
 * step does it, each thread whole blocks, or two, threads dividing the images: sums, then the rest. */
typedef struct {
  const float *x, *scale, *shift;
  const float *residual; /* added before ReLU, or none */
  float *y;              /* the result; in the gradient what its sign gates, or none: then with relu, (x)'s image */
  float *mean, *variance;
  const float *dy, *more; /* the result's gradient, in two parts if the second is there */
  float *dsum;            /* their sum through ReLU, if it is wanted */
  float *dx, *dscale, *dshift;
  void *partial; /* `parts` sums for every block, or none */
  int64_t images, blocks, positions, channels, parts;
  float epsilon;
  int32_t relu;
  int32_t streams; /* whether results are written past the caches; all arrays then lie at multiples of 64 bytes */
} sk_batch_norm;
/* Bytes of partial sums. */
int64_t sk_batch_norm_partial_size(int64_t blocks, int64_t parts);
void sk_run_batch_norm(const void *kernel, int thread, int threads);
void sk_run_batch_norm_sums(const void *kernel, int thread, int threads);
void sk_run_batch_norm_rest(const void *kernel, int thread, int threads);
void sk_run_batch_norm_again(const void *kernel, int thread, int threads); /* y once more, from known statistics */
void sk_run_batch_norm_gradient(const void *kernel, int thread, int threads);
void sk_run_batch_norm_gradient_sums(const void *kernel, int thread, int threads);
void sk_run_batch_norm_gradient_rest(const void *kernel, int thread, int threads);
