#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "knell/compat/family.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/pgrep.hpp"
#include "knell/compat/signal_word.hpp"
#include "knell/compat/style.hpp"
#include "knell/live/process_handle.hpp"

namespace knell::compat {
namespace {

constexpr std::string_view kName = "pkill";

// Newer than Debian 12's C library (Linux 5.15).
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

enum class Done : std::uint8_t { signalled, gone, failed };

/// ESRCH: it has ended meanwhile, which is as good.
Done failed(Pid pid, const Error& error) {
  if (error.number == ESRCH) return Done::gone;
  complain(kName,
           "killing pid " + std::to_string(pid.value()) + " failed: " + reason_of(error.number));
  return Done::failed;
}

Done signal_one(const Choice& choice, TaskIndex task, const Request& request, bool& released) {
  const Pid pid = choice.world[task].pid;
  const auto handle = live::ProcessHandle::open(choice.machine, choice.world.id(task),
                                                choice.world.signal_of(task).pidfd);
  if (!handle) return failed(pid, handle.error());
  const Result<void> sent =
      request.value ? handle->queue(request.signal, *request.value) : handle->send(request.signal);
  if (!sent) return failed(pid, sent.error());
  if (request.release && ::syscall(SYS_process_mrelease, handle->fd(), 0U) != 0 && errno != ESRCH) {
    complain(kName, "pid " + std::to_string(pid.value()) +
                        " killed, but process_mrelease failed: " + reason_of(errno));
    released = false;
  }
  return Done::signalled;
}

bool echo(const Choice& choice, TaskIndex task, const Request& request) {
  return print(kName, label_of(choice.world, task, request) + " killed (pid " +
                          std::to_string(choice.world[task].pid.value()) + ")\n");
}

int signal_all(const Choice& choice, const Request& request) {
  bool any = false;
  bool released = true;
  bool printed = true;
  for (const TaskIndex task : choice.tasks) {
    if (signal_one(choice, task, request, released) != Done::signalled) continue;
    any = true;
    if (request.echo) printed = echo(choice, task, request) && printed;
  }
  if (request.count) printed = print(kName, std::to_string(choice.tasks.size()) + "\n") && printed;
  return any && released && printed ? kMatched : kNoneMatched;
}

}  // namespace

int run_pkill(int argc, char** argv) {
  std::vector<char*> words(argv, argv + argc);
  const auto signal = take_signal_word(words);
  const int count = static_cast<int>(words.size());
  words.push_back(nullptr);
  const report::Manual manual = pkill_manual();
  const auto request = request_of(manual, count, words.data(), signal);
  if (!request) return request.error();
  if (refuses_all(kName, *request)) return kWrongWords;
  auto choice = look_for(kName, *request);
  if (!choice) return choice.error();
  leave_out_stale(kName, *request, *choice);
  // Signal 0 asks whether somebody is there, and does nothing.
  if (request->signal != Signal(0)) spare_ancestors(kName, *request, *choice);
  return signal_all(*choice, *request);
}

}  // namespace knell::compat
