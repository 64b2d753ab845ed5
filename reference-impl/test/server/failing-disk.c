/* Preloaded into the server: the call that FAILING names fails with EIO from its FAILING_AFTER-th time on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int fails(const char *call) {
  static int calls;
  const char *failing = getenv("FAILING");
  if (failing == NULL || strcmp(failing, call) != 0) return 0;
  if (__sync_add_and_fetch(&calls, 1) < atoi(getenv("FAILING_AFTER"))) return 0;
  errno = EIO;
  return 1;
}

int fdatasync(int descriptor) {
  if (fails("fdatasync")) return -1;
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  if (fails("pwrite")) return -1;
  return ((ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64"))(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}
