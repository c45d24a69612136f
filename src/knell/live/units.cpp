#include "knell/live/units.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "knell/live/text.hpp"
#include "knell/live/unit_folders.hpp"

namespace knell::live {
namespace {

constexpr int kDeepest = 8;

/// Whose unit it is.
struct Manager {
  enum class Kind { system, user, foreign };
  Kind kind = Kind::system;
  uid_t user = 0;
  auto operator<=>(const Manager&) const = default;
};

struct Owner {
  std::string_view unit;
  std::string_view cgroup;
  Manager manager;
};

/// Who manages the units below this one: "user@1000.service" of the machine is a manager itself.
Manager manager_below(const Owner& outer) {
  std::string_view name = outer.unit;
  if (outer.manager.kind == Manager::Kind::system && name.starts_with("user@") &&
      take_ending(name, ".service"))
    if (const auto user = number<uid_t>(name.substr(5)))
      return {.kind = Manager::Kind::user, .user = *user};
  return {.kind = Manager::Kind::foreign};
}

std::optional<Owner> owner_of(std::string_view cgroup) {
  std::optional<Owner> owner;
  for (std::string_view rest = cgroup; !rest.empty();) {
    const std::string_view name = take(rest, '/');
    if (!name.ends_with(".service") && !name.ends_with(".scope")) continue;
    const auto end = static_cast<std::size_t>(name.data() + name.size() - cgroup.data());
    owner = Owner{.unit = name,
                  .cgroup = cgroup.substr(0, end),
                  .manager = owner ? manager_below(*owner) : Manager{}};
  }
  return owner;
}

std::string_view last_value(std::span<const UnitSetting> settings, std::string_view section,
                            std::string_view name) {
  std::string_view value;
  for (const UnitSetting& setting : settings)
    if (setting.section == section && setting.name == name) value = setting.value;
  return value;
}

/// systemd.service(5). A value that is none of these is passed over, so an earlier one stays
/// (DEFINE_CONFIG_PARSE_ENUM, src/shared/conf-parser.h).
std::string restart_of(std::span<const UnitSetting> settings) {
  constexpr std::array<std::string_view, 7> known = {
      "no", "always", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog"};
  std::string restart = "no";
  for (const UnitSetting& setting : settings)
    if (setting.section == "Service" && setting.name == "Restart" &&
        std::ranges::find(known, setting.value) != known.end())
      restart = setting.value;
  return restart;
}

bool is_true(std::string value) {  // parse_boolean(), src/basic/parse-util.c
  for (char& c : value)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  constexpr std::array<std::string_view, 6> words = {"1", "yes", "y", "true", "t", "on"};
  return std::ranges::find(words, value) != words.end();
}

/// The specifiers that name a unit after its trigger (systemd.unit(5)): %i, %I and %p.
std::string without_specifiers(std::string_view value, const UnitName& trigger) {
  std::string plain;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char next = value[at] == '%' && at + 1 < value.size() ? value[at + 1] : '\0';
    if (next == 'i' || next == 'I')
      plain += trigger.instance;
    else if (next == 'p')
      plain += trigger.prefix;
    else
      plain += value[at];
    if (next == 'i' || next == 'I' || next == 'p') ++at;
  }
  return plain;
}

/// The unit that a socket, timer or path starts: the one it names, or its namesake. A socket with
/// Accept=yes starts an instance of its namesake for each connection (systemd.socket(5)).
std::string started_by(const std::string& trigger, std::span<const UnitSetting> settings) {
  const UnitName name = UnitName::parse(trigger);
  std::string_view named;
  if (name.ending == ".socket") {
    if (is_true(std::string(last_value(settings, "Socket", "Accept"))))
      return name.prefix + "@.service";
    named = last_value(settings, "Socket", "Service");
  } else {
    named = last_value(settings, name.ending == ".timer" ? "Timer" : "Path", "Unit");
  }
  if (!named.empty()) return without_specifiers(named, name);
  return trigger.substr(0, trigger.size() - name.ending.size()) + ".service";
}

/// What one manager's files say, read once however many of its units are asked for.
class Files {
public:
  explicit Files(UnitFolders folders) : folders_(std::move(folders)) {
    for (const std::string& trigger : folders_.enabled_triggers())
      if (const auto settings = folders_.load(trigger))
        triggers_.emplace(started_by(trigger, *settings), trigger);
  }

  void describe(SystemdUnit& unit) const {
    if (const auto settings = folders_.load(unit.name)) unit.restart = restart_of(*settings);
    add_triggers(unit, unit.name);
    if (const std::string parent = UnitName::parse(unit.name).template_name(); parent != unit.name)
      add_triggers(unit, parent);
    std::ranges::sort(unit.triggered_by);
  }

private:
  void add_triggers(SystemdUnit& unit, const std::string& started) const {
    const auto [first, last] = triggers_.equal_range(started);
    for (auto each = first; each != last; ++each) unit.triggered_by.push_back(each->second);
  }

  UnitFolders folders_;
  std::multimap<std::string, std::string> triggers_;  ///< the unit started, by what
};

}  // namespace

std::vector<SystemdUnit> units_of(const Roots& roots, std::span<const std::string> cgroups) {
  std::vector<SystemdUnit> units;
  std::set<std::string_view> seen;
  std::map<Manager, Files> files;
  for (const std::string& cgroup : cgroups) {
    const std::optional<Owner> owner = owner_of(cgroup);
    if (!owner || !seen.insert(owner->cgroup).second) continue;
    SystemdUnit& unit = units.emplace_back(SystemdUnit{
        .name = std::string(owner->unit), .cgroup = std::string(owner->cgroup), .restart = "no"});
    const Manager manager = owner->manager;
    if (manager.kind == Manager::Kind::foreign) continue;
    auto found = files.find(manager);
    if (found == files.end())
      found = files
                  .emplace(manager, Files(manager.kind == Manager::Kind::system
                                              ? UnitFolders::of_system(roots)
                                              : UnitFolders::of_user(roots, manager.user)))
                  .first;
    found->second.describe(unit);
  }
  return units;
}

Result<std::string> unit_cgroup(const std::string& cgroup_root, const std::string& unit) {
  const std::string object = fmt::format("the cgroup of {}", unit);
  if (cgroup_root.empty()) return failure(ENOENT, "find", object, "no cgroups are mounted");
  std::vector<std::string> level{""};
  for (int depth = 1; depth <= kDeepest; ++depth) {
    std::vector<std::string> below;
    for (const std::string& path : level)
      for (const std::string& name : names_in(cgroup_root + path, true)) {
        std::string inside = fmt::format("{}/{}", path, name);
        if (name == unit) return inside;
        below.push_back(std::move(inside));
      }
    level = std::move(below);
  }
  return failure(ENOENT, "find", object,
                 fmt::format("is the unit running? no cgroup below {} has its name", cgroup_root));
}

}  // namespace knell::live
