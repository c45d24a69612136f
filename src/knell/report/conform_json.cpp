#include <chrono>
#include <cstdint>

#include "knell/report/conform_text.hpp"
#include "knell/report/json_values.hpp"
#include "knell/script/print.hpp"

namespace knell::report {
namespace {

constexpr const char* kConformSchema = "knell-conform/1";

/// Rounded without libm, which the program would have to load each time it starts.
std::int64_t milliseconds_of(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(seconds))
      .count();
}

std::string dump(const Json& document) {
  return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

Json words(const std::vector<std::string>& lines) {
  Json list = Json::array();
  for (const std::string& line : lines) list.push_back(clean(line));
  return list;
}

Json file_json(const ComparedFile& file) {
  const conform::Compared& compared = file.compared;
  Json object;
  put_bytes(object, "file", file.file);
  object["steps"] = compared.script.steps.size();
  object["differences"] = words(compared.judgement.differences);
  object["undecided"] = compared.judgement.undecided;
  object["left_out"] = words(compared.skipped);
  object["last_step"] = nullptr;
  if (!compared.script.steps.empty())
    object["last_step"] = clean(script::print(compared.script.steps.back()));
  return object;
}

}  // namespace

std::string campaign_json(const CampaignReport& report) {
  Json found = Json::array();
  for (const conform::Found& each : report.progress.found) {
    Json object{{"seed", each.seed}};
    put_bytes(object, "file", each.file);
    found.push_back(std::move(object));
  }
  return dump({{"schema", kConformSchema},
               {"seed", report.campaign.seed},
               {"steps", report.progress.steps},
               {"scripts", report.progress.scripts},
               {"explored", report.progress.explored},
               {"undecided", report.progress.undecided},
               {"milliseconds", milliseconds_of(report.seconds)},
               {"differences", std::move(found)},
               {"left_out", clean(report.left_out)}});
}

std::string compared_json(const std::vector<ComparedFile>& files) {
  Json list = Json::array();
  for (const ComparedFile& file : files) list.push_back(file_json(file));
  return dump({{"schema", kConformSchema}, {"files", std::move(list)}});
}

}  // namespace knell::report
