#pragma once

/// What a person types to name processes, as values. docs/targets.md is its manual.
///
///     1234  name  /regex/  user:NAME  group:PGID  session:SID  tty:pts/3  port:8080[/udp]
///     file:/path  cgroup:/path  unit:NAME  pidfile:/path  exe:/path

#include <cstdint>
#include <string>
#include <string_view>

#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"

namespace knell::select {

struct Target {
  enum class Kind : std::uint8_t {
    pid,
    name,
    regex,
    user,
    group,
    session,
    terminal,
    port,
    file,
    cgroup,
    unit,
    pidfile,
    exe
  };
  Kind kind = Kind::name;
  std::string typed;        ///< as it was typed, for messages
  std::string text;         ///< name, pattern, path or unit, without prefix or slashes
  std::int32_t number = 0;  ///< of a pid, group, session or port
  bool udp = false;         ///< of a port
  bool operator==(const Target&) const = default;
};

/// Errors (with errno EINVAL) say what is wrong with the word and how it should look. A word with
/// an unknown prefix ("prot:80") is an error, not a name; a name with a colon is given as
/// `name:…`, and so is one that would be taken for a number ("name:1234").
[[nodiscard]] Result<Target> parse_target(std::string_view typed);

}  // namespace knell::select
