#include "knell/compat/killall.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "knell/act/descriptor_limit.hpp"
#include "knell/compat/killall_match.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/look.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/style.hpp"
#include "knell/compat/wait.hpp"

namespace knell::compat {
namespace {

constexpr std::string_view kName = "killall";

/// "sleep(812)", "sleep(pgid 812)"
std::string label_of(const Meant& meant, std::int32_t number, bool group) {
  return meant.called + "(" + (group ? "pgid " : "") + std::to_string(number) + ")";
}

/// Not from std::cin, which is not made yet (cli/main.cpp).
std::optional<std::string> line_of_input() {
  std::string line;
  for (int letter = std::getchar(); letter != EOF; letter = std::getchar()) {
    if (letter == '\n') return line;
    line.push_back(static_cast<char>(letter));
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

/// Asks until the answer is yes, no, nothing, or the end of standard input.
bool ask(const std::string& label, Signal signal) {
  const std::string question =
      (signal == signals::kTerm ? "Kill " : "Signal ") + label + " ? (y/N) ";
  use_locale();  // rpmatch(3): yes and no in the caller's language
  while (print(kName, question)) {
    const auto answer = line_of_input();
    if (!answer || answer->empty()) break;
    if (const int said = ::rpmatch(answer->c_str()); said >= 0) return said > 0;
  }
  return false;
}

/// Sends what is to be sent, one target after the other, and keeps count of what came of it.
class Sender {
public:
  Sender(const KillallRequest& request, KillallChoice choice)
      : request_(request), choice_(std::move(choice)), found_(request.names.size()) {}

  int send_all();

private:
  [[nodiscard]] bool is_spared(TaskIndex task) const {
    return std::ranges::find(kept_, task) != kept_.end();
  }
  void set_apart();
  void send(const Meant& meant);
  Result<void> send_to(TaskIndex task);
  Result<void> send_to_group(Pgid group);
  /// All of the group but those who are spared.
  struct Members {
    std::vector<TaskIndex> tasks;
    bool all = true;
  };
  [[nodiscard]] Members members_of(Pgid group);
  void tell_missing() const;
  void wait() const;

  const World& world() const { return choice_.world; }

  const KillallRequest& request_;
  KillallChoice choice_;
  std::vector<TaskIndex> kept_;                 ///< who is not to be signalled, whoever matches
  std::vector<TaskIndex> spared_;               ///< those of them that would have been
  std::vector<Pgid> groups_;                    ///< that had their turn
  std::vector<bool> found_;                     ///< by name: somebody was signalled
  std::vector<bool> seen_ = found_;             ///< or would have been, but was spared
  std::vector<live::ProcessHandle> signalled_;  ///< to be waited for
  bool any_ = false;
};

/// In a group this command itself is spared too: it has still to tell what it did.
void Sender::set_apart() {
  if (request_.ancestors || style() == Style::procps || request_.signal == Signal(0)) return;
  kept_ = kept_processes(world());
  kept_.push_back(world().find(Pid(::getpid())));
  std::erase_if(choice_.meant, [&](const Meant& meant) {
    if (!is_spared(meant.task)) return false;
    spared_.push_back(meant.task);
    if (meant.name) seen_[*meant.name] = true;
    return true;
  });
}

Result<void> Sender::send_to(TaskIndex task) {
  auto handle =
      live::ProcessHandle::open(choice_.machine, world().id(task), world().signal_of(task).pidfd);
  if (!handle) return std::unexpected(handle.error());
  KNELL_TRY(handle->send(request_.signal));
  if (request_.wait) signalled_.push_back(std::move(*handle));
  return {};
}

/// This process last, for it may end by it.
Sender::Members Sender::members_of(Pgid group) {
  Members members;
  const TaskIndex self = world().find(Pid(::getpid()));
  for (const TaskIndex task : world().processes()) {
    if (world().signal_of(task).pgrp != group) continue;
    if (!is_spared(task)) {
      members.tasks.push_back(task);
      continue;
    }
    members.all = false;
    if (task != self) spared_.push_back(task);
  }
  std::ranges::stable_partition(members.tasks, [&](TaskIndex task) { return task != self; });
  return members;
}

/// Through its leader where that lives and nobody of it is spared: then nobody who is just being
/// forked is missed. Else one member after the other.
Result<void> Sender::send_to_group(Pgid group) {
  const Members members = members_of(group);
  const TaskIndex leader = world().find(Pid(group.value()));
  if (leader && members.all && !request_.wait) {
    const auto handle = live::ProcessHandle::open(choice_.machine, world().id(leader),
                                                  world().signal_of(leader).pidfd);
    if (handle && handle->send_to_group(request_.signal)) return {};
  }
  Result<void> outcome = failure(ESRCH, "find", "the process group");
  for (const TaskIndex task : members.tasks) {
    const Result<void> sent = send_to(task);
    if (sent || !outcome) outcome = sent;
  }
  return outcome;
}

void Sender::send(const Meant& meant) {
  const Pgid group = world().signal_of(meant.task).pgrp;
  if (request_.groups) {
    if (group == Pgid{}) return;  // made outside of this pid namespace: it has no number here
    if (std::ranges::find(groups_, group) != groups_.end()) return;
    groups_.push_back(group);
  }
  const std::int32_t number = request_.groups ? group.value() : world()[meant.task].pid.value();
  const std::string label = label_of(meant, number, request_.groups);
  if (request_.ask && !ask(label, request_.signal)) return;
  const Result<void> sent = request_.groups ? send_to_group(group) : send_to(meant.task);
  if (!sent) {
    if (sent.error().number != ESRCH || request_.ask)
      tell(label_of(meant, number, false) + ": " + reason_of(sent.error().number) + "\n");
    return;
  }
  any_ = true;
  if (meant.name) found_[*meant.name] = true;
  if (request_.verbose)
    tell("Killed " + label + " with signal " + std::to_string(request_.signal.number()) + "\n");
}

void Sender::tell_missing() const {
  if (request_.quiet) return;
  for (std::size_t place = 0; place < found_.size(); ++place)
    if (!found_[place] && !seen_[place]) tell(request_.names[place] + ": no process found\n");
}

void Sender::wait() const {
  if (const auto waited = wait_for(signalled_, std::nullopt); !waited)
    complain(kName, waited.error().message());
}

int Sender::send_all() {
  const act::DescriptorLimit limit(request_.wait ? world().tasks.size() : 0);
  set_apart();
  for (const Meant& meant : choice_.meant) send(meant);
  std::ranges::sort(spared_);
  const auto repeated = std::ranges::unique(spared_);
  spared_.erase(repeated.begin(), repeated.end());
  if (!spared_.empty()) complain(kName, spared_text(world(), spared_));
  tell_missing();
  wait();
  const bool all = std::ranges::find(found_, false) == found_.end();
  return (found_.empty() ? any_ : all) ? 0 : 1;
}

}  // namespace

int run_killall(int argc, char** argv) {
  const report::Manual manual = killall_manual();
  const auto request = killall_request(manual, argc, argv);
  if (!request) return request.error();
  auto choice = who_is_meant(*request);
  if (!choice) return choice.error();
  return Sender(*request, std::move(*choice)).send_all();
}

}  // namespace knell::compat
