#include "knell/script/look.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "knell/script/print.hpp"

namespace knell::script {
namespace {

using Kind = Expected::Kind;

const UserContext* context(const World& world, TaskIndex task) {
  const ContextIndex index = world[task].context;
  return index ? &world[index] : nullptr;
}

/// si_status and si_code of SIGCHLD as the status word that wait4(2) would have given.
int status_word(const SigInfo& info) {
  switch (info.code) {
    case si::kExited:
      return (info.status & 0xff) << 8;
    case si::kKilled:
      return info.status;
    case si::kDumped:
      return info.status | 0x80;
    case si::kContinued:
      return 0xffff;
    default:
      return info.status << 8 | 0x7f;
  }
}

Expected waited(const Run& run, TaskIndex task, std::int64_t child, int status) {
  return {Kind::waited, status, whose_number(run, task, child)};
}

Expected success_of(const Run& run, TaskIndex task, const CallResult& last) {
  switch (last.nr) {
    case Sys::clone:
    case Sys::setsid:
    case Sys::tcgetpgrp:
      return {Kind::task, last.value, whose_number(run, task, last.value)};
    case Sys::wait4:
      if (last.value == 0) return {Kind::nobody};
      return waited(run, task, last.value, last.status);
    case Sys::waitid:
      if (last.info.pid == Pid()) return {Kind::nobody};
      return waited(run, task, last.info.pid.value(), status_word(last.info));
    case Sys::rt_sigtimedwait:
      return {Kind::signal, last.value, sender_of(run, task, last.info)};
    case Sys::read:
      if (last.info.signal == Signal()) return {Kind::value, last.value};
      return {Kind::signal, last.info.signal.number(), sender_of(run, task, last.info)};
    case Sys::pipe:
      return {Kind::values, last.value};
    default:
      return {Kind::value, last.value};
  }
}

std::string ended_text(const World& world, TaskIndex task) {
  const std::string status = status_text(end_status(world, task));
  return doing(world, task) == Doing::gone ? fmt::format("it is gone ({})", status)
                                           : fmt::format("it has ended ({})", status);
}

}  // namespace

Doing doing(const World& world, TaskIndex task) {
  switch (world[task].state) {
    case TaskState::stopped:
      return Doing::stopped;
    case TaskState::traced:
      return Doing::traced;
    case TaskState::zombie:
      return Doing::zombie;
    case TaskState::dead:
    case TaskState::released:
      return Doing::gone;
    default:
      break;
  }
  if (world[task].exiting) return Doing::ending;
  const UserContext* user = context(world, task);
  const bool asleep =
      (user != nullptr && user->in_call) || world[task].in_vfork || world[task].in_execve;
  return asleep ? Doing::in_call : Doing::runs;
}

Sys call_of(const World& world, TaskIndex task) {
  const UserContext* user = context(world, task);
  return user != nullptr ? user->regs.call.nr : Sys::none;
}

Signal stop_signal(const World& world, TaskIndex task) {
  return world[task].jobctl.stop_signal;
}

int end_status(const World& world, TaskIndex task) {
  const SignalStruct& group = world.signal_of(task);
  return group.group_exit ? group.group_exit_code : world[task].exit_code;
}

SigSet pending(const World& world, TaskIndex task) {
  return world[task].pending.signal | world.signal_of(task).shared_pending.signal;
}

std::size_t queued(const World& world, TaskIndex task, Signal signal) {
  const auto in = [&](const SigPending& pending) {
    const auto count = std::ranges::count_if(
        pending.list, [&](const SigQueue& each) { return each.info.signal == signal; });
    return static_cast<std::size_t>(count);
  };
  return in(world[task].pending) + in(world.signal_of(task).shared_pending);
}

Fact doing_fact(const World& world, TaskIndex task) {
  Fact fact;
  switch (doing(world, task)) {
    case Doing::runs:
      fact.kind = Fact::Kind::runs;
      break;
    case Doing::in_call:
      fact.kind = Fact::Kind::in_call;
      fact.call = call_of(world, task);
      break;
    case Doing::stopped:
      fact.kind = Fact::Kind::stopped;
      fact.signal = stop_signal(world, task);
      break;
    case Doing::traced:
      fact.kind = Fact::Kind::traced;
      break;
    case Doing::ending:
      fact.kind = Fact::Kind::ending;
      break;
    case Doing::zombie:
      fact.kind = Fact::Kind::zombie;
      fact.number = end_status(world, task);
      break;
    case Doing::gone:
      fact.kind = Fact::Kind::gone;
      fact.number = end_status(world, task);
      break;
  }
  return fact;
}

std::string whose_number(const Run& run, TaskIndex task, std::int64_t number) {
  const PidNamespaceIndex ns = run.world[task].pid_ns;
  for (const Named& named : run.names) {
    const TaskIndex other = task_of(run, named.name);
    if (other && kernel::task_pid_nr_ns(run.world, other, ns).value() == number) return named.name;
  }
  return fmt::format("{}", number);
}

std::string whose_group(const Run& run, std::int32_t number) {
  if (number == 0) return "nobody";
  for (const Named& named : run.names) {
    const TaskIndex task = task_of(run, named.name);
    if (task && run.world[task].pid.value() == number) return named.name;
  }
  return fmt::format("{}", number);
}

std::string sender_of(const Run& run, TaskIndex receiver, const SigInfo& info) {
  if (info.pid != Pid()) return whose_number(run, receiver, info.pid.value());
  return info.code > 0 ? "kernel" : "outside";
}

Expected result_of(const Run& run, TaskIndex task) {
  const UserContext* user = context(run.world, task);
  if (user == nullptr) return {};
  const CallResult& last = user->last;
  if (last.nr == Sys::rt_sigpending) return {Kind::set, last.value};  // bit 63 is a signal, too
  if (last.value < 0) return {Kind::error, -last.value};
  return success_of(run, task, last);
}

std::string why_not(const Run& run, TaskIndex task) {
  const World& world = run.world;
  switch (doing(world, task)) {
    case Doing::zombie:
    case Doing::gone:
      return ended_text(world, task);
    case Doing::stopped: {
      const Signal signal = stop_signal(world, task);
      return signal == Signal() ? "it is stopped"
                                : fmt::format("it is stopped (by {})", signal.name());
    }
    case Doing::traced:
      return fmt::format("it is stopped for its tracer, {}", name_of(run, world[task].parent));
    case Doing::in_call:
      return fmt::format("it is asleep in {}", knell::name_of(call_of(world, task)));
    case Doing::ending:
      return "it is ending";
    case Doing::runs:
      break;
  }
  return "it is about to do something else";
}

}  // namespace knell::script
