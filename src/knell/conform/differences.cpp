#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "knell/conform/observation.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {
namespace {

std::string text(std::uint32_t number) {
  return std::to_string(number);
}

template <class Tag, class Rep>
std::string text(Strong<Tag, Rep> number) {
  return std::to_string(number.value());
}

std::string text(SigSet set) {
  std::string names;
  for (; !set.empty(); set.remove(set.lowest()))
    names += (names.empty() ? "" : " ") + set.lowest().name();
  return "{" + names + "}";
}

std::string text(const SigInfo& info) {
  return fmt::format("{} code {} pid {} uid {} status {} value {}", info.signal.name(), info.code,
                     info.pid.value(), info.uid.value(), info.status, info.value);
}

std::string text(const HandlerRun& run) {
  return fmt::format("({}, blocked {}{})", text(run.info), text(run.blocked),
                     run.on_altstack ? ", on the alternate stack" : "");
}

std::string text(const std::vector<HandlerRun>& runs) {
  std::string all;
  for (const HandlerRun& run : runs) all += (all.empty() ? "" : ", ") + text(run);
  return all.empty() ? "nothing" : all;
}

std::string text(const CallResult& result) {
  if (result.nr == Sys::none) return "nothing";
  std::string words(name_of(result.nr));
  const bool failed = result.value < 0 && result.value > -4096;
  words +=
      failed ? " " + errno_name(static_cast<int>(-result.value)) : fmt::format(" {}", result.value);
  if (result.status != 0) words += fmt::format(" status {:#x}", result.status);
  if (result.info != SigInfo{}) words += fmt::format(" ({})", text(result.info));
  return words;
}

/// What a thread is doing, with the call it sleeps in.
std::string doing(const TaskSeen& seen) {
  switch (seen.doing) {
    case Doing::program:
      return "runs";
    case Doing::call:
      return fmt::format("asleep in {}", name_of(seen.in_call));
    case Doing::stopped:
      return "stopped";
    case Doing::traced:
      return "traced";
    case Doing::zombie:
      return "a zombie";
  }
  return "?";
}

/// Two views of one task, held against each other member by member.
class Comparison {
public:
  Comparison(const TaskSeen& foretold, const TaskSeen& came, std::vector<std::string>& lines)
      : foretold_(foretold), came_(came), lines_(lines) {}

  template <class Value>
  void member(const char* name, Value TaskSeen::* which) {
    if (foretold_.*which != came_.*which) line(name, text(came_.*which), text(foretold_.*which));
  }
  void doing_what() {
    if (std::pair(foretold_.doing, foretold_.in_call) != std::pair(came_.doing, came_.in_call))
      line("it", doing(came_), doing(foretold_));
  }

private:
  void line(const char* name, const std::string& is, const std::string& was) {
    lines_.push_back(
        fmt::format("{}: {} is {}, was foretold {}", came_.pid.value(), name, is, was));
  }
  const TaskSeen& foretold_;
  const TaskSeen& came_;
  std::vector<std::string>& lines_;
};

void compare(const TaskSeen& foretold, const TaskSeen& came, std::vector<std::string>& lines) {
  Comparison both(foretold, came, lines);
  both.member("process", &TaskSeen::tgid);
  both.doing_what();
  both.member("parent", &TaskSeen::parent);
  both.member("tracer", &TaskSeen::tracer);
  both.member("group", &TaskSeen::pgrp);
  both.member("session", &TaskSeen::session);
  both.member("uid", &TaskSeen::uid);
  both.member("effective uid", &TaskSeen::euid);
  both.member("saved uid", &TaskSeen::suid);
  both.member("pending of the thread", &TaskSeen::pending);
  both.member("pending of the process", &TaskSeen::shared_pending);
  both.member("blocked", &TaskSeen::blocked);
  both.member("ignored", &TaskSeen::ignored);
  both.member("caught", &TaskSeen::caught);
  both.member("number of threads", &TaskSeen::threads);
  both.member("depth of handlers", &TaskSeen::frames);
  both.member("number of calls returned", &TaskSeen::returned);
  both.member("last result", &TaskSeen::last);
  both.member("handlers run", &TaskSeen::ran);
}

}  // namespace

std::vector<std::string> differences(const Observation& foretold, const Observation& came) {
  std::vector<std::string> lines;
  auto was = foretold.tasks.begin();
  auto is = came.tasks.begin();
  while (was != foretold.tasks.end() || is != came.tasks.end()) {
    const bool only_foretold =
        is == came.tasks.end() || (was != foretold.tasks.end() && was->pid < is->pid);
    const bool only_came = !only_foretold && (was == foretold.tasks.end() || is->pid < was->pid);
    if (only_foretold) {
      lines.push_back(fmt::format("{}: is gone, was foretold: {}", was->pid.value(), doing(*was)));
      ++was;
    } else if (only_came) {
      lines.push_back(fmt::format("{}: {}, was foretold gone", is->pid.value(), doing(*is)));
      ++is;
    } else {
      compare(*was++, *is++, lines);
    }
  }
  return lines;
}

}  // namespace knell::conform
