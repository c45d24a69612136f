#pragma once

/* What the program in the kernel writes of a process, and the way to it. Read by three compilers:
   C for BPF, C and C++. */

struct knell_task_name {
  int pid;       /* as the reader's pid namespace numbers it */
  char comm[16]; /* TASK_COMM_LEN of linux/sched.h, with its 0; "" of a kernel thread */
};

#ifndef __bpf__
#ifdef __cplusplus
extern "C" {
#endif
/* A descriptor that struct knell_task_name are read from, until there are no more; or -errno.
   EPERM: CAP_BPF and CAP_PERFMON are missing. EINVAL and others: the kernel has no BTF, is locked
   down or older than 5.18. The descriptor is closed on exec. */
int knell_open_task_names(void);
#ifdef __cplusplus
}
#endif
#endif
