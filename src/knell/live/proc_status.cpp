#include "knell/live/proc_status.hpp"

#include "knell/live/proc_stat.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

Pid pid_in(std::string_view value) {
  return Pid(number_or_zero<std::int32_t>(take_word(value)));
}

SigSet signals_in(std::string_view value) {
  return SigSet(number_or_zero<std::uint64_t>(take_word(value), 16));
}

template <class Id>
void four_ids(std::string_view value, Id& real, Id& effective, Id& saved, Id& filesystem) {
  for (Id* id : {&real, &effective, &saved, &filesystem})
    *id = Id(number_or_zero<std::uint32_t>(take_word(value)));
}

std::vector<Pid> pids_in(std::string_view value) {
  std::vector<Pid> pids;
  for (auto word = take_word(value); !word.empty(); word = take_word(value))
    pids.emplace_back(number_or_zero<std::int32_t>(word));
  return pids;
}

/// proc_task_name() writes a newline as "\n" and a backslash as "\\", and nothing else so.
std::string unescape_name(std::string_view value) {
  std::string name;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool escape = value[i] == '\\' && i + 1 < value.size();
    if (escape) ++i;
    name += escape && value[i] == 'n' ? '\n' : value[i];
  }
  return name;
}

void take_field(ProcStatus& status, std::string_view key, std::string_view value) {
  if (key == "Name") status.name = unescape_name(value);
  if (key == "State" && !value.empty()) status.state = state_of(value[0]);
  if (key == "Tgid") status.tgid = pid_in(value);
  if (key == "Pid") status.pid = pid_in(value);
  if (key == "PPid") status.parent = pid_in(value);
  if (key == "TracerPid") status.tracer = pid_in(value);
  if (key == "Uid")
    four_ids(value, status.cred.uid, status.cred.euid, status.cred.suid, status.cred.fsuid);
  if (key == "Gid")
    four_ids(value, status.cred.gid, status.cred.egid, status.cred.sgid, status.cred.fsgid);
  if (key == "CapEff") status.cred.cap_effective = signals_in(value).bits();
  if (key == "NSpid") status.ns_pids = pids_in(value);
  if (key == "Threads") status.threads = number_or_zero<std::uint32_t>(take_word(value));
  if (key == "SigPnd") status.pending = signals_in(value);
  if (key == "ShdPnd") status.shared_pending = signals_in(value);
  if (key == "SigBlk") status.blocked = signals_in(value);
  if (key == "SigIgn") status.ignored = signals_in(value);
  if (key == "SigCgt") status.caught = signals_in(value);
  if (key == "CoreDumping") status.core_dumping = take_word(value) == "1";
}

}  // namespace

std::optional<ProcStatus> parse_status(std::string_view text) {
  ProcStatus status;
  bool state = false;
  while (!text.empty()) {
    std::string_view value = take_line(text);
    const std::string_view key = take(value, ':');
    if (value.starts_with('\t')) value.remove_prefix(1);
    state = state || key == "State";
    take_field(status, key, value);
  }
  if (!state || status.tgid == Pid{} || status.pid == Pid{}) return std::nullopt;
  return status;
}

}  // namespace knell::live
