#pragma once

/// Errors are values: what was being done, to what, and the kernel's reason.
///
/// A function that can fail returns `Result<T>`; `KNELL_TRY` unwraps one or hands its error up, so
/// that the way things normally go reads straight down:
///
///     auto handle = KNELL_TRY(ProcessHandle::open(proc, id));

#include <expected>
#include <string>
#include <utility>

namespace knell {

struct Error {
  int number = 0;      ///< errno; 0 where no system call is to blame (a mistyped target, say)
  std::string action;  ///< what was being done, as a verb: "open"; empty: `object` says it all
  std::string object;  ///< to what: a path, a pid, the word that was typed
  std::string hint;    ///< a way out, for a person; empty if there is none to offer

  bool operator==(const Error&) const = default;

  /// One line without its newline: "cannot open /proc/7/fd: Permission denied (try as root)".
  [[nodiscard]] std::string message() const;
};

template <class T = void>
using Result = std::expected<T, Error>;

/// The Error of a system call that has just failed: `return failure(errno, "open", path);`
[[nodiscard]] std::unexpected<Error> failure(int number, std::string action, std::string object,
                                             std::string hint = {});

/// The name of an errno as the manual spells it ("ESRCH"), or "errno N" for one it does not know.
[[nodiscard]] std::string errno_name(int number);

}  // namespace knell

/// The value of `expression` (a Result), or a return from the enclosing function with its error.
#define KNELL_TRY(expression)                                                   \
  __extension__({                                                               \
    auto knell_result = (expression);                                           \
    if (!knell_result) return std::unexpected(std::move(knell_result).error()); \
    std::move(knell_result).value();                                            \
  })
