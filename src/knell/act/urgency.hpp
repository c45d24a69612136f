#pragma once

/// Going before others on the processor while processes are ended: those that keep a machine busy
/// are often the very ones, and to find them takes as long as they let it.

#include <sched.h>

#include "knell/act/priority.hpp"

namespace knell::act {

/// While it lives the calling thread, and the threads it starts, have their priority raised
/// (raise_priority) if they had none but the usual. What was before is set again at the end.
class Urgency {
public:
  explicit Urgency(bool wanted);
  Urgency(const Urgency&) = delete;
  Urgency& operator=(const Urgency&) = delete;
  ~Urgency();

private:
  Raised raised_ = Raised::no;
  sched_param param_{};
  int nice_ = 0;
};

}  // namespace knell::act
