/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cmd/pid_file.h"
#include "cmd/rc_file.h"

/* The process of a sensor that listens: in the background or not, and with few rights. */
struct process_options {
    bool is_daemon, no_pid_file, uses_stdout;
    bool runs_programs;               /* when it is at work */
    char *pid_folder;                 /* NULL: the usual one */
    char *user, *group, *root_folder; /* NULL: as they are */
};

/* True if the variable is about the process: PREFIX_DAEMON, _SET_PID or _PID_PATH. */
bool process_options_take(struct process_options *options, const char *prefix,
                          const struct rc_variable *variable);
void process_options_release(struct process_options *options);

struct process {
    int parent; /* who waits to hear that all is well; -1: nobody */
    struct pid_file pid_file;
};

/*
 * For a daemon: goes on in a child of its own session. The parent waits for process_ready and ends
 * with status 0, or, if the child ends before that, with status 1.
 */
int process_begin(struct process *process, const struct process_options *options,
                  struct error *err) MUST_USE;

/*
 * Gives up what is not needed once the interfaces are open: writes a daemon's pid file, which is
 * called `name`.N.pid, changes root folder, group and user, and drops all capabilities. Who stays
 * root may still open files that belong to others. Then the kernel refuses all system calls that
 * are not needed (system_calls.h). NULL: there are no interfaces, and capabilities stay as they
 * are.
 */
int process_confine(struct process *process, const struct process_options *options,
                    const char *name, struct error *err) MUST_USE;

/*
 * All is well: a daemon lets go of what it was started with. Standard error stays if it is a file,
 * standard output if the options say that records go there.
 */
void process_ready(struct process *process, const struct process_options *options);

/* Gives back the pid file. */
void process_end(struct process *process);
