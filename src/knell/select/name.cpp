#include "knell/select/name.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

namespace knell::select {
namespace {

/// The argument with this number; empty where there are not so many.
std::string_view argument(std::string_view cmdline, std::size_t number) {
  for (; number > 0; --number) {
    const std::size_t end = cmdline.find('\0');
    if (end == cmdline.npos) return {};
    cmdline.remove_prefix(end + 1);
  }
  return cmdline.substr(0, cmdline.find('\0'));
}

/// A script run by its #! line has the script's own name as comm, cut to 15 bytes, while exe and
/// argv[0] are its interpreter's. The script's path is argv[1], or argv[2] behind the one option
/// that a #! line can hold (fs/binfmt_script.c, load_script).
bool is_script_with_long_name(std::string_view comm, std::string_view cmdline,
                              std::string_view name) {
  if (comm.size() != kCommLength || name.size() <= kCommLength || !name.starts_with(comm))
    return false;
  return base_name(argument(cmdline, 1)) == name || base_name(argument(cmdline, 2)) == name;
}

}  // namespace

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_name(const World& world, TaskIndex process, std::string_view name) {
  if (name.empty()) return false;
  const std::string& comm = world[process].comm;
  if (comm == name) return true;
  const Details& details = world.details_of(process);
  if (base_name(details.exe) == name) return true;
  const std::string_view first = base_name(argument(details.cmdline, 0));
  if (first == name) return true;
  // login(1) and su(1) put a '-' before a login shell's argv[0].
  if (first.starts_with('-') && first.substr(1) == name) return true;
  return is_script_with_long_name(comm, details.cmdline, name);
}

Result<Pattern> Pattern::compile(const Target& target) {
  Pattern pattern;
  auto regex = std::make_unique<regex_t>();
  if (const int code = regcomp(regex.get(), target.text.c_str(), REG_EXTENDED | REG_NOSUB)) {
    std::array<char, 128> reason{};
    regerror(code, regex.get(), reason.data(), reason.size());
    return failure(EINVAL, "understand", fmt::format("'{}'", target.typed), reason.data());
  }
  pattern.regex_.reset(regex.release());
  return pattern;
}

bool Pattern::found_in(const char* text) const {
  return regexec(regex_.get(), text, 0, nullptr, 0) == 0;
}

bool Pattern::in_names(const World& world, TaskIndex process) const {
  const std::string& comm = world[process].comm;
  if (found_in(comm.c_str())) return true;
  const Details& details = world.details_of(process);
  // Base names are the ends of strings that end in a NUL, and so are strings for regexec(3).
  const std::string_view exe = base_name(details.exe);
  if (!exe.empty() && exe != comm && found_in(exe.data())) return true;
  const std::string_view first = base_name(argument(details.cmdline, 0));
  return !first.empty() && first != comm && first != exe && found_in(first.data());
}

bool Pattern::in_command_line(const World& world, TaskIndex process) {
  const std::string& cmdline = world.details_of(process).cmdline;
  line_.assign(cmdline, 0, cmdline.find_last_not_of('\0') + 1);
  if (line_.empty()) return found_in(world[process].comm.c_str());
  std::ranges::replace(line_, '\0', ' ');
  return found_in(line_.c_str());
}

}  // namespace knell::select
