/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/system_calls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#endif

/* The leak checker is a process that traces this one. */
#if defined(__SANITIZE_ADDRESS__)
enum { IS_CHECKED = 1 };
#else
enum { IS_CHECKED = 0 };
#endif

/* Calls of the x32 convention have this bit. */
enum { X32_BIT = 0x40000000 };

enum { PROGRAM_MOST = 160 };

/* What is being written: a program of the kernel's packet filter, on a struct seccomp_data. */
struct program {
    struct sock_filter code[PROGRAM_MOST];
    unsigned count;
};

static void add(struct program *p, uint16_t code, uint8_t yes, uint8_t no, uint32_t value)
{
    check(p->count < PROGRAM_MOST);
    p->code[p->count++] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = value};
}

static void load(struct program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void answer(struct program *p, int error)
{
    add(p, BPF_RET | BPF_K, 0, 0,
        error ? SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA) : SECCOMP_RET_ALLOW);
}

/* If what was loaded is this number, the call fails so. */
static void refuse(struct program *p, uint32_t number, int error)
{
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
    answer(p, error);
}

/* The lower half of an argument. The order of bytes is that of the processors above. */
static void load_argument(struct program *p, unsigned which)
{
    load(p, offsetof(struct seccomp_data, args) + which * sizeof(uint64_t));
}

/* Calls by the conventions of this processor alone; leaves the number of the call loaded. */
static void add_beginning(struct program *p, uint32_t native)
{
    load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, native);
    answer(p, EPERM);
    load(p, offsetof(struct seccomp_data, nr));
    add(p, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
    answer(p, ENOSYS);
}

static void add_list(struct program *p)
{
    static const struct call {
        uint32_t number;
        bool is_tracer;
    } calls[] = {
#define CALL(name) {SYS_##name, SYS_##name == SYS_ptrace || SYS_##name == SYS_process_vm_readv},
#include "cmd/system_calls.def"
#undef CALL
    };
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
        if (!IS_CHECKED || !calls[i].is_tracer)
            refuse(p, calls[i].number, EPERM);
}

/*
 * No program but this one, and no process but this one, which still may have threads. What a clone3
 * is to be cannot be seen; without it the C library asks for the same by clone.
 */
static void add_programs(struct program *p)
{
    refuse(p, SYS_execve, EPERM);
    refuse(p, SYS_execveat, EPERM);
    if (IS_CHECKED)
        return;
#ifdef SYS_fork
    refuse(p, SYS_fork, EPERM);
    refuse(p, SYS_vfork, EPERM);
#endif
    refuse(p, SYS_clone3, ENOSYS);
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, SYS_clone);
    load_argument(p, 0);
    add(p, BPF_JMP | BPF_JSET | BPF_K, 1, 0, CLONE_THREAD);
    answer(p, EPERM);
    answer(p, 0);
}

static void add_sockets(struct program *p)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    const uint8_t count = ARRAY_SIZE(families);
    add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(count + 2), SYS_socket);
    load_argument(p, 0);
    for (uint8_t i = 0; i < count; i++)
        add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint8_t)(count - i), 0, (uint32_t)families[i]);
    answer(p, EPERM);
}

static int install(const struct program *p)
{
    const struct sock_fprog program = {
        .len = (uint16_t)p->count,
        .filter = (struct sock_filter *)(uintptr_t)p->code,
    };
    const unsigned long flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int system_calls_limit(bool runs_programs, struct error *err)
{
#ifdef NATIVE
    struct program program = {.count = 0};
    add_beginning(&program, NATIVE);
    add_list(&program);
    if (!runs_programs)
        add_programs(&program);
    add_sockets(&program);
    answer(&program, 0);
    int failed = install(&program);
    if (failed > 0)
        return error_set(err, "thread %d cannot be kept from system calls", failed);
    if (failed && errno != EINVAL && errno != ENOSYS)
        return error_errno(err, "limiting the system calls of this process");
#else
    (void)runs_programs;
    (void)err;
#endif
    return 0;
}
