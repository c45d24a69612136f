/// `knell android`: Android's process groups from the shell.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/plan/predict.hpp"
#include "knell/report/android_text.hpp"
#include "knell/report/numbers.hpp"

namespace knell::cli {
namespace {

using android::Group;
using android::ProcessGroups;
using report::ListedGroup;

int status_of(const Error& error) {
  switch (error.number) {
    case ENOENT:
    case ESRCH:
      return static_cast<int>(plan::Exit::no_match);
    case EBUSY:
      return static_cast<int>(plan::Exit::survived);
    case EPERM:
    case EACCES:
      return static_cast<int>(plan::Exit::not_permitted);
    default:
      return kFailed;
  }
}

/// Complains; the exit status.
int failed(const Error& error) {
  complain(error);
  return status_of(error);
}

Result<ProcessGroups> open_groups(const AndroidOptions& typed) {
  const std::string root = typed.root.empty() ? KNELL_TRY(ProcessGroups::find_root()) : typed.root;
  return ProcessGroups::open(root, {.way = typed.way});
}

/// Who is in the group now; nobody if it has just been removed.
Result<ListedGroup> look_into(const live::Machine& machine, const Group& group) {
  ListedGroup listed{group, {}};
  const Result<std::vector<Pid>> pids = group.cgroup.processes();
  if (!pids && pids.error().number == ENOENT) return listed;
  if (!pids) return std::unexpected(pids.error());
  const World world = KNELL_TRY(machine.read_some(*pids, Known::stat | Known::names));
  for (const Pid pid : *pids) {
    const auto found = std::ranges::find(world.by_pid, pid, &std::pair<Pid, TaskIndex>::first);
    const bool known = found != world.by_pid.end();
    listed.processes.push_back({pid, known ? plan::whole_name(world, found->second) : "?"});
  }
  return listed;
}

/// Android's functions trust their caller, who made the group; what a person types is looked at.
Result<void> check(const live::Machine& machine, const ListedGroup& listed) {
  const Pid pid = listed.group.pid;
  const auto in_it = [&](Pid whom) {
    return std::ranges::find(listed.processes, whom, &report::GroupProcess::pid) !=
           listed.processes.end();
  };
  const World self = KNELL_TRY(machine.read_some({}, Known::stat));
  for (const auto& [whom, task] : self.by_pid)
    if (in_it(whom) || Pid(::getpgid(whom.value())) == pid)
      return failure(EPERM, "end the group", fmt::format("of pid {}", pid.value()),
                     fmt::format("{} is knell itself or an ancestor of it", whom.value()));
  if (!in_it(pid) && ::getpgid(pid.value()) >= 0)
    return failure(EPERM, "end the group", fmt::format("of pid {}", pid.value()),
                   "a process has that number that is not in the group, and would be hit");
  return {};
}

int create(const ProcessGroups& groups, const Options& options) {
  const auto& [uid, pid] = std::tie(options.android.uid, options.android.pid);
  if (const Result<void> made = groups.create(uid, pid); !made) return failed(made.error());
  const std::string line =
      fmt::format("{} is in {}\n", pid.value(), report::shown(groups.group(uid, pid).path()));
  if (const Result<void> printed = print(line); !printed) return complain(printed.error()), kFailed;
  return 0;
}

/// Whoever is left, in the error's words.
Error explained(const live::Machine& machine, const Group& group, Error error) {
  const Result<ListedGroup> left = look_into(machine, group);
  if (error.number != EBUSY || !left || left->processes.empty()) return error;
  const report::GroupProcess& one = left->processes.front();
  error.hint = fmt::format(
      "{} left: {} {}{}", report::count_text(left->processes.size(), "process", "processes"),
      one.pid.value(), report::shown(one.name), left->processes.size() > 1 ? ", ..." : "");
  return error;
}

int kill(const ProcessGroups& groups, const Options& options) {
  const AndroidOptions& typed = options.android;
  const Group group{typed.uid, typed.pid, groups.group(typed.uid, typed.pid)};
  if (!group.cgroup.exists())
    return failed({ENOENT, "end", report::shown(group.cgroup.path()), {}});
  const Result<live::Machine> machine = live::Machine::open();
  if (!machine) return complain(machine.error()), kFailed;
  const Result<ListedGroup> listed = look_into(*machine, group);
  if (!listed) return failed(listed.error());
  if (const Result<void> checked = check(*machine, *listed); !checked)
    return failed(checked.error());
  const bool by_events = groups.way() == android::Way::events;
  if (const Result<void> printed =
          print(report::ending_text(*listed, typed.signal, by_events, style_of(options)));
      !printed)
    return complain(printed.error()), kFailed;
  const auto start = std::chrono::steady_clock::now();
  const Result<void> killed = groups.kill(group.uid, group.pid, typed.signal, typed.once);
  if (!killed) return failed(explained(*machine, group, killed.error()));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - start);
  if (const Result<void> printed = print(
          fmt::format("Gone in {}, and the group is removed.\n", report::duration_text(took)));
      !printed)
    return complain(printed.error()), kFailed;
  return 0;
}

int list(const ProcessGroups& groups, const Options& options) {
  const Result<live::Machine> machine = live::Machine::open();
  if (!machine) return complain(machine.error()), kFailed;
  const Result<std::vector<Group>> found = groups.list();
  if (!found) return failed(found.error());
  std::vector<ListedGroup> listed;
  for (const Group& group : *found) {
    Result<ListedGroup> one = look_into(*machine, group);
    if (!one) return failed(one.error());
    listed.push_back(*std::move(one));
  }
  const std::string text =
      options.json ? report::listed_json(listed) : report::listed_text(listed, style_of(options));
  if (const Result<void> printed = print(text); !printed) return complain(printed.error()), kFailed;
  return static_cast<int>(listed.empty() ? plan::Exit::no_match : plan::Exit::gone);
}

}  // namespace

int run_android(const Options& options) {
  const Result<ProcessGroups> groups = open_groups(options.android);
  if (!groups) {
    complain(groups.error());
    return static_cast<int>(plan::Exit::usage);
  }
  switch (options.android.action) {
    case AndroidOptions::Action::create:
      return create(*groups, options);
    case AndroidOptions::Action::kill:
      return kill(*groups, options);
    case AndroidOptions::Action::list:
      return list(*groups, options);
  }
  return kFailed;
}

}  // namespace knell::cli
