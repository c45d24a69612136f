#include "zoo/table.hpp"

#include <fmt/format.h>

#include "zoo/json.hpp"
#include "zoo/killer.hpp"

namespace knell::zoo {
namespace {

constexpr const char* kLine = "{:<17} {:<4} {:<11} {:>8} {:>9} {:>7} {:>4}  {}\n";

std::string user_of(const Job& job) {
  return job.user == 0 ? "root" : "user";
}

std::string achieved(const Row& row) {
  const Outcome& came = row.outcome;
  if (row.job.animal->enclosure == Enclosure::deaf_init) return "nothing to end";
  if (came.left == 0) return "all ended";
  std::string text = fmt::format("{} of {} live", came.left, came.processes);
  if (came.left > came.processes) text = fmt::format("{} live", came.left);
  if (is_frozen(row.job.animal->enclosure) && came.left_after_opening == 0)
    text += ", until thawed";
  return text;
}

}  // namespace

std::string table_head() {
  return fmt::format(kLine, "animal", "as", "by", "seconds", "survivors", "zombies", "hit",
                     "what was achieved");
}

std::string table_line(const Row& row) {
  const Outcome& came = row.outcome;
  const std::string by = name_of(row.job.killer);
  if (!came.skipped.empty())
    return fmt::format("{:<17} {:<4} {:<11} skipped: {}\n", row.job.animal->name, user_of(row.job),
                       by, came.skipped);
  return fmt::format(kLine, row.job.animal->name, user_of(row.job), by,
                     fmt::format("{:.2f}", came.seconds), came.left, came.zombies, came.hit,
                     achieved(row));
}

std::string table_json(const std::vector<Row>& rows) {
  nlohmann::json all = nlohmann::json::array();
  for (const Row& row : rows) {
    nlohmann::json one = to_json(row.outcome);
    one["animal"] = row.job.animal->name;
    one["as"] = user_of(row.job);
    one["killer"] = name_of(row.job.killer);
    all.push_back(std::move(one));
  }
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace knell::zoo
