#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int hb_open_read(const char *path, int direct) {
  return open(path, O_RDONLY | O_CLOEXEC | (direct ? O_DIRECT : 0));
}

int hb_open_write(const char *path, int create, int exclusive) {
  return open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0) | (exclusive ? O_EXCL : 0), 0640);
}

int hb_open_write_direct(const char *path) { return open(path, O_RDWR | O_CLOEXEC | O_DIRECT); }

ssize_t hb_read_cached(int file, void *bytes, size_t count, off_t position) {
  struct iovec piece = {bytes, count};
  return preadv2(file, &piece, 1, position, RWF_NOWAIT);
}

ssize_t hb_write_vector(int file, const struct iovec *pieces, int count, off_t position) {
  return pwritev(file, pieces, count, position);
}

int hb_reserve(int file, off_t position, off_t count) { return fallocate(file, 0, position, count); }

int hb_punch(int file, off_t position, off_t count) {
  return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, position, count);
}

int hb_exchange(const char *path, const char *destination) {
  return renameat2(AT_FDCWD, path, AT_FDCWD, destination, RENAME_EXCHANGE);
}

int hb_begin_writing_back(int file) { return sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); }

int hb_drop_cached(int file, off_t position, off_t count) {
  return posix_fadvise(file, position, count, POSIX_FADV_DONTNEED);
}

int hb_lock_exclusively(int file) { return flock(file, LOCK_EX | LOCK_NB); }

int hb_disk_space(const char *path, uint64_t *available, uint64_t *total) {
  struct statvfs facts;
  if (statvfs(path, &facts) != 0) return -1;
  *available = (uint64_t)facts.f_bavail * facts.f_frsize;
  *total = (uint64_t)facts.f_blocks * facts.f_frsize;
  return 0;
}

static void random_or_abort(void *bytes, size_t count) {
  unsigned char *at = bytes;
  while (count > 0) {
    ssize_t got = getrandom(at, count, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      abort();
    }
    at += got;
    count -= (size_t)got;
  }
}

void hb_random_fill(void *bytes, size_t count) {
  // A salt is secret until somebody opens it: the pool is filled whole, handed out from its end and erased as it is used.
  static _Thread_local unsigned char pool[2048];
  static _Thread_local size_t left = 0;
  if (count > sizeof pool / 4) {
    random_or_abort(bytes, count);
    return;
  }
  if (left < count) {
    random_or_abort(pool, sizeof pool);
    left = sizeof pool;
  }
  left -= count;
  memcpy(bytes, pool + left, count);
  explicit_bzero(pool + left, count);
}

void hb_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void hb_yield_priority(void) {
  pid_t thread = (pid_t)syscall(SYS_gettid);
  setpriority(PRIO_PROCESS, (id_t)thread, 19);
  // ioprio_set(2) has no glibc wrapper: IOPRIO_WHO_PROCESS = 1, IOPRIO_CLASS_IDLE = 3 << 13.
  syscall(SYS_ioprio_set, 1, thread, 3 << 13);
}

struct start {
  void (*body)(void *);
  void *argument;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.argument);
  return NULL;
}

int hb_start_thread(void (*body)(void *), void *argument) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) return ENOMEM;
  *start = (struct start){body, argument};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 512 * 1024);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int status = pthread_create(&thread, &attributes, run, start);
  pthread_attr_destroy(&attributes);
  if (status != 0) free(start);
  return status;
}

uint32_t hb_bell_read(const uint32_t *bell) { return __atomic_load_n(bell, __ATOMIC_SEQ_CST); }

void hb_bell_ring(uint32_t *bell) {
  __atomic_add_fetch(bell, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, bell, FUTEX_WAKE_PRIVATE, 0x7FFFFFFF, NULL, NULL, 0);
}

void hb_bell_wait(const uint32_t *bell, uint32_t reading, int64_t timeoutMilliseconds) {
  struct timespec timeout = {timeoutMilliseconds / 1000, (timeoutMilliseconds % 1000) * 1000000};
  syscall(SYS_futex, bell, FUTEX_WAIT_PRIVATE, reading, timeoutMilliseconds < 0 ? NULL : &timeout, NULL, 0);
}

void hb_tune_allocator(int keepBytes, int mapBytes) {
  mallopt(M_TRIM_THRESHOLD, keepBytes);
  mallopt(M_MMAP_THRESHOLD, mapBytes);
}

static int give_back_constant_segments(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  (void)context;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    uintptr_t begin = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
    if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
  }
  return 0;
}

void hb_give_back_start_pages(void) { dl_iterate_phdr(give_back_constant_segments, NULL); }

int hb_trim_allocator(void) { return malloc_trim(0); }

uint64_t hb_raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

static uint64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t hb_monotonic_nanoseconds(void) { return nanoseconds(CLOCK_MONOTONIC); }
uint64_t hb_thread_cpu_nanoseconds(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

static int argument_count;
static char **arguments;

// glibc hands these to every constructor.
__attribute__((constructor)) static void remember_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

int hb_argument_count(void) { return argument_count; }

const char *hb_argument(int index) { return index >= 0 && index < argument_count ? arguments[index] : ""; }
