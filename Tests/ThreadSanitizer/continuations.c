// Tells the thread sanitizer of an order that Swift's runtime keeps and does not tell it of.
//
// A task that awaits a continuation is enqueued again when it is resumed. Where it was resumed before it came to await it, it goes on at
// once: `swift_continuation_await` finds that by an atomic exchange (stdlib/public/Concurrency/Task.cpp). The resuming side tells the sanitizer
// of both (`_swift_tsan_release` of the task), and who runs an enqueued task of its half; the task that goes on at once tells nothing,
// so that whatever was handed over looks like a race. Here it acquires what was released of it.
//
// The runtime calls the function by its address, so it is led here by its first instructions, where they are those that are known (Swift 6.3,
// x86-64). Elsewhere nothing is changed, and a sentence says so. Beside a sanitized program: LD_PRELOAD of this as a shared library,
// which is not instrumented itself.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ASYNC __attribute__((swiftasynccall))
#define TAIL __attribute__((musttail)) return

// The heads of ContinuationAsyncContext and AsyncTask (include/swift/ABI/Task.h).
typedef ASYNC void resume_function(__attribute__((swift_async_context)) void *context);
struct context {
  void *parent;
  resume_function *resume_parent;
  size_t flags;
};
struct task {
  void *heap_object[2], *scheduler_private[2], *flags, *voucher, *reserved;
  resume_function *resume;
};
enum { FORCES_EXECUTOR = 2 };
typedef ASYNC void await_function(struct context *);

static struct task *(*current_task)(void);
static void (*acquire)(void *address);
static await_function *await_continuation;

ASYNC static void goes_on_at_once(__attribute__((swift_async_context)) void *context) {
  struct task *task = current_task();
  acquire(task);
  TAIL task->resume(context);
}

ASYNC static void awaits(struct context *context) {
  // Before this the task was told where it goes on once it is enqueued again; what is changed here counts at once alone. Where it must go on on
  // another executor it may be enqueued there, which acquires.
  if (!(context->flags & FORCES_EXECUTOR) && current_task()->resume == context->resume_parent) context->resume_parent = goes_on_at_once;
  TAIL await_continuation(context);
}

// push %rbp; mov %rsp,%rbp; push %r15; push %r12; push %rbx; sub $0x38,%rsp; mov %rdi,%r14: none of them depends on where it stands.
static const uint8_t known[] = {0x55, 0x48, 0x89, 0xe5, 0x41, 0x57, 0x41, 0x54, 0x53, 0x48, 0x83, 0xec, 0x38, 0x49, 0x89, 0xfe};

enum { JUMP_BYTES = 14 };

static void put_jump(uint8_t *at, const void *to) {
  static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
  memcpy(at, jump, sizeof jump);
  memcpy(at + sizeof jump, &to, sizeof to);
}

__attribute__((constructor)) static void lead_here(void) {
  uint8_t *function = dlsym(RTLD_DEFAULT, "swift_continuation_await");
  current_task = (struct task *(*)(void))dlsym(RTLD_DEFAULT, "swift_task_getCurrent");
  acquire = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_acquire");
  // What the program starts, and is not sanitized.
  if (function == NULL || current_task == NULL || acquire == NULL) return;
  if (memcmp(function, known, sizeof known) != 0) {
    fputs("continuations.c does not know this version of Swift: what is handed over by a continuation may look like a race\n", stderr);
    return;
  }
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *moved = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uint8_t *first = (uint8_t *)((uintptr_t)function & ~(page - 1));
  size_t length = (size_t)(function + JUMP_BYTES - first);
  if (moved == MAP_FAILED || mprotect(first, length, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return perror("continuations.c");
  memcpy(moved, known, sizeof known);
  put_jump(moved + sizeof known, function + sizeof known);
  mprotect(moved, page, PROT_READ | PROT_EXEC);
  await_continuation = (await_function *)moved;
  put_jump(function, awaits);
  mprotect(first, length, PROT_READ | PROT_EXEC);
}
