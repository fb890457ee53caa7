/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"

/* What is refused stays refused, so each case has a process of its own, which ends with 0. */
static void assert_in_child(bool runs_programs, int (*act)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct error err;
        _exit(system_calls_limit(runs_programs, &err) ? 100 : act());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Fails so; with these arguments each of the calls fails anyway, but otherwise. */
static bool is_refused(long number)
{
    return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) < 0 && errno == EPERM;
}

/* --- the list --------------------------------------------------------------------------------- */

static const struct call {
    long number;
    const char *name;
} calls[] = {
#define CALL(name) {SYS_##name, #name},
#include "cmd/system_calls.def"
#undef CALL
};

static int make_calls(void)
{
    int made = 0;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
#if defined(__SANITIZE_ADDRESS__)
        if (calls[i].number == SYS_ptrace || calls[i].number == SYS_process_vm_readv)
            continue;
#endif
        if (is_refused(calls[i].number))
            continue;
        fprintf(stderr, "%s is not refused\n", calls[i].name);
        made++;
    }
    return made;
}

static void test_list(void **state)
{
    (void)state;
    assert_in_child(false, make_calls);
    assert_in_child(true, make_calls);
}

static int look_at_status(void)
{
    char line[128];
    FILE *file = fopen("/proc/thread-self/status", "re");
    while (file && fgets(line, sizeof(line), file))
        if (!strcmp(line, "Seccomp:\t2\n"))
            return 0;
    return 1;
}

static void test_status(void **state)
{
    (void)state;
    assert_in_child(false, look_at_status);
}

/* --- programs and processes ------------------------------------------------------------------- */

static int run_program(void)
{
    char name[] = "/bin/true";
    char *const words[] = {name, NULL};
    execv(name, words);
    return errno == EPERM ? 0 : 1;
}

/* 0 if there was one. */
static int start_process(void)
{
    int status;
    pid_t child = fork();
    if (!child)
        _exit(0);
    return child > 0 && waitpid(child, &status, 0) == child ? 0 : 1;
}

#if !defined(__SANITIZE_ADDRESS__)
static int start_no_process(void)
{
    return start_process() && errno == EPERM ? 0 : 1;
}
#endif

static void test_programs(void **state)
{
    (void)state;
    assert_in_child(false, run_program);
    assert_in_child(true, run_program); /* /bin/true, which ends with 0 */
    assert_in_child(true, start_process);
#if !defined(__SANITIZE_ADDRESS__)
    assert_in_child(false, start_no_process);
#endif
}

static void *work(void *arg)
{
    *(bool *)arg = is_refused(SYS_ptrace) || is_refused(SYS_mount);
    return NULL;
}

/* Threads can be started, and what is refused is refused to them, too. */
static int start_thread(void)
{
    pthread_t thread;
    bool refused = false;
    if (pthread_create(&thread, NULL, work, &refused) || pthread_join(thread, NULL))
        return 1;
    return refused ? 0 : 2;
}

static void test_threads(void **state)
{
    (void)state;
    assert_in_child(false, start_thread);
}

static pthread_barrier_t barrier;

static void *wait_and_work(void *arg)
{
    pthread_barrier_wait(&barrier);
    return work(arg);
}

static void test_threads_before(void **state)
{
    int status;
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (!child) {
        struct error err;
        pthread_t thread;
        bool refused = false;
        pthread_barrier_init(&barrier, NULL, 2);
        if (pthread_create(&thread, NULL, wait_and_work, &refused) ||
            system_calls_limit(false, &err))
            _exit(1);
        pthread_barrier_wait(&barrier);
        pthread_join(thread, NULL);
        _exit(refused ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static int open_sockets(void)
{
    static const int good[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    static const int bad[] = {AF_PACKET, AF_KEY, AF_ALG, AF_VSOCK, AF_BLUETOOTH, AF_RXRPC};
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        if (socket(good[i], SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 && errno == EPERM)
            return 1;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (socket(bad[i], SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 || errno != EPERM)
            return 2;
    return 0;
}

static void test_sockets(void **state)
{
    (void)state;
    assert_in_child(false, open_sockets);
}

/* What a sensor does all the time. */
static int work_on(void)
{
    int descriptor = open("/dev/null", O_RDWR | O_CLOEXEC);
    void *memory = malloc(1 << 24);
    bool is_well = descriptor >= 0 && memory && write(descriptor, "", 1) == 1 && !sched_yield();
    free(memory);
    close(descriptor);
    return is_well ? 0 : 1;
}

static void test_others(void **state)
{
    (void)state;
    assert_in_child(false, work_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),           cmocka_unit_test(test_status),
        cmocka_unit_test(test_programs),       cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_before), cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
