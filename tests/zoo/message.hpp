#pragma once

/// What pid 1 of an animal's namespace tells the keeper outside.

#include <sys/types.h>

#include <optional>
#include <utility>

#include "zoo/job.hpp"

namespace knell::zoo {

/// Neither: nobody is there to say anything.
struct Message {
  std::optional<pid_t> pid;  ///< as the receiver's namespace counts
  std::optional<Outcome> outcome;
};

/// The keeper's end, which gets messages, and the other.
[[nodiscard]] std::pair<int, int> make_channel();
/// `pid` is a number of the sender's namespace, who is root in it; the kernel translates
/// (SCM_CREDENTIALS of unix(7)).
void send_pid(int channel, pid_t pid);
void send_outcome(int channel, const Outcome& outcome);
[[nodiscard]] Message receive(int channel);

}  // namespace knell::zoo
