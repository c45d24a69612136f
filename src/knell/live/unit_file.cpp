#include "knell/live/unit_file.hpp"

#include <algorithm>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view stripped(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// Ends in a backslash that no other backslash escapes.
bool continues(std::string_view line) {
  const std::size_t last = line.find_last_not_of('\\');
  const std::size_t backslashes = line.size() - (last == line.npos ? 0 : last + 1);
  return backslashes % 2 == 1;
}

/// The next line with those that continue it: a blank stands for each backslash and line feed, and
/// comments in between are as if they were not there.
std::string take_logical_line(std::string_view& rest) {
  std::string logical;
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    const std::string_view content = stripped(line);
    if (content.starts_with('#') || content.starts_with(';')) continue;
    if (!continues(line)) return logical.append(line);
    line.remove_suffix(1);
    logical.append(line) += ' ';
  }
  return logical;
}

}  // namespace

void parse_unit_file(std::string_view text, std::vector<UnitSetting>& settings) {
  std::string section;
  while (!text.empty()) {
    const std::string logical = take_logical_line(text);
    const std::string_view line = stripped(logical);
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const std::size_t equals = line.find('=');
    if (equals == line.npos || equals == 0 || section.empty()) continue;
    settings.push_back({section, std::string(stripped(line.substr(0, equals))),
                        std::string(stripped(line.substr(equals + 1)))});
  }
}

UnitName UnitName::parse(std::string_view name) {
  UnitName parts;
  const std::size_t dot = std::min(name.rfind('.'), name.size());
  parts.ending = name.substr(dot);
  name = name.substr(0, dot);
  const std::size_t at = name.find('@');
  parts.prefix = name.substr(0, at);
  parts.has_instance = at != name.npos;
  if (parts.has_instance) parts.instance = name.substr(at + 1);
  return parts;
}

std::string UnitName::template_name() const {
  return prefix + (has_instance ? "@" : "") + ending;
}

std::vector<std::string> drop_in_folders(std::string_view name) {
  const UnitName parts = UnitName::parse(name);
  std::vector<std::string> folders{std::string(name) + ".d"};
  if (!parts.instance.empty()) folders.push_back(parts.template_name() + ".d");
  for (std::size_t dash = parts.prefix.rfind('-'); dash != std::string::npos && dash > 0;
       dash = parts.prefix.rfind('-', dash - 1))
    if (dash + 1 < parts.prefix.size())
      folders.push_back(parts.prefix.substr(0, dash + 1) + parts.ending + ".d");
  if (parts.ending.size() > 1) folders.push_back(parts.ending.substr(1) + ".d");
  return folders;
}

}  // namespace knell::live
