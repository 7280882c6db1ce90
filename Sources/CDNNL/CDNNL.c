#define _GNU_SOURCE
#include "CDNNL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static dn_table table;
const dn_table *const dn_private = &table;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *library;
static char loaded_path[4096];

static struct {
  void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
  int (*thread)(void);
  int (*count)(void);
  void (*set_count)(int);
} pool;

static void find_path(const char *fallback) {
  Dl_info info;
  const char *name = fallback;
  if (dladdr((void *)table.version, &info) && info.dli_fname) name = info.dli_fname;
  if (!realpath(name, loaded_path)) snprintf(loaded_path, sizeof loaded_path, "%s", name);
}

static int load(const char *path, char *message, size_t capacity) {
  /* Pool threads wait by sleeping: loader threads and a second device need the cores between steps. */
  setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  setenv("GOMP_SPINCOUNT", "20000", 0);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(message, capacity, "%s", dlerror());
    return DN_NOT_FOUND;
  }
  dn_table found;
#define X(result, name, parameters, arguments) \
  *(void **)&found.name = dlsym(handle, "dnnl_" #name); \
  if (!found.name && strcmp(#name, "version") == 0) { \
    snprintf(message, capacity, "%s is not oneDNN", path); \
    dlclose(handle); \
    return DN_MISSING_SYMBOL; \
  }
  DN_FUNCTIONS(X)
#undef X
  const dn_version_t *v = found.version();
  if (v->major < 3 || (v->major == 3 && v->minor < 2)) {
    snprintf(message, capacity, "oneDNN %d.%d.%d at %s is too old: 3.2 or later is needed", v->major,
             v->minor, v->patch, path);
    dlclose(handle);
    return DN_TOO_OLD;
  }
#define X(result, name, parameters, arguments) \
  if (!found.name) { \
    snprintf(message, capacity, "oneDNN %d.%d.%d at %s has no dnnl_" #name, v->major, v->minor, \
             v->patch, path); \
    dlclose(handle); \
    return DN_MISSING_SYMBOL; \
  }
  DN_FUNCTIONS(X)
#undef X
  table = found;
  library = handle;
  find_path(path);
  *(void **)&pool.parallel = dlsym(handle, "GOMP_parallel");
  *(void **)&pool.thread = dlsym(handle, "omp_get_thread_num");
  *(void **)&pool.count = dlsym(handle, "omp_get_num_threads");
  *(void **)&pool.set_count = dlsym(handle, "omp_set_num_threads");
  return DN_LOADED;
}

int dn_load(const char *path, char *message, size_t capacity) {
  pthread_mutex_lock(&lock);
  int status = library ? DN_LOADED : load(path, message, capacity);
  pthread_mutex_unlock(&lock);
  return status;
}

int dn_available_cores(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

const char *dn_loaded_path(void) { return loaded_path; }

bool dn_has_pool(void) { return pool.parallel && pool.thread && pool.count && pool.set_count; }

typedef struct {
  dn_body body;
  const void *data;
} job;

static void run_job(void *raw) {
  const job *j = raw;
  j->body(j->data, pool.thread(), pool.count());
}

void dn_parallel(dn_body body, const void *data, int threads) {
  if (threads < 2 || !dn_has_pool()) {
    body(data, 0, 1);
    return;
  }
  job j = {body, data};
  pool.parallel(run_job, &j, (unsigned)threads, 0);
}

static void flush_denormals(const void *data, int thread, int threads) {
  (void)data, (void)thread, (void)threads;
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
#endif
}

void dn_prepare_thread(int threads) {
  if (dn_has_pool()) pool.set_count(threads);
  dn_parallel(flush_denormals, NULL, threads);
}
