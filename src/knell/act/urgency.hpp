#pragma once

/// Going before others on the processor while processes are ended: those that keep a machine busy
/// are often the very ones, and to find them takes as long as they let it.

#include <sched.h>

namespace knell::act {

/// While it lives the calling thread, and the threads it starts, run at the lowest real-time
/// priority (SCHED_RR, sched(7)) or, where that is refused, at nice -20. Where neither is permitted
/// (CAP_SYS_NICE, RLIMIT_RTPRIO) nothing changes. What was before is set again at the end.
class Urgency {
public:
  explicit Urgency(bool wanted);
  Urgency(const Urgency&) = delete;
  Urgency& operator=(const Urgency&) = delete;
  ~Urgency();

private:
  enum class Means : unsigned char { none, real_time, nice };
  Means means_ = Means::none;
  int policy_ = SCHED_OTHER;
  sched_param param_{};
  int nice_ = 0;
};

}  // namespace knell::act
