
#include "knell/report/json_values.hpp"
#include "knell/report/text.hpp"
#include "knell/report/unicode.hpp"
#include "knell/report/words.hpp"
#include "knell/world/error.hpp"

namespace knell::report {
namespace {

using plan::ConnectionLost;
using plan::Consequence;
using plan::Forecast;
using plan::LockFreed;
using plan::Orphan;
using plan::PortFreed;
using plan::ProcessForecast;
using plan::Restarter;
using plan::Spared;

template <class Values, class Function>
Json array(const Values& values, Function function) {
  Json result = Json::array();
  for (const auto& value : values) result.push_back(function(value));
  return result;
}

/// The value, or null where it was not read: a program must not take a gap for a 0.
template <class Value>
Json if_known(bool known, Value value) {
  return known ? Json(value) : Json();
}

Json step_json(const plan::Step& step) {
  return {{"signal", step.signal.name()},
          {"number", step.signal.number()},
          {"wait_milliseconds", step.wait.count()}};
}

Json process_json(const Forecast& forecast, const ProcessForecast& process) {
  Json json = id_json(process.id, process.name);
  if (has(process.known, Known::names)) {
    put_bytes(json, "command", process.command);
  } else {
    json["command"] = nullptr;
  }
  json["uid"] = if_known(has(process.known, Known::status), process.uid.value());
  json["state"] = word(process.state);
  json["threads"] = process.nr_threads;
  json["leader_ended"] = process.leader_ended;
  json["role"] = word(process.role);
  json["tie"] = process.tie.empty() ? Json() : Json(clean(process.tie));
  const bool has_parent = process.parent && *process.parent < forecast.processes.size();
  json["parent"] = has_parent ? id_json(forecast.processes[*process.parent].id) : Json();
  json["depth"] = process.depth;
  json["steps"] = array(process.steps, [](const plan::StepForecast& step) {
    return Json{{"signal", step.step.signal.name()},
                {"effect", word(step.effect)},
                {"why", clean(step.why)}};
  });
  json["ends"] = process.ends;
  json["private_bytes"] = if_known(has(process.known, Known::memory), process.private_bytes);
  json["open_files"] = if_known(has(process.known, Known::files), process.open_files);
  return json;
}

Json orphan_json(const Orphan& orphan) {
  Json json = id_json(orphan.id, orphan.name);
  json["old_parent"] = id_json(orphan.old_parent);
  json["new_parent"] = id_json(orphan.new_parent, orphan.new_parent_name);
  return json;
}

Json consequence_json(const Consequence& consequence) {
  Json json = id_json(consequence.id, consequence.name);
  json["effect"] = word(consequence.effect);
  json["why"] = clean(consequence.why);
  return json;
}

Json port_json(const PortFreed& port) {
  Json json{{"protocol", word(port.protocol)}};
  put_bytes(json, "address", port.address);
  json["port"] = port.port;
  json["owner"] = id_json(port.owner);
  json["kept_by"] = array(port.kept_by, [](ProcessId id) { return id_json(id); });
  return json;
}

Json connection_json(const ConnectionLost& lost) {
  Json json{{"protocol", word(lost.protocol)}};
  put_bytes(json, "local_address", lost.local_address);
  json["local_port"] = lost.local_port;
  put_bytes(json, "remote_address", lost.remote_address);
  json["remote_port"] = lost.remote_port;
  json["owner"] = id_json(lost.owner);
  return json;
}

Json lock_json(const LockFreed& freed) {
  Json json{{"type", word(freed.lock.type)},
            {"write", freed.lock.write},
            {"device", freed.lock.file.device},
            {"inode", freed.lock.file.inode}};
  if (freed.path.empty()) {
    json["path"] = nullptr;
  } else {
    put_bytes(json, "path", freed.path);
  }
  json["owner"] = id_json(freed.owner);
  return json;
}

Json restarter_json(const Restarter& restarter) {
  Json json{{"kind", word(restarter.kind)}};
  put_bytes(json, "name", restarter.name);
  json["how"] = clean(restarter.how);
  json["process"] = restarter.process ? id_json(*restarter.process) : Json();
  return json;
}

Json spared_json(const Spared& spared) {
  Json json = id_json(spared.id, spared.name);
  json["reason"] = word(spared.reason);
  return json;
}

Json unread_json(const Unread& unread) {
  const bool number = unread.number != 0;
  return {{"what", clean(unread.what)},
          {"errno", number ? Json(errno_name(unread.number)) : Json()},
          {"processes", unread.count}};
}

}  // namespace

void put_bytes(Json& object, const std::string& key, const std::string& bytes) {
  if (is_utf8(bytes)) {
    object[key] = bytes;
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (char byte : bytes) {
    hex += kDigits[static_cast<unsigned char>(byte) >> 4U];
    hex += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  object[key] = shown(bytes);
  object[key + "_hex"] = hex;
}

std::string clean(const std::string& words) {
  return is_utf8(words) ? words : shown(words);
}

Json id_json(ProcessId id) {
  return {{"pid", id.pid.value()}, {"start_ticks", id.start.value()}};
}

Json id_json(ProcessId id, const std::string& name) {
  Json json = id_json(id);
  put_bytes(json, "name", name);
  return json;
}

Json plan_json(const Forecast& forecast) {
  Json json;
  json["steps"] = array(forecast.steps, step_json);
  json["processes"] = array(forecast.processes, [&](const ProcessForecast& process) {
    return process_json(forecast, process);
  });
  json["consequences"] = array(forecast.consequences, consequence_json);
  json["connections"] = array(forecast.connections, connection_json);
  json["orphans"] = array(forecast.orphans, orphan_json);
  json["restarters"] = array(forecast.restarters, restarter_json);
  json["ports"] = array(forecast.ports, port_json);
  json["locks"] = array(forecast.locks, lock_json);
  json["spared"] = array(forecast.spared, spared_json);
  json["unread"] = array(forecast.unread, unread_json);
  json["private_bytes"] = if_known(!forecast.summary_only, forecast.private_bytes);
  json["open_files"] = if_known(!forecast.summary_only, forecast.open_files);
  json["beyond_named"] = forecast.beyond_named;
  json["only_named"] = forecast.only_named;
  json["leaves_first"] = forecast.leaves_first;
  json["summary_only"] = forecast.summary_only;
  return json;
}

}  // namespace knell::report
