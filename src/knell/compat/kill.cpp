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

std::string usage(Style style, report::Manual manual) {
  switch (style) {
    case Style::procps:
      manual.synopsis = {"[options] <pid> [...]"};
      return help_text(manual);
    case Style::util_linux:
    case Style::toybox:
      return {};
    default:
      return "Try '" + manual.name + " --help' for more information.\n";
  }
}

int refuse(Style style, const report::Manual& manual, const Misuse& misuse) {
  if (!misuse.text.empty()) complain(manual.name, misuse.text);
  std::string more = misuse.usage ? usage(style, manual) : "";
  if (misuse.text.ends_with("valid signals:")) more = signal_columns(style);
  static_cast<void>(::write(STDERR_FILENO, more.data(), more.size()));
  return 1;
}

std::string name_of(const char* path) {
  const std::string_view whole = path;
  return std::string(whole.substr(whole.rfind('/') + 1));  // npos + 1 is 0
}

}  // namespace

int run_kill(int argc, char** argv) {
  const Style manners = style();
  report::Manual manual = kill_manual();
  manual.name = name_of(argv[0]);
  const auto request = parse_kill(manners, manual, std::span(argv + 1, argv + argc));
  if (!request) return refuse(manners, manual, request.error());
  switch (request->action) {
    case Action::help:
      return print(manual.name, help_text(manual)) ? 0 : 1;
    case Action::version:
      return print(manual.name, version_text(manual.name)) ? 0 : 1;
    case Action::state:
      return show_state(manners, manual.name, request->operands.front());
    case Action::list:
    case Action::table:
    case Action::columns:
      return list_signals(manners, manual.name, *request);
    case Action::send:
      return send_signals(manners, manual.name, *request);
  }
  return 1;
}

}  // namespace knell::compat
