#pragma once

/// How each fact is written: its words, and what follows them. The parser and the printer read the
/// same table. Only for this room's .cpp files.

#include <span>
#include <string_view>

#include "knell/script/script.hpp"

namespace knell::script {

/// What follows a fact's words.
enum class Rest : std::uint8_t {
  nothing,
  call,        ///< a call's name
  signal,      ///< a signal
  may_signal,  ///< a signal, or nothing
  status,      ///< killed SIG or exited N, or nothing
  task,        ///< a task's name or nobody
  number,
  may_number,  ///< a number, or "none"
  task_or_number,
  user,
  set,
  queued,   ///< SIG N
  handled,  ///< SIG..., or SIG from WHO value N
  result,
};

struct Phrase {
  std::string_view first, second;  ///< its words; the second may be empty
  Fact::Kind kind;
  Rest rest;
};

/// Those that can be said of such a subject. One stands before those that begin like it and are
/// shorter.
[[nodiscard]] std::span<const Phrase> phrases_of(ExpectStep::Subject subject);
[[nodiscard]] const Phrase& phrase_of(Fact::Kind kind);

}  // namespace knell::script
