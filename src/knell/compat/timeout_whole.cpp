#include "knell/compat/timeout_whole.hpp"

#include <unistd.h>

#include "knell/compat/kill_signals.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/supervise/relay.hpp"
#include "knell/supervise/supervisor.hpp"

namespace knell::compat {
namespace {

using std::chrono::milliseconds;

constexpr int kFailed = 125;

supervise::Settings settings_of(const TimeoutRequest& request) {
  supervise::Settings settings;
  if (request.after) settings.timeout = std::chrono::ceil<milliseconds>(*request.after);
  if (request.kill_after) settings.grace = std::chrono::ceil<milliseconds>(*request.kill_after);
  settings.signal = request.signal;
  return settings;
}

void tell(std::string_view program, const TimeoutRequest& request, const supervise::Ended& ended) {
  const std::string& command = request.command.front();
  if (ended.exec_error != 0)
    complain(program, "failed to run command '" + command + "': " + reason_of(ended.exec_error));
  if (request.verbose && ended.left > 0)
    complain(program, "sent signal " + signal_name(Style::coreutils, request.signal) + " to " +
                          std::to_string(ended.left) + " of command '" + command + "', KILL to " +
                          std::to_string(ended.killed));
  for (const supervise::Survivor& survivor : ended.survivors)
    complain(program, std::to_string(survivor.pid.value()) + " " + survivor.comm + " lives on");
}

int fail(std::string_view program, const Error& error) {
  return complain(program, error.message()), kFailed;
}

}  // namespace

int run_whole(std::string_view program, const TimeoutRequest& request) {
  const auto inherited = supervise::Inherited::now();
  const supervise::Settings settings = settings_of(request);
  if (supervise::has_children() && ::getpid() != 1) {
    const auto apart = supervise::relay(inherited, settings.timeout);
    if (!apart) return fail(program, apart.error());
    if (*apart) return (*apart)->by_signal() ? 128 + (*apart)->signal().number() : (*apart)->code();
  }
  const auto ended = supervise::run(settings, inherited, request.command);
  if (!ended) return fail(program, ended.error());
  tell(program, request, *ended);
  return supervise::exit_status(*ended, request.preserve_status);
}

}  // namespace knell::compat
