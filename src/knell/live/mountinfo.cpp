#include "knell/live/mountinfo.hpp"

#include <sys/sysmacros.h>

#include <optional>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": any number of
/// optional fields stands before the lone hyphen.
std::optional<Mount> parse_mount(std::string_view line) {
  take_word(line);  // its number
  take_word(line);  // its parent's
  std::string_view device = take_word(line);
  const auto major = number<unsigned>(take(device, ':'));
  const auto minor = number<unsigned>(device);
  if (!major || !minor) return std::nullopt;
  Mount mount{.device = makedev(*major, *minor),
              .root = unescape_octal(take_word(line)),
              .point = unescape_octal(take_word(line))};
  std::string_view word = take_word(line);
  while (!word.empty() && word != "-") word = take_word(line);
  if (word.empty()) return std::nullopt;
  mount.type = take_word(line);
  take_word(line);  // its source
  mount.options = take_word(line);
  return mount;
}

std::optional<std::string_view> find_option(const Mount& mount, std::string_view name) {
  std::string_view rest = mount.options;
  while (!rest.empty()) {
    std::string_view value = take(rest, ',');
    if (take(value, '=') == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  while (!text.empty())
    if (auto mount = parse_mount(take_line(text))) mounts.push_back(std::move(*mount));
  return mounts;
}

std::string_view option(const Mount& mount, std::string_view name) {
  return find_option(mount, name).value_or("");
}

bool has_option(const Mount& mount, std::string_view name) {
  return find_option(mount, name).has_value();
}

int hidepid(const Mount& mount) {
  const std::string_view value = option(mount, "hidepid");
  if (value == "noaccess") return 1;
  if (value == "invisible") return 2;
  if (value == "ptraceable") return 4;
  return number_or_zero<int>(value);
}

}  // namespace knell::live
