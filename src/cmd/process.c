/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/quantity.h"
#include "cmd/system_calls.h"

/* --- options ---------------------------------------------------------------------------------- */

bool process_options_take(struct process_options *options, const char *prefix,
                          const struct rc_variable *variable)
{
    const char *value = variable->value, *name = variable->name;
    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return false;
    name += strlen(prefix);
    if (!strcmp(name, "DAEMON")) {
        options->is_daemon = rc_is_yes(value);
    } else if (!strcmp(name, "SET_PID")) {
        options->no_pid_file = !rc_is_yes(value);
    } else if (!strcmp(name, "PID_PATH")) {
        free(options->pid_folder);
        options->pid_folder = mem_strdup(value);
    } else {
        return false;
    }
    return true;
}

void process_options_release(struct process_options *options)
{
    free(options->user);
    free(options->group);
    free(options->root_folder);
    free(options->pid_folder);
    *options = (struct process_options){0};
}

/* --- going into the background ---------------------------------------------------------------- */

/* What the child says when it is ready; its end without a word is a failure. */
static void wait_for_child(int descriptor)
{
    char byte;
    ssize_t got;
    do
        got = read(descriptor, &byte, 1);
    while (got < 0 && errno == EINTR);
    _exit(got == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

int process_begin(struct process *p, const struct process_options *o, struct error *err)
{
    int ends[2];
    *p = (struct process){.parent = -1, .pid_file = {.descriptor = -1}};
    if (!o->is_daemon)
        return 0;
    if (pipe2(ends, O_CLOEXEC))
        return error_errno(err, "a pipe to the background");
    pid_t child = fork();
    if (child < 0)
        return error_errno(err, "going into the background");
    if (child > 0) {
        close(ends[1]);
        wait_for_child(ends[0]);
    }
    close(ends[0]);
    p->parent = ends[1];
    setsid();
    return 0;
}

/* A pipe must not stay open: who started the daemon may wait for its end. */
static bool is_file(int descriptor)
{
    struct stat status;
    return !fstat(descriptor, &status) && S_ISREG(status.st_mode);
}

void process_ready(struct process *p, const struct process_options *o)
{
    if (p->parent < 0)
        return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        if (!o->uses_stdout)
            (void)dup2(null, STDOUT_FILENO);
        if (!is_file(STDERR_FILENO))
            (void)dup2(null, STDERR_FILENO);
        close(null);
    }
    (void)!write(p->parent, "", 1);
    close(p->parent);
    p->parent = -1;
}

void process_end(struct process *p)
{
    pid_file_release(&p->pid_file);
}

/* --- rights ----------------------------------------------------------------------------------- */

struct identity {
    bool has_user, has_group;
    uid_t user;
    gid_t group;
};

/* Names, or numbers. The group of a user is that of its entry, unless another one is given. */
static int find_identity(const struct process_options *o, struct identity *ret, struct error *err)
{
    uint64_t number;
    *ret = (struct identity){0};
    if (o->user) {
        const struct passwd *user = getpwnam(o->user);
        if (!user && !quantity_count(o->user, UINT32_MAX - 1, &number, NULL))
            user = getpwuid((uid_t)number);
        if (!user)
            return error_set(err, "there is no user '%s'", o->user);
        ret->has_user = ret->has_group = true;
        ret->user = user->pw_uid;
        ret->group = user->pw_gid;
    }
    if (o->group) {
        const struct group *group = getgrnam(o->group);
        if (!group && quantity_count(o->group, UINT32_MAX - 1, &number, NULL))
            return error_set(err, "there is no group '%s'", o->group);
        ret->has_group = true;
        ret->group = group ? group->gr_gid : (gid_t)number;
    }
    return 0;
}

static int become(const struct identity *who, struct error *err)
{
    if (who->has_group && ((geteuid() == 0 && setgroups(1, &who->group)) ||
                           setresgid(who->group, who->group, who->group)))
        return error_errno(err, "changing the group");
    if (who->has_user && setresuid(who->user, who->user, who->user))
        return error_errno(err, "changing the user");
    return 0;
}

/* A packet socket that is open needs none. What is not had cannot be dropped, which is fine. */
static int drop_capabilities(struct error *err)
{
    const uint32_t kept = geteuid() == 0 ? 1u << CAP_DAC_OVERRIDE : 0;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct had[2], sets[2] = {{0}};
    if (syscall(SYS_capget, &header, had))
        return error_errno(err, "the capabilities of this process");
    sets[0].effective = sets[0].permitted = had[0].permitted & kept;
    if (syscall(SYS_capset, &header, sets) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return error_errno(err, "dropping capabilities");
    return 0;
}

int process_confine(struct process *p, const struct process_options *o, const char *name,
                    struct error *err)
{
    struct identity who;
    if (find_identity(o, &who, err))
        return -1;
    const char *folder = o->pid_folder ? o->pid_folder : "/var/run";
    if (o->is_daemon && !o->no_pid_file && pid_file_take(&p->pid_file, folder, name, err))
        return -1;
    if (o->root_folder && (chroot(o->root_folder) || chdir("/")))
        return error_errno(err, "%s: cannot become the root folder", o->root_folder);
    if (become(&who, err) || (name && drop_capabilities(err)))
        return -1;
    return system_calls_limit(o->runs_programs, err);
}
