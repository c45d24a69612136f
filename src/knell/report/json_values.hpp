#pragma once

/// The parts of the document. Only for .cpp files of this room: nlohmann's header is a heavy one.

#include <nlohmann/json.hpp>

#include "knell/plan/forecast.hpp"

namespace knell::report {

using Json = nlohmann::ordered_json;

/// Puts bytes from outside under `key`. What is UTF-8 is put as it is, and JSON's own escapes keep
/// it harmless. What is not is escaped as in shown(), and `key`_hex has the bytes themselves: a
/// program that finds no such member knows that the string is exact.
void put_bytes(Json& object, const std::string& key, const std::string& bytes);
/// Words of a lower room; there is no exact form to keep.
[[nodiscard]] std::string clean(const std::string& words);

/// {"pid", "start_ticks"}, and with a name {"pid", "start_ticks", "name"}.
[[nodiscard]] Json id_json(ProcessId id);
[[nodiscard]] Json id_json(ProcessId id, const std::string& name);

[[nodiscard]] Json plan_json(const plan::Forecast& forecast);

}  // namespace knell::report
