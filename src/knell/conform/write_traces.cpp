/// ptrace(2): attached, seized, stopped, let go on with another signal, left.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;

// Requests and options of include/uapi/linux/ptrace.h.
constexpr std::int64_t kTraceMe = 0, kCont = 7, kAttach = 16, kDetach = 17, kSetOptions = 0x4200,
                       kSeize = 0x4206, kInterrupt = 0x4207, kListen = 0x4208;
constexpr std::int64_t kExitKill = 1 << 20;

Step trace(const Scene& scene, std::int64_t request, Argument whom, Argument data) {
  return scene.call(Sys::ptrace, {number(request), std::move(whom), std::move(data)});
}

/// Not the scenario's init: a tracer could make it take SIGKILL.
bool may_be_traced(const Scene& scene) {
  return !scene.in_init();
}

Step trace_me(const Scene& scene) {
  return trace(scene, kTraceMe, number(0), number(0));
}

/// Asked only where there is somebody else.
Somebody but_init(const Scene& scene) {
  Somebody whom = scene.anybody();
  while (scene.world().leader(whom.task).place() == 0) whom = scene.anybody();
  return whom;
}

bool somebody_else(const Scene& scene) {
  for (const Somebody& each : scene.present())
    if (scene.world().leader(each.task).place() != 0) return true;
  return false;
}

/// The caller's or, where that request makes sense for nobody else, rarely somebody else's tracee.
Somebody tracee(const Scene& scene) {
  for (int tries = 0; tries < 12; ++tries) {
    const Somebody& whom = scene.anybody();
    const Task& task = scene.world()[whom.task];
    if (task.ptrace.traced && task.parent == scene.actor().task) return whom;
  }
  return but_init(scene);
}

bool traces(const Scene& scene) {
  for (const Somebody& each : scene.present()) {
    const Task& task = scene.world()[each.task];
    if (task.ptrace.traced && task.parent == scene.actor().task) return true;
  }
  return false;
}

Step attach(const Scene& scene) {
  return trace(scene, kAttach, pid_of(but_init(scene)), number(0));
}

Step seize(const Scene& scene) {
  const std::int64_t options = scene.random().percent(40) ? kExitKill : 0;
  return trace(scene, kSeize, pid_of(but_init(scene)), number(options));
}

Argument signal_or_none(const Scene& scene) {
  return scene.random().percent(50) ? number(0) : number(scene.signal());
}

Step go_on(const Scene& scene) {
  return trace(scene, kCont, pid_of(tracee(scene)), signal_or_none(scene));
}

Step detach(const Scene& scene) {
  return trace(scene, kDetach, pid_of(tracee(scene)), signal_or_none(scene));
}

Step interrupt(const Scene& scene) {
  return trace(scene, kInterrupt, pid_of(tracee(scene)), number(0));
}

Step listen(const Scene& scene) {
  return trace(scene, kListen, pid_of(tracee(scene)), number(0));
}

Step set_options(const Scene& scene) {
  return trace(scene, kSetOptions, pid_of(tracee(scene)),
               number(scene.random().percent(60) ? kExitKill : 0));
}

constexpr std::array kWriters{
    Writer{3, may_be_traced, trace_me}, Writer{5, somebody_else, attach},
    Writer{6, somebody_else, seize},    Writer{40, traces, go_on},
    Writer{8, traces, detach},          Writer{10, traces, interrupt},
    Writer{6, traces, listen},          Writer{4, traces, set_options},
    Writer{1, somebody_else, go_on},
};

}  // namespace

std::span<const Writer> write_traces() {
  return kWriters;
}

}  // namespace knell::conform
