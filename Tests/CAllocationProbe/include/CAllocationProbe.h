/* Counts heap allocations of the whole process, by who asked for them.
 *
 * Linking this target replaces malloc and its kin by functions that forward to glibc's and count while
 * counting is on. An allocation is a library's if oneDNN or its OpenMP asked for it, by itself or through the
 * C++ runtime; every other one is ours, also those of the Swift runtime on our behalf. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whether this C library lets allocation be replaced; counts stay 0 where not. */
bool ap_is_available(void);

/* Starts counting from 0; libraries must be loaded by now. */
void ap_start(void);
void ap_stop(void);

int64_t ap_ours(void);
int64_t ap_libraries(void);

/* Writes where the first of our allocations came from to standard error. */
void ap_print_first(void);

/* The bytes that are allocated now, whatever the allocator keeps beside them; -1 where it does not tell. */
int64_t ap_bytes_in_use(void);
