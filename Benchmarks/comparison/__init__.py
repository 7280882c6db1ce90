"""Interleaved comparisons of Striate with its peers; Benchmarks/compare and Benchmarks/table use it."""
