#include "knell/live/proc_stat.hpp"

#include <array>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

// include/linux/sched.h
constexpr std::uint32_t kPfExiting = 0x00000004;
constexpr std::uint32_t kPfForkNoExec = 0x00000040;
constexpr std::uint32_t kPfKthread = 0x00200000;

/// The fields behind the name, by their numbers in proc_pid_stat(5).
class Fields {
public:
  static constexpr std::size_t kFirst = 3;
  static constexpr std::size_t kLast = 52;

  explicit Fields(std::string_view rest) {
    for (std::string_view& field : fields_) field = take(rest, ' ');
  }
  std::string_view operator[](std::size_t field) const { return fields_[field - kFirst]; }
  template <class Number>
  [[nodiscard]] Number number(std::size_t field) const {
    return number_or_zero<Number>((*this)[field]);
  }

private:
  std::array<std::string_view, kLast - kFirst + 1> fields_;
};

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view text) {
  const std::size_t open = text.find(" (");
  const std::size_t close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
    return std::nullopt;
  const auto pid = number<std::int32_t>(text.substr(0, open));
  const std::string_view name = text.substr(open + 2, close - open - 2);
  text.remove_prefix(close + 2);
  take_ending(text, "\n");
  const Fields fields(text);
  const auto start = number<std::uint64_t>(fields[22]);
  if (!pid || !start || fields[3].size() != 1) return std::nullopt;

  const auto flags = fields.number<std::uint32_t>(9);
  return ProcStat{
      .pid = Pid(*pid),
      .comm = std::string(name),
      .state = state_of(fields[3][0]),
      .parent = Pid(fields.number<std::int32_t>(4)),
      .pgrp = Pgid(fields.number<std::int32_t>(5)),
      .session = Sid(fields.number<std::int32_t>(6)),
      .tty = static_cast<std::uint32_t>(fields.number<std::int32_t>(7)),
      .foreground = Pgid(fields.number<std::int32_t>(8)),
      .kernel_thread = (flags & kPfKthread) != 0,
      .fork_no_exec = (flags & kPfForkNoExec) != 0,
      .exiting = (flags & kPfExiting) != 0,
      .num_threads = fields.number<std::uint32_t>(20),
      .start = StartTime(*start),
      .exit_code = fields.number<int>(52),
  };
}

TaskState state_of(char letter) {
  switch (letter) {
    case 'R':
    case 'S':
    case 'D':
    case 'T':
    case 't':
    case 'I':
    case 'Z':
    case 'X':
      return static_cast<TaskState>(letter);
    case 'x':
      return TaskState::dead;
    case 'K':  // wakekill: before 2.6.33 … 4.13
      return TaskState::disk_sleep;
    case 'P':  // parked: kernel threads only
      return TaskState::idle;
    default:
      return TaskState::sleeping;
  }
}

std::uint32_t encode_device(unsigned major, unsigned minor) {
  return (minor & 0xffU) | (major << 8) | ((minor & ~0xffU) << 12);
}

}  // namespace knell::live
