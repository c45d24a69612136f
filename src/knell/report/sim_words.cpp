#include "knell/report/sim_words.hpp"

namespace knell::report {

const char* word(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::signal_generate:
      return "signal_generate";
    case Event::Kind::signal_denied:
      return "signal_denied";
    case Event::Kind::signal_deliver:
      return "signal_deliver";
    case Event::Kind::signal_handler:
      return "signal_handler";
    case Event::Kind::signal_ignored:
      return "signal_ignored";
    case Event::Kind::ptrace_stop:
      return "ptrace_stop";
    case Event::Kind::job_stop:
      return "job_stop";
    case Event::Kind::job_continue:
      return "job_continue";
    case Event::Kind::group_exit:
      return "group_exit";
    case Event::Kind::exit_mm:
      return "exit_mm";
    case Event::Kind::exit_files:
      return "exit_files";
    case Event::Kind::reparent:
      return "reparent";
    case Event::Kind::notify_parent:
      return "notify_parent";
    case Event::Kind::zombie:
      return "zombie";
    case Event::Kind::release:
      return "release";
    case Event::Kind::function:
      return "function";
    case Event::Kind::sys_enter:
      return "sys_enter";
    case Event::Kind::sys_exit:
      return "sys_exit";
    case Event::Kind::sleep:
      return "sleep";
    case Event::Kind::restart:
      return "restart";
    case Event::Kind::handler_enter:
      return "handler_enter";
    case Event::Kind::sigreturn:
      return "sigreturn";
    case Event::Kind::fork:
      return "fork";
    case Event::Kind::exec:
      return "exec";
    case Event::Kind::stop_notify:
      return "stop_notify";
    case Event::Kind::step:
      return "step";
    case Event::Kind::resource:
      return "resource";
    case Event::Kind::oom:
      return "oom";
    case Event::Kind::timer:
      return "timer";
    case Event::Kind::terminal:
      return "terminal";
  }
  return "";
}

}  // namespace knell::report
