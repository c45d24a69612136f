#include "knell/select/target.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace knell::select {
namespace {

using Kind = Target::Kind;

constexpr std::int32_t kLastPid = 1 << 22;  // PID_MAX_LIMIT, include/linux/threads.h
constexpr std::int32_t kLastPort = 65535;

struct Prefix {
  std::string_view word;
  Kind kind;
};
constexpr std::array<Prefix, 12> kPrefixes = {{{"pid", Kind::pid},
                                               {"name", Kind::name},
                                               {"user", Kind::user},
                                               {"group", Kind::group},
                                               {"session", Kind::session},
                                               {"tty", Kind::terminal},
                                               {"port", Kind::port},
                                               {"file", Kind::file},
                                               {"cgroup", Kind::cgroup},
                                               {"unit", Kind::unit},
                                               {"pidfile", Kind::pidfile},
                                               {"exe", Kind::exe}}};

std::unexpected<Error> not_understood(const Target& target, std::string hint) {
  return failure(EINVAL, "understand", fmt::format("'{}'", target.typed), std::move(hint));
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int32_t> number_up_to(std::string_view text, std::int32_t last) {
  std::int32_t value = 0;
  if (!all_digits(text)) return {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 1 || value > last) return {};
  return value;
}

Result<Target> parse_pid(Target target, std::string_view text) {
  const std::optional<std::int32_t> number = number_up_to(text, kLastPid);
  if (!number) {
    // kill(2): 0 is the caller's group, -1 everything, any other negative number a group.
    const bool is_group = text.starts_with('-') && text != "-1";
    return not_understood(target, fmt::format("a pid is a number from 1 to {}; a process group is "
                                              "group:{}, and knell has no 'everything'",
                                              kLastPid, is_group ? text.substr(1) : "PGID"));
  }
  target.number = *number;
  return target;
}

Result<Target> parse_group_or_session(Target target, std::string_view text) {
  const std::optional<std::int32_t> number = number_up_to(text, kLastPid);
  if (!number)
    return not_understood(target,
                          fmt::format("{}: takes a number from 1 to {}",
                                      target.kind == Kind::group ? "group" : "session", kLastPid));
  target.number = *number;
  return target;
}

Result<Target> parse_port(Target target, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view protocol = slash == text.npos ? "tcp" : text.substr(slash + 1);
  const std::optional<std::int32_t> number = number_up_to(text.substr(0, slash), kLastPort);
  if (!number || (protocol != "tcp" && protocol != "udp"))
    return not_understood(target, fmt::format("a port is port:8080, port:8080/tcp or port:53/udp, "
                                              "from 1 to {}",
                                              kLastPort));
  target.number = *number;
  target.udp = protocol == "udp";
  return target;
}

/// One slash between components and none at the end, as the kernel writes cgroup paths.
std::string tidy_path(std::string_view path) {
  std::string tidy;
  for (const char c : path)
    if (c != '/' || tidy.empty() || tidy.back() != '/') tidy += c;
  if (tidy.size() > 1 && tidy.back() == '/') tidy.pop_back();
  return tidy;
}

Result<Target> parse_cgroup(Target target, std::string_view text) {
  target.text = tidy_path(text);
  if (!target.text.starts_with('/'))
    return not_understood(target,
                          "a cgroup is given by its path from the root of the cgroups: "
                          "cgroup:/system.slice/cron.service");
  if (target.text == "/")
    return not_understood(target, "the root cgroup is every process; knell has no 'everything'");
  return target;
}

/// systemd adds ".service" to a name without an ending just so (systemctl(1)). Only the kinds of
/// units that can have processes have a cgroup.
Result<Target> parse_unit(Target target, std::string_view text) {
  constexpr std::array<std::string_view, 6> with_cgroup = {".service", ".scope", ".slice",
                                                           ".socket",  ".mount", ".swap"};
  constexpr std::array<std::string_view, 5> without = {".timer", ".path", ".target", ".device",
                                                       ".automount"};
  const auto ends_text = [&](std::string_view ending) { return text.ends_with(ending); };
  if (text.find('/') != text.npos)
    return not_understood(target, "a unit's name has no '/'; its cgroup would be cgroup:/…");
  if (const auto* kind = std::ranges::find_if(without, ends_text); kind != without.end())
    return not_understood(target, fmt::format("a {} unit has no processes of its own", *kind));
  target.text = text;
  if (std::ranges::none_of(with_cgroup, ends_text)) target.text += ".service";
  return target;
}

/// "\/" stands for "/"; every other backslash is the pattern's own.
Result<Target> parse_regex(Target target, std::string_view text) {
  target.kind = Kind::regex;
  std::size_t at = 1;
  for (; at < text.size() && text[at] != '/'; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      if (text[at] != '/') target.text += '\\';
    }
    target.text += text[at];
  }
  if (at >= text.size())
    return not_understood(target,
                          "a pattern ends with a '/' too; a path is exe:/path or file:/path");
  if (at + 1 != text.size())
    return not_understood(
        target, "a '/' inside of a pattern is written '\\/'; a path is exe:/path or file:/path");
  if (target.text.empty()) return not_understood(target, "an empty pattern matches every process");
  return target;
}

Result<Target> parse_with_prefix(Target target, std::string_view word, std::string_view text) {
  const auto* prefix = std::ranges::find(kPrefixes, word, &Prefix::word);
  if (prefix == kPrefixes.end()) {
    std::string known;
    for (const Prefix& each : kPrefixes) known += fmt::format("{}: ", each.word);
    return not_understood(
        target,
        fmt::format("the prefixes are {}and a name with a colon is name:{}", known, target.typed));
  }
  if (text.empty()) return not_understood(target, fmt::format("something must follow {}:", word));
  target.kind = prefix->kind;
  switch (target.kind) {
    case Kind::pid:
      return parse_pid(std::move(target), text);
    case Kind::group:
    case Kind::session:
      return parse_group_or_session(std::move(target), text);
    case Kind::port:
      return parse_port(std::move(target), text);
    case Kind::cgroup:
      return parse_cgroup(std::move(target), text);
    case Kind::unit:
      return parse_unit(std::move(target), text);
    case Kind::terminal:
      if (text.starts_with("/dev/")) text.remove_prefix(5);
      if (text.empty()) return not_understood(target, "a terminal is tty:pts/3 or tty:tty1");
      break;
    default:
      break;
  }
  target.text = text;
  return target;
}

}  // namespace

Result<Target> parse_target(std::string_view typed) {
  Target target{.kind = Kind::name, .typed = std::string(typed)};
  if (typed.empty()) return not_understood(target, "an empty word names nothing");
  // No name, path or argument on Linux has one, and regcomp(3) would stop at it.
  if (typed.find('\0') != typed.npos) return not_understood(target, "a NUL byte is in no name");
  if (typed.front() == '/') return parse_regex(std::move(target), typed);
  const std::string_view unsigned_part = typed.substr(typed.front() == '-' ? 1 : 0);
  if (all_digits(unsigned_part)) {
    target.kind = Kind::pid;
    return parse_pid(std::move(target), typed);
  }
  const std::size_t colon = typed.find(':');
  if (colon != typed.npos)
    return parse_with_prefix(std::move(target), typed.substr(0, colon), typed.substr(colon + 1));
  target.text = typed;
  return target;
}

}  // namespace knell::select
