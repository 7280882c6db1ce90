#include <string.h>

#include "Internal.h"

/* Indices out of range choose nothing: gathering writes `missing`, adding skips them. Every element of a result
 * is made by one thread in the order of the indices, so that sums do not depend on the number of threads. */

SK_INLINE void set(char *target, uint64_t bits, int size) {
  if (size == 4) {
    uint32_t word = (uint32_t)bits;
    memcpy(target, &word, 4);
  } else if (size == 8) {
    memcpy(target, &bits, 8);
  } else {
    *target = (char)bits;
  }
}

void sk_run_gather(const void *kernel, int thread, int threads) {
  const sk_index *k = kernel;
  int64_t row = k->inner * k->size;
  sk_range share = sk_share(k->outer * k->count, 1, thread, threads);
  for (int64_t at = share.begin; at < share.end; at++) {
    int64_t index = k->indices[at % k->count];
    char *target = (char *)k->target + at * row;
    if (index >= 0 && index < k->extent) {
      const char *source = (const char *)k->source + (at / k->count * k->extent + index) * row;
      if (row == 4) memcpy(target, source, 4);
      else memcpy(target, source, (size_t)row);
    } else {
      for (int64_t i = 0; i < k->inner; i++) set(target + i * k->size, k->missing, k->size);
    }
  }
}

SK_CLONES static void add(int type, void *target, const void *source, int64_t n) {
  if (type == SK_F32) {
    for (int64_t i = 0; i < n; i++) ((float *)target)[i] += ((const float *)source)[i];
  } else {
    for (int64_t i = 0; i < n; i++) ((uint32_t *)target)[i] += ((const uint32_t *)source)[i];
  }
}

void sk_run_scatter_add(const void *kernel, int thread, int threads) {
  const sk_index *k = kernel;
  int64_t row = k->inner * 4;
  sk_range share = sk_share(k->outer * k->extent, 1, thread, threads);
  if (share.begin >= share.end) return;
  memset((char *)k->target + share.begin * row, 0, (size_t)((share.end - share.begin) * row));
  for (int64_t block = share.begin / k->extent; block * k->extent < share.end; block++) {
    int64_t begin = share.begin - block * k->extent, end = share.end - block * k->extent;
    if (begin < 0) begin = 0;
    if (end > k->extent) end = k->extent;
    for (int64_t i = 0; i < k->count; i++) {
      int64_t index = k->indices[i];
      if (index < begin || index >= end) continue;
      add(k->type, (char *)k->target + (block * k->extent + index) * row,
          (const char *)k->source + (block * k->count + i) * row, k->inner);
    }
  }
}

/* Lines first..<last of a block, walked index by index: neighbours lie side by side. */
static void gather_lines(const sk_index *k, int64_t block, int64_t first, int64_t last) {
  for (int64_t i = 0; i < k->count; i++) {
    for (int64_t j = first; j < last; j++) {
      int64_t to = (block * k->count + i) * k->inner + j;
      int64_t index = k->indices[to], from = (block * k->extent + index) * k->inner + j;
      char *target = (char *)k->target + to * k->size;
      if (index < 0 || index >= k->extent) set(target, k->missing, k->size);
      else memcpy(target, (const char *)k->source + from * k->size, (size_t)k->size);
    }
  }
}

static void scatter_lines(const sk_index *k, int64_t block, int64_t first, int64_t last) {
  for (int64_t i = 0; i < k->extent; i++) {
    uint32_t *row = (uint32_t *)k->target + (block * k->extent + i) * k->inner;
    memset(row + first, 0, (size_t)(last - first) * 4);
  }
  for (int64_t i = 0; i < k->count; i++) {
    for (int64_t j = first; j < last; j++) {
      int64_t from = (block * k->count + i) * k->inner + j;
      int64_t index = k->indices[from], to = (block * k->extent + index) * k->inner + j;
      if (index < 0 || index >= k->extent) continue;
      if (k->type == SK_F32) ((float *)k->target)[to] += ((const float *)k->source)[from];
      else ((uint32_t *)k->target)[to] += ((const uint32_t *)k->source)[from];
    }
  }
}

/* A thread's share of all lines, block by block. */
SK_INLINE void over_lines(const sk_index *k, int thread, int threads,
                          void (*body)(const sk_index *, int64_t, int64_t, int64_t)) {
  sk_range share = sk_share(k->outer * k->inner, 16, thread, threads);
  while (share.begin < share.end) {
    int64_t block = share.begin / k->inner, first = share.begin % k->inner;
    int64_t last = first + share.end - share.begin;
    if (last > k->inner) last = k->inner;
    body(k, block, first, last);
    share.begin += last - first;
  }
}

void sk_run_gather_along(const void *kernel, int thread, int threads) {
  over_lines(kernel, thread, threads, gather_lines);
}

void sk_run_scatter_add_along(const void *kernel, int thread, int threads) {
  over_lines(kernel, thread, threads, scatter_lines);
}
