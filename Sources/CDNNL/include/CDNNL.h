/* oneDNN's C API (3.2 or later), found at run time.
 *
 * Our own declarations of the functions that Striate calls: no header of the library is needed to build. Every
 * dn_* function forwards to the dnnl_* function of the loaded library; calling one before dn_load succeeded
 * is an error of ours. Handles are opaque. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DN_MAX_RANK 12

typedef struct dn_engine_s *dn_engine;
typedef struct dn_stream_s *dn_stream;
typedef struct dn_md_s *dn_md; /* memory descriptor */
typedef struct dn_memory_s *dn_memory;
typedef struct dn_pd_s *dn_pd; /* primitive descriptor */
typedef struct dn_primitive_s *dn_primitive;
typedef struct dn_attr_s *dn_attr;
typedef struct dn_post_ops_s *dn_post_ops;
typedef struct { int major, minor, patch; const char *hash; unsigned cpu_runtime, gpu_runtime; } dn_version_t;
typedef struct { int arg; dn_memory memory; } dn_exec_arg;

/* Values of oneDNN's enumerations; only those that are used. */
enum { DN_F32 = 3, DN_S32 = 4, DN_S8 = 5, DN_U8 = 6 };
enum { DN_TAG_ANY = 1, DN_TAG_ABCD16B = 78, DN_TAG_ABCD8B = 102 };
enum { DN_FORWARD_TRAINING = 64, DN_FORWARD_INFERENCE = 96, DN_BACKWARD = 128 };
enum { DN_CONVOLUTION_DIRECT = 0x1 };
enum { DN_ELTWISE_RELU = 0x20, DN_ELTWISE_TANH, DN_ELTWISE_ELU, DN_ELTWISE_SQUARE, DN_ELTWISE_ABS,
  DN_ELTWISE_SQRT, DN_ELTWISE_LINEAR, DN_ELTWISE_SOFT_RELU, DN_ELTWISE_HARDSIGMOID,
  DN_ELTWISE_LOGISTIC, DN_ELTWISE_EXP, DN_ELTWISE_GELU_TANH, DN_ELTWISE_SWISH, DN_ELTWISE_LOG,
  DN_ELTWISE_CLIP };
enum { DN_POOLING_MAX = 0x1ff, DN_POOLING_AVG_INCLUDE = 0x2ff, DN_POOLING_AVG_EXCLUDE = 0x3ff };
enum { DN_BINARY_ADD = 0x1fff0, DN_BINARY_MUL = 0x1fff1 };
enum { DN_SOFTMAX_ACCURATE = 0x30000, DN_SOFTMAX_LOG = 0x30001 };
enum { DN_NORM_SCALE = 2, DN_NORM_SHIFT = 4, DN_NORM_RELU = 8 };
enum { DN_QUERY_IMPL = 8, DN_QUERY_SRC = 0x81, DN_QUERY_DIFF_SRC = 0x82, DN_QUERY_WEIGHTS = 0x83,
  DN_QUERY_DIFF_WEIGHTS = 0x84, DN_QUERY_DST = 0x85, DN_QUERY_DIFF_DST = 0x86,
  DN_QUERY_WORKSPACE = 0x87, DN_QUERY_SCRATCHPAD = 0x88,
  DN_QUERY_STRIDES = 0xe, DN_QUERY_NDIMS = 0x100, DN_QUERY_DIMS = 0x101, DN_QUERY_PADDED_DIMS = 0x104,
  DN_QUERY_FORMAT_KIND = 0x106, DN_QUERY_INNER_NBLKS = 0x107, DN_QUERY_INNER_BLKS = 0x108,
  DN_QUERY_INNER_IDXS = 0x109 };
enum { DN_ARG_SRC = 1, DN_ARG_SRC_1 = 2, DN_ARG_DST = 17, DN_ARG_WEIGHTS = 33, DN_ARG_BIAS = 41,
  DN_ARG_MEAN = 49, DN_ARG_VARIANCE = 50, DN_ARG_SCALE = 51, DN_ARG_SHIFT = 52,
  DN_ARG_WORKSPACE = 64, DN_ARG_SCRATCHPAD = 80, DN_ARG_DIFF_SRC = 129, DN_ARG_DIFF_DST = 145,
  DN_ARG_DIFF_WEIGHTS = 161, DN_ARG_DIFF_BIAS = 169, DN_ARG_DIFF_SCALE = 255,
  DN_ARG_DIFF_SHIFT = 256,
  DN_ARG_POST_OP = 32768 /* of the first operation after a kernel; times n for the n-th */ };
/* Added to an operand's number: its scales, its zero points. */
enum { DN_ARG_SCALES_OF = 4096, DN_ARG_ZERO_POINTS_OF = 8192 };

/* Every function: X(result, name, parameters, arguments). */
#define DN_FUNCTIONS(X) \
  X(const dn_version_t *, version, (void), ()) \
  X(int, get_effective_cpu_isa, (void), ()) \
  X(int, set_primitive_cache_capacity, (int n), (n)) \
  X(int, engine_create, (dn_engine *e, int kind, size_t index), (e, kind, index)) \
  X(int, engine_destroy, (dn_engine e), (e)) \
  X(int, stream_create, (dn_stream *s, dn_engine e, unsigned flags), (s, e, flags)) \
  X(int, stream_wait, (dn_stream s), (s)) \
  X(int, stream_destroy, (dn_stream s), (s)) \
  X(int, memory_desc_create_with_tag, \
    (dn_md *md, int rank, const int64_t *dims, int type, int tag), (md, rank, dims, type, tag)) \
  X(int, memory_desc_create_with_strides, \
    (dn_md *md, int rank, const int64_t *dims, int type, const int64_t *strides), \
    (md, rank, dims, type, strides)) \
  X(int, memory_desc_destroy, (dn_md md), (md)) \
  X(int, memory_desc_clone, (dn_md *md, dn_md existing), (md, existing)) \
  X(int, memory_desc_reshape, (dn_md *md, dn_md existing, int rank, const int64_t *dims), \
    (md, existing, rank, dims)) \
  X(int, memory_desc_equal, (dn_md a, dn_md b), (a, b)) \
  X(size_t, memory_desc_get_size, (dn_md md), (md)) \
  X(int, memory_desc_query, (dn_md md, int what, void *result), (md, what, result)) \
  X(int, memory_create, (dn_memory *m, dn_md md, dn_engine e, void *handle), (m, md, e, handle)) \
  X(int, memory_destroy, (dn_memory m), (m)) \
  X(int, memory_set_data_handle, (dn_memory m, void *handle), (m, handle)) \
  X(int, primitive_desc_destroy, (dn_pd pd), (pd)) \
  X(int, primitive_desc_query, (dn_pd pd, int what, int index, void *result), \
    (pd, what, index, result)) \
  X(dn_md, primitive_desc_query_md, (dn_pd pd, int what, int index), (pd, what, index)) \
  X(int, primitive_desc_next_impl, (dn_pd pd), (pd)) \
  X(int, primitive_create, (dn_primitive *p, dn_pd pd), (p, pd)) \
  X(int, primitive_execute, (dn_primitive p, dn_stream s, int n, const dn_exec_arg *args), \
    (p, s, n, args)) \
  X(int, primitive_destroy, (dn_primitive p), (p)) \
  X(int, primitive_attr_create, (dn_attr *a), (a)) \
  X(int, primitive_attr_destroy, (dn_attr a), (a)) \
  X(int, primitive_attr_set_scratchpad_mode, (dn_attr a, int mode), (a, mode)) \
  X(int, primitive_attr_set_post_ops, (dn_attr a, dn_post_ops p), (a, p)) \
  X(int, primitive_attr_set_scales_mask, (dn_attr a, int arg, int mask), (a, arg, mask)) \
  X(int, primitive_attr_set_zero_points_mask, (dn_attr a, int arg, int mask), (a, arg, mask)) \
  X(int, post_ops_create, (dn_post_ops *p), (p)) \
  X(int, post_ops_destroy, (dn_post_ops p), (p)) \
  X(int, post_ops_append_eltwise, (dn_post_ops p, int alg, float alpha, float beta), \
    (p, alg, alpha, beta)) \
  X(int, post_ops_append_binary, (dn_post_ops p, int alg, dn_md src1), (p, alg, src1)) \
  X(int, post_ops_append_sum, (dn_post_ops p, float scale, int32_t zero_point, int type), \
    (p, scale, zero_point, type)) \
  X(int, convolution_forward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, int alg, dn_md src, dn_md w, dn_md b, dn_md dst, \
     const int64_t *stride, const int64_t *dilation, const int64_t *low, const int64_t *high, \
     dn_attr a), (pd, e, prop, alg, src, w, b, dst, stride, dilation, low, high, a)) \
  X(int, convolution_backward_data_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int alg, dn_md dsrc, dn_md w, dn_md ddst, const int64_t *stride, \
     const int64_t *dilation, const int64_t *low, const int64_t *high, dn_pd hint, dn_attr a), \
    (pd, e, alg, dsrc, w, ddst, stride, dilation, low, high, hint, a)) \
  X(int, convolution_backward_weights_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int alg, dn_md src, dn_md dw, dn_md db, dn_md ddst, \
     const int64_t *stride, const int64_t *dilation, const int64_t *low, const int64_t *high, \
     dn_pd hint, dn_attr a), (pd, e, alg, src, dw, db, ddst, stride, dilation, low, high, hint, a)) \
  X(int, pooling_forward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, int alg, dn_md src, dn_md dst, const int64_t *stride, \
     const int64_t *kernel, const int64_t *dilation, const int64_t *low, const int64_t *high, \
     dn_attr a), (pd, e, prop, alg, src, dst, stride, kernel, dilation, low, high, a)) \
  X(int, pooling_backward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int alg, dn_md dsrc, dn_md ddst, const int64_t *stride, \
     const int64_t *kernel, const int64_t *dilation, const int64_t *low, const int64_t *high, \
     dn_pd hint, dn_attr a), \
    (pd, e, alg, dsrc, ddst, stride, kernel, dilation, low, high, hint, a)) \
  X(int, batch_normalization_forward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, dn_md src, dn_md dst, float epsilon, unsigned flags, \
     dn_attr a), (pd, e, prop, src, dst, epsilon, flags, a)) \
  X(int, batch_normalization_backward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, dn_md dsrc, dn_md ddst, dn_md src, float epsilon, \
     unsigned flags, dn_pd hint, dn_attr a), (pd, e, prop, dsrc, ddst, src, epsilon, flags, hint, a)) \
  X(int, eltwise_forward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, int alg, dn_md src, dn_md dst, float alpha, float beta, \
     dn_attr a), (pd, e, prop, alg, src, dst, alpha, beta, a)) \
  X(int, matmul_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, dn_md src, dn_md w, dn_md b, dn_md dst, dn_attr a), \
    (pd, e, src, w, b, dst, a)) \
  X(int, softmax_forward_primitive_desc_create, \
    (dn_pd *pd, dn_engine e, int prop, int alg, dn_md src, dn_md dst, int axis, dn_attr a), \
    (pd, e, prop, alg, src, dst, axis, a)) \
  X(int, reorder_primitive_desc_create, \
    (dn_pd *pd, dn_md src, dn_engine se, dn_md dst, dn_engine de, dn_attr a), \
    (pd, src, se, dst, de, a))

typedef struct {
#define X(result, name, parameters, arguments) result(*name) parameters;
  DN_FUNCTIONS(X)
#undef X
} dn_table;
extern const dn_table *const dn_private; /* const in Swift's eyes; filled once by dn_load */

#define X(result, name, parameters, arguments) \
  static inline result dn_##name parameters { return dn_private->name arguments; }
DN_FUNCTIONS(X)
#undef X

/* Why dn_load failed. */
enum { DN_LOADED = 0, DN_NOT_FOUND = 1, DN_MISSING_SYMBOL = 2, DN_TOO_OLD = 3 };

/* Loads the library from a path or a loader name, once a process; later calls return the first success.
 * On failure the reason is written to message. */
int dn_load(const char *path, char *message, size_t capacity);

/* The file that was loaded; empty before. */
const char *dn_loaded_path(void);

/* Runs body(data, thread, threads) on the library's own OpenMP pool, or on the calling thread alone where the
 * library has none. */
typedef void (*dn_body)(const void *data, int thread, int threads);
void dn_parallel(dn_body body, const void *data, int threads);

/* The cores that this process may run on. */
int dn_available_cores(void);

/* Whether dn_parallel has a pool. */
bool dn_has_pool(void);

/* Sets the pool size for work started by the calling thread, and flush-to-zero in each of its threads. */
void dn_prepare_thread(int threads);
