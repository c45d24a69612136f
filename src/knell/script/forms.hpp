#pragma once

/// How each call is written: a word, and behind it slots, each of which says one argument. The
/// parser and the printer read the same table. Only for this room's .cpp files.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "knell/world/call.hpp"

namespace knell::script {

/// A word that stands for a number.
struct Choice {
  std::string_view word;
  std::int64_t value;
};

struct Slot {
  enum class Kind : std::uint8_t {
    none,
    target,    ///< a task's number: NAME, -NAME, group:NAME, a number, or one of `choices`
    signal,    ///< a signal, or one of `choices`
    set,       ///< signals, none, all
    number,    ///< a whole number
    choice,    ///< one of `choices`
    flags,     ///< any of `choices`, their values together
    duration,  ///< 100ms, 2s
    user,      ///< a user's name, a number, or "same" for -1
  };
  Kind kind = Kind::none;
  std::uint8_t argument = 0;
  std::span<const Choice> choices;
  std::optional<std::int64_t> otherwise;  ///< may be left out, and is this then
  std::string_view keyword;               ///< the word before it; one that ends with '=' is joined
};

/// One way to write a call.
struct Form {
  std::string_view word;
  std::string_view also;   ///< another word for it
  std::string_view usage;  ///< what follows the word, for a person
  Sys nr = Sys::none;
  std::array<Slot, 5> slots;
  std::array<std::optional<std::int64_t>, 5> fixed;  ///< arguments that the word itself says
};

/// Of the forms of a call the first that fits is the one that is printed.
[[nodiscard]] std::span<const Form> forms();
[[nodiscard]] const Form* form_of(std::string_view word);
/// The call that a word means, whether a form's or Linux' own ("wait", "wait4").
[[nodiscard]] std::optional<Sys> call_named(std::string_view word);

/// Before a call's own name and its arguments as plain numbers: what no other form can say.
inline constexpr std::string_view kRaw = "raw";

}  // namespace knell::script
