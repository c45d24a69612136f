#pragma once

/// Unit files as text: systemd.syntax(7). Any bytes; what is no assignment is passed over.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace knell::live {

/// "Restart=always" in "[Service]".
struct UnitSetting {
  std::string section;
  std::string name;
  std::string value;
  bool operator==(const UnitSetting&) const = default;
};

/// The assignments in their order. Appends, so that drop-ins follow what they override.
void parse_unit_file(std::string_view text, std::vector<UnitSetting>& settings);

/// A unit's name in its parts: "getty@tty1.service" is "getty", "tty1", ".service".
struct UnitName {
  std::string prefix;
  std::string instance;
  std::string ending;  ///< with its dot
  bool has_instance = false;

  [[nodiscard]] static UnitName parse(std::string_view name);
  /// "getty@.service"; its own name where it is no instance.
  [[nodiscard]] std::string template_name() const;
};

/// The folders of drop-ins for a unit of this name, the most particular first: "a-b@x.service.d",
/// "a-b@.service.d", "a-.service.d", "service.d" (systemd.unit(5)).
[[nodiscard]] std::vector<std::string> drop_in_folders(std::string_view name);

}  // namespace knell::live
