// Reads and decodes JPEG files on so many threads by libturbojpeg and nothing else: what a loader can
// reach at best. Prints images a second of the best round.
//
// Usage: decode THREADS ROUNDS LIST, where LIST names a file a line.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// TurboJPEG's interface, by our own declarations.
static void *(*tj_open)(void);
static int (*tj_header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
static int (*tj_decompress)(
    void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);

static char **files;
static int count, next_file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *work(void *unused) {
  (void)unused;
  void *handle = tj_open();
  unsigned char *bytes = NULL, *pixels = NULL;
  size_t room = 0, space = 0;
  for (;;) {
    pthread_mutex_lock(&lock);
    int index = next_file++;
    pthread_mutex_unlock(&lock);
    if (index >= count) break;
    int file = open(files[index], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) { perror(files[index]); exit(1); }
    size_t size = (size_t)status.st_size;
    if (size > room) bytes = realloc(bytes, room = size);
    if (read(file, bytes, size) != (ssize_t)size) { perror(files[index]); exit(1); }
    close(file);
    int width, height, sampling, space_of_color;
    if (tj_header(handle, bytes, size, &width, &height, &sampling, &space_of_color)) exit(1);
    // Grey is decoded as grey, everything else of three components as red, green, blue; CMYK as it is.
    int format = space_of_color == 2 ? 6 : space_of_color >= 3 ? 11 : 0;
    int channels = space_of_color == 2 ? 1 : space_of_color >= 3 ? 4 : 3;
    size_t need = (size_t)width * (size_t)height * (size_t)channels;
    if (need > space) pixels = realloc(pixels, space = need);
    tj_decompress(handle, bytes, size, pixels, width, 0, height, format, 0);
  }
  free(bytes);
  free(pixels);
  return NULL;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: decode THREADS ROUNDS LIST\n"), 2;
  int threads = atoi(argv[1]), rounds = atoi(argv[2]);
  void *library = dlopen("libturbojpeg.so.0", RTLD_NOW);
  FILE *list = fopen(argv[3], "r");
  if (!library || !list || threads < 1 || threads > 64) return fprintf(stderr, "cannot begin\n"), 1;
  *(void **)&tj_open = dlsym(library, "tjInitDecompress");
  *(void **)&tj_header = dlsym(library, "tjDecompressHeader3");
  *(void **)&tj_decompress = dlsym(library, "tjDecompress2");
  char line[4096];
  while (fgets(line, sizeof line, list)) {
    line[strcspn(line, "\n")] = 0;
    files = realloc(files, sizeof *files * (size_t)(count + 1));
    files[count++] = strdup(line);
  }
  double best = 0;
  for (int round = 0; round < rounds; round++) {
    next_file = 0;
    double start = now();
    pthread_t others[64];
    for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, work, NULL);
    work(NULL);
    for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
    double rate = count / (now() - start);
    if (rate > best) best = rate;
  }
  printf("%.1f\n", best);
  return 0;
}
