#include "knell/act/urgency.hpp"

#include <sys/resource.h>

namespace knell::act {

Urgency::Urgency(bool wanted) {
  if (!wanted || sched_getscheduler(0) != SCHED_OTHER || sched_getparam(0, &param_) != 0) return;
  nice_ = getpriority(PRIO_PROCESS, 0);
  raised_ = raise_priority(0);
}

Urgency::~Urgency() {
  if (raised_ == Raised::real_time) sched_setscheduler(0, SCHED_OTHER, &param_);
  if (raised_ == Raised::nice) setpriority(PRIO_PROCESS, 0, nice_);
}

}  // namespace knell::act
