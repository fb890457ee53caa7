/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static bool is_program(const char *path)
{
    struct stat status;
    return !stat(path, &status) && S_ISREG(status.st_mode) && !access(path, X_OK);
}

/* As execvp looks for it. */
static bool is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    char *copy = mem_strdup(path ? path : "/bin:/usr/bin"), *rest = copy, *folder;
    bool found = false;
    while (!found && (folder = strsep(&rest, ":"))) {
        char *file = mem_printf("%s/%s", *folder ? folder : ".", program);
        found = is_program(file);
        free(file);
    }
    free(copy);
    return found;
}

int spawn_check(const char *program, struct error *err)
{
    bool is_path = strchr(program, '/') != NULL;
    if (is_path && access(program, X_OK))
        return error_errno(err, "%s", program);
    if (is_path ? !is_program(program) : !is_in_path(program))
        return error_set(err, "%s: no such program%s", program, is_path ? "" : " in the path");
    return 0;
}

static int set_up(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions, int output)
{
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    for (const int *signal = (const int[]){SIGPIPE, SIGINT, SIGTERM, SIGHUP, 0}; *signal; signal++)
        sigaddset(&ours, *signal);
    const int flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    int failed = posix_spawnattr_setflags(attributes, (short)flags);
    failed |= posix_spawnattr_setpgroup(attributes, 0);
    failed |= posix_spawnattr_setsigdefault(attributes, &ours);
    failed |= posix_spawnattr_setsigmask(attributes, &none);
    failed |= posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (output >= 0)
        failed |= posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    return failed;
}

int spawn_program(pid_t *ret, char *const words[], int output)
{
    extern char **environ;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
    int failed = set_up(&attributes, &actions, output);
    if (!failed)
        failed = posix_spawnp(ret, words[0], &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}
