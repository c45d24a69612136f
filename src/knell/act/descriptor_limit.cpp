#include "knell/act/descriptor_limit.hpp"

namespace knell::act {
namespace {

constexpr rlim_t kToWorkWith = 16;

}  // namespace

DescriptorLimit::DescriptorLimit(std::size_t handles) {
  if (getrlimit(RLIMIT_NOFILE, &now_) != 0) return;
  if (now_.rlim_cur >= handles + kReserve || now_.rlim_cur >= now_.rlim_max) return;
  const rlimit raised{now_.rlim_max, now_.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) return;
  before_ = now_;
  now_ = raised;
}

DescriptorLimit::~DescriptorLimit() {
  if (before_) setrlimit(RLIMIT_NOFILE, &*before_);
}

bool DescriptorLimit::has_room_above(int highest) const {
  return static_cast<rlim_t>(highest) + kToWorkWith < now_.rlim_cur;
}

}  // namespace knell::act
