#pragma once

#include <stddef.h>
#include <stdint.h>

/// What a pass over numbers found.
typedef struct {
  /// The least and the greatest of the finite numbers.
  double least, greatest;
  /// Their sum and the sum of their squares.
  double sum, squares;
  /// How many were finite.
  uint64_t finite;
} codecs_statistics;

/// Counts finite numbers into buckets: `counts[i]` grows for each x with `limits[i-1] <= x < limits[i]`.
///
/// The limits ascend, and the last one is above every number; there is a count a limit.
void codecs_histogram_f32(
    const float *values, size_t count, const double *limits, size_t buckets, uint64_t *counts,
    codecs_statistics *statistics);
