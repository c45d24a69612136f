#include "knell/act/urgency.hpp"

#include <sys/resource.h>

namespace knell::act {
namespace {

constexpr int kNiceMost = -20;

}  // namespace

Urgency::Urgency(bool wanted) {
  policy_ = sched_getscheduler(0);
  if (!wanted || policy_ != SCHED_OTHER || sched_getparam(0, &param_) != 0) return;
  const sched_param lowest{.sched_priority = sched_get_priority_min(SCHED_RR)};
  if (sched_setscheduler(0, SCHED_RR, &lowest) == 0) {
    means_ = Means::real_time;
    return;
  }
  nice_ = getpriority(PRIO_PROCESS, 0);
  if (setpriority(PRIO_PROCESS, 0, kNiceMost) == 0) means_ = Means::nice;
}

Urgency::~Urgency() {
  if (means_ == Means::real_time) sched_setscheduler(0, policy_, &param_);
  if (means_ == Means::nice) setpriority(PRIO_PROCESS, 0, nice_);
}

}  // namespace knell::act
