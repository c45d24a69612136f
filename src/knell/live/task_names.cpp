#include "knell/live/task_names.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "knell/live/bpf/task_name.h"
#include "knell/live/fd.hpp"

namespace knell::live {
namespace {

/// A descriptor, or -errno.
#ifdef KNELL_BPF
constexpr bool kBuiltIn = true;
constexpr auto open_task_names = knell_open_task_names;
#else
constexpr bool kBuiltIn = false;
int open_task_names() {
  return -ENOSYS;
}
#endif

/// capabilities(7): before Linux 5.8 CAP_SYS_ADMIN stood for the other two, and it still does.
bool may_use_bpf() {
  constexpr unsigned kCapSysAdmin = 21, kCapPerfmon = 38, kCapBpf = 39;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  const auto has = [&](unsigned cap) { return (sets[cap / 32].effective >> cap % 32 & 1U) != 0; };
  return has(kCapSysAdmin) || (has(kCapBpf) && has(kCapPerfmon));
}

TaskName name_of(const knell_task_name& record) {
  const std::span comm(record.comm);
  return {.pid = Pid(record.pid), .comm = {comm.data(), ::strnlen(comm.data(), comm.size())}};
}

}  // namespace

bool may_have_task_names() {
  // PR_GET_SECCOMP of prctl(2): 0 where no filter is in force.
  return kBuiltIn && ::prctl(PR_GET_SECCOMP) == 0 && may_use_bpf();
}

std::expected<std::vector<TaskName>, int> task_names() {
  const int opened = may_have_task_names() ? open_task_names() : kBuiltIn ? -EPERM : -ENOSYS;
  if (opened < 0) return std::unexpected(-opened);
  const Fd list(opened);
  // bpf_seq_read() of kernel/bpf/bpf_iter.c gives whole records, eight pages of them at most.
  std::array<knell_task_name, 2048> records;
  std::vector<TaskName> names;
  for (;;) {
    const ssize_t got = ::read(list.get(), records.data(), sizeof(records));
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;  // EAGAIN: a million threads
    if (got < 0) return std::unexpected(errno);
    if (got == 0) return names;
    const auto count = static_cast<std::size_t>(got) / sizeof(knell_task_name);
    for (const knell_task_name& record : std::span(records).first(count))
      names.push_back(name_of(record));
  }
}

}  // namespace knell::live
