#pragma once
// CLinux: the Linux system calls that Swift's Glibc module does not import (variadic, or behind _GNU_SOURCE macros), and
// nothing else. Every function returns what the system call returns: -1 and errno on failure.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/// Opens with O_CLOEXEC. `direct` adds O_DIRECT: reads go past the page cache, to what the device holds.
int hb_open_read(const char *path, int direct);
int hb_open_write(const char *path, int create, int exclusive);
/// A file that exists, with O_DIRECT; EINVAL where the file system knows no such thing.
int hb_open_write_direct(const char *path);

/// Reads what the page cache has and never waits for the device (preadv2 with RWF_NOWAIT). EAGAIN when nothing is cached;
/// EOPNOTSUPP where the file system cannot tell.
ssize_t hb_read_cached(int file, void *bytes, size_t count, off_t position);

/// pwritev(2), which Glibc hides behind _DEFAULT_SOURCE.
ssize_t hb_write_vector(int file, const struct iovec *pieces, int count, off_t position);

/// fallocate(2): blocks for the range, which reads as zeros; the file grows where it must.
int hb_reserve(int file, off_t position, off_t count);

/// fallocate(2) with FALLOC_FL_PUNCH_HOLE: the range reads as zeros and its blocks are free; the file keeps its size. EOPNOTSUPP where the
/// file system cannot.
int hb_punch(int file, off_t position, off_t count);

/// renameat2(2) with RENAME_EXCHANGE: each file gets the other's name, at once.
int hb_exchange(const char *path, const char *destination);

/// sync_file_range(SYNC_FILE_RANGE_WRITE): begins to write what is dirty and does not wait. Makes nothing durable by itself.
int hb_begin_writing_back(int file);

/// posix_fadvise(POSIX_FADV_DONTNEED): these pages will not be read again soon.
int hb_drop_cached(int file, off_t position, off_t count);

/// Takes an exclusive advisory lock without waiting; EWOULDBLOCK when somebody else holds it.
int hb_lock_exclusively(int file);

/// Free for ordinary users and total bytes of the file system.
int hb_disk_space(const char *path, uint64_t *available, uint64_t *total);

/// Fills from the kernel's CSPRNG by way of a small pool a thread, each byte of which is used once and erased. Aborts where
/// getrandom(2) fails, which it does not once the system is up.
void hb_random_fill(void *bytes, size_t count);

/// The current thread's name in `top -H`, at most 15 characters.
void hb_name_thread(const char *name);
/// The current thread gives way to all others, on CPU (nice 19) and disk (idle class).
void hb_yield_priority(void);

/// Starts a detached thread with 512 KB of stack. Returns 0 or an errno.
int hb_start_thread(void (*body)(void *), void *argument);

/// A bell that threads sleep by (futex): read it, look whether there is work, and wait for a ring after that reading, so that
/// no ring is missed. `timeoutMilliseconds` < 0 waits without end; returns may be spurious.
uint32_t hb_bell_read(const uint32_t *bell);
void hb_bell_ring(uint32_t *bell);
void hb_bell_wait(const uint32_t *bell, uint32_t reading, int64_t timeoutMilliseconds);

/// Gives back the pages of program text and constants that were mapped while the process started: most are never used again, and
/// those that are come back from the page cache. Only mappings that cannot have been written to.
void hb_give_back_start_pages(void);

/// mallopt for a server that takes and returns large buffers all the time: keeps freed memory up to `keepBytes` and never
/// uses mmap for buffers below `mapBytes`.
void hb_tune_allocator(int keepBytes, int mapBytes);
/// Gives freed memory back to the system. Returns 1 when some was.
int hb_trim_allocator(void);

/// Raises RLIMIT_NOFILE to its hard limit and returns it.
uint64_t hb_raise_file_limit(void);

/// CLOCK_MONOTONIC and the calling thread's CPU time, in nanoseconds.
uint64_t hb_monotonic_nanoseconds(void);
uint64_t hb_thread_cpu_nanoseconds(void);

/// The program's arguments as the loader handed them over. Swift reads them from /proc, which an empty root folder does not have.
int hb_argument_count(void);
const char *hb_argument(int index);
