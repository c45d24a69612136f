/* Runs in the kernel, once for each thread of the reader's pid namespace, and writes down those
   that lead a process: bpf_iter_task() of kernel/bpf/task_iter.c. Where the fields lie in the
   running kernel is found out when this is loaded (CO-RE), from its BTF; named here are only those
   used. */

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "knell/live/bpf/task_name.h"

#define OF_KERNEL __attribute__((preserve_access_index))
#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

struct upid {
  int nr;
} OF_KERNEL;

struct pid {
  unsigned int level;
  struct upid numbers[1]; /* one for each level of pid namespaces that the process is in */
} OF_KERNEL;

struct task_struct {
  unsigned int flags;
  int pid;
  int tgid;
  struct pid* thread_pid;
  char comm[16];
} OF_KERNEL;

struct seq_file;
struct bpf_iter_meta {
  struct seq_file* seq;
} OF_KERNEL;

struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
} OF_KERNEL;

/* task_pid_vnr() of the reader: its own level is that of the namespace it counts in. */
static int number_for_reader(const struct task_struct* task) {
  const struct task_struct* reader = bpf_get_current_task_btf();
  const unsigned int level = reader->thread_pid->level;
  const char* numbers = (const char*)&task->thread_pid->numbers[0];
  int number = 0;
  bpf_core_read(&number, sizeof(number), numbers + level * bpf_core_type_size(struct upid));
  return number;
}

SEC("iter/task")
int task_names(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  if (!task || task->pid != task->tgid) return 0;
  struct knell_task_name name = {.pid = number_for_reader(task)};
  if (name.pid <= 0) return 0; /* __exit_signal() of kernel/exit.c has taken it off */
  /* /proc calls a kernel thread by a longer name: proc_task_name() of fs/proc/array.c. */
  if (!(task->flags & PF_KTHREAD)) __builtin_memcpy(name.comm, task->comm, sizeof(name.comm));
  bpf_seq_write(context->meta->seq, &name, sizeof(name));
  return 0;
}

/* The kernel lends what this calls to programs only that say so. */
char LICENSE[] SEC("license") = "GPL";
