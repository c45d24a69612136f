#include "knell/compat/kill.hpp"

#include <unistd.h>

#include <span>
#include <string>
#include <string_view>

#include "knell/compat/help.hpp"
#include "knell/compat/kill_list.hpp"
#include "knell/compat/kill_request.hpp"
#include "knell/compat/kill_send.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/style.hpp"

namespace knell::compat {
namespace {

using Action = KillRequest::Action;

report::Manual manual_of(std::string_view name) {
  report::Manual manual = kill_manual();
  manual.name = name;
  return manual;
}

std::string usage(Style style, std::string_view name) {
  if (style == Style::util_linux || style == Style::toybox) return {};
  if (style != Style::procps)
    return "Try '" + std::string(name) + " --help' for more information.\n";
  report::Manual manual = manual_of(name);
  manual.synopsis = {"[options] <pid> [...]"};
  return help_text(manual);
}

int refuse(Style style, std::string_view name, const Misuse& misuse) {
  if (!misuse.text.empty()) complain(name, misuse.text);
  std::string more = misuse.usage ? usage(style, name) : "";
  if (misuse.text.ends_with("valid signals:")) more = signal_columns(style);
  static_cast<void>(::write(STDERR_FILENO, more.data(), more.size()));
  return 1;
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

int run_kill(int argc, char** argv) {
  const Style manners = style();
  const std::string_view name = name_of(argv[0]);
  const auto request = parse_kill(manners, std::span(argv + 1, argv + argc));
  if (!request) return refuse(manners, name, request.error());
  switch (request->action) {
    case Action::help:
      return print(name, help_text(manual_of(name))) ? 0 : 1;
    case Action::version:
      return print(name, version_text(name)) ? 0 : 1;
    case Action::state:
      return show_state(manners, name, request->operands.front());
    case Action::list:
    case Action::table:
    case Action::columns:
      return list_signals(manners, name, *request);
    case Action::send:
      return send_signals(manners, name, *request);
  }
  return 1;
}

}  // namespace knell::compat
