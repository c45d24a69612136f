#include "knell/report/android_text.hpp"

#include <fmt/format.h>

#include "knell/report/foreign.hpp"
#include "knell/report/json_values.hpp"
#include "knell/report/list.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/page.hpp"

namespace knell::report {
namespace {

constexpr const char* kAndroidSchema = "knell-android/1";

/// "3 processes: 4711 app, 4712 worker"
Text processes_text(const std::vector<GroupProcess>& processes, const Style& style) {
  Text text(count_text(processes.size(), "process", "processes"));
  const std::size_t shown = shown_of(processes.size(), style);
  for (std::size_t i = 0; i < shown; ++i) {
    text.add(fmt::format("{} {} ", i == 0 ? ":" : ",", processes[i].pid.value()));
    text.add({foreign_name(processes[i].name, style), Ink::plain, Span::Kind::name});
  }
  if (shown < processes.size()) text.add(" ").add(more_text(processes.size(), shown, style));
  return text;
}

Text who(const android::Group& group) {
  return Text(fmt::format("uid {} pid {}", group.uid.value(), group.pid.value()), Ink::bold);
}

}  // namespace

std::string listed_text(const std::vector<ListedGroup>& groups, const Style& style) {
  Page page(style);
  for (const ListedGroup& each : groups)
    page.line(who(each.group).add(": ").add(processes_text(each.processes, style)));
  return page.take();
}

std::string ending_text(const ListedGroup& group, Signal signal, bool by_events,
                        const Style& style) {
  Page page(style);
  Text text("Ends ");
  text.add(who(group.group)).add(": " + signal.name() + " to ");
  text.add(processes_text(group.processes, style));
  text.add(by_events ? ", until its events say that nobody is left" : ", and looks every 5 ms");
  page.line(text);
  page.row(
      Text("  "), Text("  "),
      Text("in ").add({foreign(group.group.cgroup.path(), style), Ink::plain, Span::Kind::path}));
  return page.take();
}

std::string listed_json(const std::vector<ListedGroup>& groups) {
  Json list = Json::array();
  for (const ListedGroup& each : groups) {
    Json processes = Json::array();
    for (const GroupProcess& process : each.processes) {
      Json object{{"pid", process.pid.value()}};
      put_bytes(object, "name", process.name);
      processes.push_back(std::move(object));
    }
    Json object{{"uid", each.group.uid.value()}, {"pid", each.group.pid.value()}};
    put_bytes(object, "cgroup", each.group.cgroup.path());
    object["processes"] = std::move(processes);
    list.push_back(std::move(object));
  }
  const Json document{{"schema", kAndroidSchema}, {"groups", std::move(list)}};
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace knell::report
