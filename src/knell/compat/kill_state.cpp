#include <fcntl.h>

#include <array>
#include <cerrno>
#include <expected>
#include <string>
#include <utility>

#include "knell/compat/kill_list.hpp"
#include "knell/compat/kill_signals.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/typed_number.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/proc_status.hpp"

namespace knell::compat {
namespace {

std::expected<live::ProcStatus, int> read_status(std::string_view process) {
  const auto number = typed_number<long>(process);
  if (!number || *number <= 0) return std::unexpected(EINVAL);
  live::ProcReader reader(AT_FDCWD);
  const std::string path = "/proc/" + std::to_string(*number) + "/status";
  const auto text = reader.record(path.c_str());
  if (!text) return std::unexpected(text.error() == ENOENT ? ESRCH : text.error());
  auto status = live::parse_status(*text);
  if (!status) return std::unexpected(EBADMSG);
  return *std::move(status);
}

std::string line(Style style, std::string_view label, SigSet signals) {
  if (signals.empty()) return {};
  std::string text = std::string(label) + ": ";
  for (int number = 1; number <= Signal::kLast; ++number)
    if (signals.has(Signal(number))) text += signal_name(style, Signal(number)) + " ";
  return text + "\n";
}

}  // namespace

int show_state(Style style, std::string_view program, std::string_view process) {
  const auto status = read_status(process);
  if (!status) {
    complain(program, "cannot read the signals of process " + std::string(process) + ": " +
                          reason_of(status.error()));
    return 1;
  }
  const std::string text = line(style, "Pending (thread)", status->pending) +
                           line(style, "Pending (process)", status->shared_pending) +
                           line(style, "Blocked", status->blocked) +
                           line(style, "Ignored", status->ignored) +
                           line(style, "Caught", status->caught);
  return print(program, text) ? 0 : 1;
}

}  // namespace knell::compat
