#include "knell/conform/handlers_told.hpp"

#include <cerrno>
#include <utility>

namespace knell::conform {

Result<std::vector<HandlerRun>> HandlersTold::take(const Slot& slot) {
  std::vector<HandlerRun> runs;
  const std::uint32_t begun = slot.begun;
  if (begun == seen_ && unfinished_.empty()) return runs;
  std::vector<std::uint32_t> serials = std::exchange(unfinished_, {});
  while (seen_ != begun) serials.push_back(++seen_);
  if (begun - serials.front() >= kToldKept)
    return failure(EOVERFLOW, "note", "the handlers that ran", "too many of them in one step");
  for (const std::uint32_t serial : serials) {
    const Told& told = slot.told[(serial - 1) % kToldKept];
    if (told.serial == serial)
      runs.push_back(told.run);
    else
      unfinished_.push_back(serial);
  }
  began_ += static_cast<std::uint32_t>(runs.size());
  return runs;
}

void HandlersTold::forget_frames(const Slot& slot) {
  unfinished_.clear();
  began_ = 0;
  left_before_ = slot.left;
}

}  // namespace knell::conform
