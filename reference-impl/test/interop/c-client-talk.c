/*
 * What a C program does with ZooKeeper through Apache's own C client, told step by step as lines of `what: value`.
 * The single-threaded library leaves the waiting to us: ask, then turn the wheel until the answer is there.
 *
 * Usage: c-client-talk HOST:PORT
 * The test that compiles and runs this knows which values are right.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zookeeper/zookeeper.h>

enum { TIMEOUT_MS = 4000, PATIENCE_MS = 10000 };

static int answered, event_seen;
static char answer[256], event[256];
static int connected;

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Lets the library read, write and ping until `done` is set. */
static void turn_until(zhandle_t *zh, const int *done) {
  long end = now_ms() + PATIENCE_MS;
  while (!*done && now_ms() < end) {
    int fd = -1, interest = 0, events = 0;
    struct timeval wait;
    zookeeper_interest(zh, &fd, &interest, &wait);
    long wait_ms = wait.tv_sec * 1000 + wait.tv_usec / 1000;
    struct pollfd poll_fd = {.fd = fd, .events = 0};
    if (interest & ZOOKEEPER_READ) poll_fd.events |= POLLIN;
    if (interest & ZOOKEEPER_WRITE) poll_fd.events |= POLLOUT;
    poll(&poll_fd, 1, wait_ms < 50 ? (int)wait_ms : 50);
    if (poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) events |= ZOOKEEPER_READ;
    if (poll_fd.revents & POLLOUT) events |= ZOOKEEPER_WRITE;
    zookeeper_process(zh, events);
  }
  if (!*done) {
    printf("gave up: nothing came for %d ms\n", PATIENCE_MS);
    exit(1);
  }
}

/* Tells what the answer to a request is. `started` is what the asking call returned. */
static void tell(zhandle_t *zh, const char *what, int started) {
  if (started != ZOK) snprintf(answer, sizeof answer, "not sent: %s", zerror(started));
  else turn_until(zh, &answered);
  printf("%s: %s\n", what, answer);
  fflush(stdout);
  answered = 0;
}

/* Tells the one event that comes for the watch left before. */
static void tell_event(zhandle_t *zh, const char *what) {
  turn_until(zh, &event_seen);
  printf("%s: %s\n", what, event);
  fflush(stdout);
  event_seen = 0;
}

static void answer_code(int code) { snprintf(answer, sizeof answer, "%s", zerror(code)); }

static void with_nothing(int code, const void *context) {
  (void)context;
  answered = 1;
  answer_code(code);
}

static void with_name(int code, const char *name, const void *context) {
  (void)context;
  answered = 1;
  if (code == ZOK) snprintf(answer, sizeof answer, "%s", name);
  else answer_code(code);
}

static void with_data(int code, const char *value, int length, const struct Stat *stat, const void *context) {
  (void)context;
  answered = 1;
  if (code != ZOK) answer_code(code);
  else if (length < 0) snprintf(answer, sizeof answer, "null, version %d", stat->version);
  else snprintf(answer, sizeof answer, "'%.*s', version %d", length, value, stat->version);
}

static void with_stat(int code, const struct Stat *stat, const void *context) {
  (void)context;
  answered = 1;
  if (code != ZOK) answer_code(code);
  else
    snprintf(answer, sizeof answer, "version %d, cversion %d, %d bytes, %d children, %s", stat->version,
             stat->cversion, stat->dataLength, stat->numChildren,
             stat->ephemeralOwner == 0 ? "persistent" : "ephemeral");
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void with_children(int code, const struct String_vector *names, const void *context) {
  (void)context;
  answered = 1;
  if (code != ZOK) {
    answer_code(code);
    return;
  }
  qsort(names->data, names->count, sizeof names->data[0], by_name);
  answer[0] = 0;
  for (int i = 0; i < names->count; i++) {
    if (i > 0) strncat(answer, " ", sizeof answer - strlen(answer) - 1);
    strncat(answer, names->data[i], sizeof answer - strlen(answer) - 1);
  }
}

static void with_children_and_stat(int code, const struct String_vector *names, const struct Stat *stat,
                                   const void *context) {
  if (code == ZOK) with_stat(code, stat, context);
  else with_children(code, names, context);
}

static zoo_op_result_t results[3];

/** What the whole came to, and each of its parts. */
static void with_results(int code, const void *context) {
  (void)context;
  answered = 1;
  answer_code(code);
  for (int i = 0; i < 3; i++) {
    strncat(answer, ", ", sizeof answer - strlen(answer) - 1);
    strncat(answer, zerror(results[i].err), sizeof answer - strlen(answer) - 1);
  }
}

static void session_watcher(zhandle_t *zh, int type, int state, const char *path, void *context) {
  (void)zh, (void)type, (void)path, (void)context;
  connected = state == ZOO_CONNECTED_STATE;
}

static void watcher(zhandle_t *zh, int type, int state, const char *path, void *context) {
  (void)zh, (void)context;
  if (type == ZOO_SESSION_EVENT) return;
  const char *name = type == ZOO_CREATED_EVENT   ? "created"
                     : type == ZOO_DELETED_EVENT ? "deleted"
                     : type == ZOO_CHANGED_EVENT ? "changed"
                     : type == ZOO_CHILD_EVENT   ? "child"
                                                 : "unknown";
  snprintf(event, sizeof event, "%s %s, %s", name, path,
           state == ZOO_CONNECTED_STATE ? "connected" : "in another state");
  event_seen = 1;
}

static zhandle_t *open_session(const char *address, const clientid_t *session) {
  connected = 0;
  zhandle_t *zh = zookeeper_init(address, session_watcher, TIMEOUT_MS, session, NULL, 0);
  if (zh == NULL) {
    perror("zookeeper_init");
    exit(1);
  }
  turn_until(zh, &connected);
  return zh;
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  const char *address = arguments[1];
  const struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);

  zhandle_t *zh = open_session(address, NULL);
  printf("timeout: %d\n", zoo_recv_timeout(zh));

  tell(zh, "create", zoo_acreate(zh, "/c", "first", 5, open, 0, with_name, NULL));
  tell(zh, "create with null data", zoo_acreate(zh, "/c/null", NULL, -1, open, 0, with_name, NULL));
  tell(zh, "create with no data", zoo_acreate(zh, "/c/empty", "", 0, open, 0, with_name, NULL));
  tell(zh, "get", zoo_aget(zh, "/c", 0, with_data, NULL));
  tell(zh, "get null data", zoo_aget(zh, "/c/null", 0, with_data, NULL));
  tell(zh, "get no data", zoo_aget(zh, "/c/empty", 0, with_data, NULL));
  tell(zh, "set", zoo_aset(zh, "/c", "second", 6, 0, with_stat, NULL));
  tell(zh, "get again", zoo_aget(zh, "/c", 0, with_data, NULL));
  tell(zh, "exists", zoo_aexists(zh, "/c", 0, with_stat, NULL));
  tell(zh, "children", zoo_aget_children(zh, "/c", 0, with_children, NULL));
  tell(zh, "children with stat", zoo_aget_children2(zh, "/c", 0, with_children_and_stat, NULL));
  tell(zh, "sync", zoo_async(zh, "/c", with_name, NULL));
  tell(zh, "sequential", zoo_acreate(zh, "/c/n-", "", 0, open, ZOO_SEQUENCE, with_name, NULL));

  tell(zh, "create again", zoo_acreate(zh, "/c", "", 0, open, 0, with_name, NULL));
  tell(zh, "create without parent", zoo_acreate(zh, "/none/child", "", 0, open, 0, with_name, NULL));
  tell(zh, "get missing", zoo_aget(zh, "/none", 0, with_data, NULL));
  tell(zh, "set wrong version", zoo_aset(zh, "/c", "", 0, 7, with_stat, NULL));
  tell(zh, "delete wrong version", zoo_adelete(zh, "/c", 7, with_nothing, NULL));
  tell(zh, "delete with children", zoo_adelete(zh, "/c", -1, with_nothing, NULL));
  tell(zh, "delete", zoo_adelete(zh, "/c/null", 0, with_nothing, NULL));
  tell(zh, "exists after delete", zoo_aexists(zh, "/c/null", 0, with_stat, NULL));

  char path[64];
  struct Stat stat;
  zoo_op_t all[3], half[3];
  zoo_create_op_init(&all[0], "/c/multi", "1", 1, open, 0, path, sizeof path);
  zoo_set_op_init(&all[1], "/c/multi", "22", 2, 0, &stat);
  zoo_check_op_init(&all[2], "/c/multi", 1);
  tell(zh, "multi", zoo_amulti(zh, 3, all, results, with_results, NULL));
  printf("multi's answers: %s, version %d\n", path, stat.version);
  zoo_delete_op_init(&half[0], "/c/multi", -1);
  zoo_check_op_init(&half[1], "/none", 0);
  zoo_create_op_init(&half[2], "/c/never", "", 0, open, 0, path, sizeof path);
  tell(zh, "multi that fails", zoo_amulti(zh, 3, half, results, with_results, NULL));
  tell(zh, "nothing of it happened", zoo_aget(zh, "/c/multi", 0, with_data, NULL));
  tell(zh, "delete what it made", zoo_adelete(zh, "/c/multi", 1, with_nothing, NULL));

  tell(zh, "watch a missing node", zoo_awexists(zh, "/c/soon", watcher, NULL, with_stat, NULL));
  tell(zh, "create the missing node", zoo_acreate(zh, "/c/soon", "", 0, open, 0, with_name, NULL));
  tell_event(zh, "watch for creation");
  tell(zh, "watch its data", zoo_awget(zh, "/c/soon", watcher, NULL, with_data, NULL));
  tell(zh, "set its data", zoo_aset(zh, "/c/soon", "x", 1, -1, with_stat, NULL));
  tell_event(zh, "watch for data");
  tell(zh, "watch its children", zoo_awget_children(zh, "/c/soon", watcher, NULL, with_children, NULL));
  tell(zh, "create a child", zoo_acreate(zh, "/c/soon/child", "", 0, open, 0, with_name, NULL));
  tell_event(zh, "watch for children");
  tell(zh, "watch the child", zoo_awget(zh, "/c/soon/child", watcher, NULL, with_data, NULL));
  tell(zh, "delete the child", zoo_adelete(zh, "/c/soon/child", -1, with_nothing, NULL));
  tell_event(zh, "watch for deletion");

  zhandle_t *other = open_session(address, NULL);
  tell(other, "create ephemeral", zoo_acreate(other, "/c/brief", "", 0, open, ZOO_EPHEMERAL, with_name, NULL));
  tell(zh, "watch the ephemeral", zoo_awexists(zh, "/c/brief", watcher, NULL, with_stat, NULL));
  zookeeper_close(other);
  tell_event(zh, "ephemeral after a goodbye");

  zookeeper_close(zh);
  printf("end: of the talk\n");
  return 0;
}
