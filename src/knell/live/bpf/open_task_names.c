/* The loader that bpftool has made of task_names.bpf.c (a light skeleton) is C, so this is, too. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "knell/live/bpf/task_name.h"
#include "task_names.lskel.h"

static int iterator_over(int link) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof(attributes));
  attributes.iter_create.link_fd = (__u32)link;
  const int fd = (int)syscall(SYS_bpf, BPF_ITER_CREATE, &attributes, sizeof(attributes));
  return fd < 0 ? -errno : fd;
}

int knell_open_task_names(void) {
  struct task_names* skeleton = task_names__open_and_load();
  if (!skeleton) return errno ? -errno : -EINVAL;
  const int link = task_names__task_names__attach(skeleton);
  const int fd = link < 0 ? -errno : iterator_over(link);
  task_names__destroy(skeleton); /* the iterator keeps what it needs */
  return fd;
}
