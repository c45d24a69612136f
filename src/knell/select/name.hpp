#pragma once

/// What a process is called: its comm, its executable's base name, and its argv[0]'s.
///
/// A comm has at most 15 bytes (TASK_COMM_LEN); the other two say the rest. All three are compared
/// as bytes, and whole: a name is never found inside of another.

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "knell/select/target.hpp"
#include "knell/world/world.hpp"

namespace knell::select {

[[nodiscard]] bool has_name(const World& world, TaskIndex process, std::string_view name);

/// What follows the last slash.
[[nodiscard]] std::string_view base_name(std::string_view path);

/// A POSIX extended regular expression, unanchored, looking for itself in a process's names.
class Pattern {
public:
  /// Error EINVAL with the reason: it is no regular expression.
  [[nodiscard]] static Result<Pattern> compile(const Target& target);

  [[nodiscard]] bool in_names(const World& world, TaskIndex process) const;
  /// In the command line, with blanks between the arguments; where there is none (a kernel thread,
  /// a zombie), in the comm.
  [[nodiscard]] bool in_command_line(const World& world, TaskIndex process);

private:
  struct Free {
    void operator()(regex_t* regex) const {
      regfree(regex);
      delete regex;
    }
  };
  [[nodiscard]] bool found_in(const char* text) const;

  std::unique_ptr<regex_t, Free> regex_;
  std::string line_;  ///< one for all processes, so that none costs an allocation
};

}  // namespace knell::select
