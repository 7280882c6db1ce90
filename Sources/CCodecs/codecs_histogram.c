#include "codecs_histogram.h"

// The first limit above x.
static size_t bucket(double x, const double *limits, size_t buckets) {
  size_t low = 0, high = buckets - 1;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (x < limits[middle]) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

void codecs_histogram_f32(
    const float *values, size_t count, const double *limits, size_t buckets, uint64_t *counts,
    codecs_statistics *statistics) {
  if (buckets == 0) return;
  codecs_statistics found = *statistics;
  for (size_t i = 0; i < count; i++) {
    double x = values[i];
    if (x - x != 0) continue;
    if (found.finite == 0 || x < found.least) found.least = x;
    if (found.finite == 0 || x > found.greatest) found.greatest = x;
    found.finite++;
    found.sum += x;
    found.squares += x * x;
    counts[bucket(x, limits, buckets)]++;
  }
  *statistics = found;
}
