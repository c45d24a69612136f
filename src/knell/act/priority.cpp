#include "knell/act/priority.hpp"

#include <sched.h>
#include <sys/resource.h>

namespace knell::act {
namespace {

constexpr int kNiceMost = -20;

bool is_of_normal_kind(int policy) {
  return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

bool set_policy(pid_t thread, int policy) {
  const bool real_time = policy == SCHED_RR;
  const sched_param lowest{.sched_priority = real_time ? sched_get_priority_min(policy) : 0};
  return sched_setscheduler(thread, policy, &lowest) == 0;
}

}  // namespace

Raised raise_priority(pid_t thread) {
  const int policy = sched_getscheduler(thread) & ~SCHED_RESET_ON_FORK;
  if (!is_of_normal_kind(policy)) return Raised::no;
  if (set_policy(thread, SCHED_RR)) return Raised::real_time;
  if (policy == SCHED_IDLE) set_policy(thread, SCHED_OTHER);  // for that one nice means little
  const auto id = static_cast<id_t>(thread);
  return setpriority(PRIO_PROCESS, id, kNiceMost) == 0 ? Raised::nice : Raised::no;
}

void hasten(const live::Machine& machine, const live::ProcessHandle& dying) {
  const Result<std::vector<Pid>> threads = machine.threads_of(dying.id().pid);
  if (!threads || !dying.keeps_its_number()) return;
  for (const Pid thread : *threads) raise_priority(thread.value());
}

}  // namespace knell::act
