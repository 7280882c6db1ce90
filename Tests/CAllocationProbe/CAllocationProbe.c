#define _GNU_SOURCE
#include "CAllocationProbe.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

enum { MAX_RANGES = 64, DEPTH = 24 };
typedef enum { OURS, LIBRARY, RUNTIME } owner;
typedef struct { uintptr_t begin, end; owner owner; } range;

static range ranges[MAX_RANGES];
static int range_count;
static atomic_bool is_counting;
static atomic_llong ours, libraries;
static void *first[DEPTH];
static atomic_int first_depth;
static _Thread_local bool is_inside;

static owner owner_of(const void *address) {
  uintptr_t a = (uintptr_t)address;
  for (int i = 0; i < range_count; i++)
    if (ranges[i].begin <= a && a < ranges[i].end) return ranges[i].owner;
  return OURS;
}

/* The first frame from the caller of malloc on that belongs to more than the C and C++ runtime decides. */
static __attribute__((noinline)) void count(void *caller) {
  if (!atomic_load_explicit(&is_counting, memory_order_relaxed) || is_inside) return;
  is_inside = true;
  void *frames[DEPTH];
  int depth = backtrace(frames, DEPTH), start = 0;
  while (start < depth && frames[start] != caller) start++;
  owner found = owner_of(caller);
  for (int i = start + 1; i < depth && found == RUNTIME; i++) found = owner_of(frames[i]);
  if (found == LIBRARY) {
    atomic_fetch_add(&libraries, 1);
  } else if (atomic_fetch_add(&ours, 1) == 0) {
    memcpy(first, frames, sizeof first);
    atomic_store(&first_depth, depth);
  }
  is_inside = false;
}

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

void *malloc(size_t size) { return count(CALLER), __libc_malloc(size); }
void *calloc(size_t number, size_t size) { return count(CALLER), __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { return count(CALLER), __libc_realloc(old, size); }
void *memalign(size_t unit, size_t size) { return count(CALLER), __libc_memalign(unit, size); }
void *aligned_alloc(size_t unit, size_t size) { return count(CALLER), __libc_memalign(unit, size); }
int posix_memalign(void **result, size_t unit, size_t size) {
  count(CALLER);
  void *made = __libc_memalign(unit, size);
  if (!made) return ENOMEM;
  *result = made;
  return 0;
}

static int add_ranges(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size, (void)data;
  const char *name = strrchr(info->dlpi_name, '/');
  name = name ? name + 1 : info->dlpi_name;
  owner owner = OURS;
  if (!strncmp(name, "libdnnl", 7) || !strncmp(name, "libgomp", 7)) owner = LIBRARY;
  if (!strncmp(name, "libc.", 5) || !strncmp(name, "libstdc++", 9) || !strncmp(name, "ld-", 3))
    owner = RUNTIME;
  for (int i = 0; i < info->dlpi_phnum && owner != OURS; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || range_count == MAX_RANGES) continue;
    uintptr_t begin = info->dlpi_addr + header->p_vaddr;
    ranges[range_count++] = (range){begin, begin + header->p_memsz, owner};
  }
  return 0;
}

bool ap_is_available(void) { return true; }

void ap_start(void) {
  void *warm[2];
  backtrace(warm, 2); /* loads the unwinder, which allocates */
  range_count = 0;
  dl_iterate_phdr(add_ranges, NULL);
  atomic_store(&ours, 0);
  atomic_store(&libraries, 0);
  atomic_store(&first_depth, 0);
  atomic_store(&is_counting, true);
}

void ap_stop(void) { atomic_store(&is_counting, false); }
int64_t ap_ours(void) { return atomic_load(&ours); }
int64_t ap_libraries(void) { return atomic_load(&libraries); }
void ap_print_first(void) { backtrace_symbols_fd(first, atomic_load(&first_depth), 2); }


/* Of the arenas of all threads, and what was mapped for single large blocks. */
int64_t ap_bytes_in_use(void) {
  struct mallinfo2 found = mallinfo2();
  return (int64_t)(found.uordblks + found.hblkhd);
}

#else
bool ap_is_available(void) { return false; }
int64_t ap_bytes_in_use(void) { return -1; }
void ap_start(void) {}
void ap_stop(void) {}
int64_t ap_ours(void) { return 0; }
int64_t ap_libraries(void) { return 0; }
void ap_print_first(void) {}
#endif
