#pragma once

/// The options of pgrep, pkill and pidwait that take lists: `-u root,1000`.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "knell/compat/criteria.hpp"
#include "knell/compat/request.hpp"
#include "knell/compat/words.hpp"

namespace knell::compat {

/// What is wrong with the words, and what is to be shown beside that.
struct Wrong {
  enum class Also : std::uint8_t { nothing, hint, help };
  std::string text;
  int status = kWrongWords;
  Also also = Also::nothing;
};
template <class T>
using Understood = std::expected<T, Wrong>;

inline std::unexpected<Wrong> wrong(std::string text) {
  return std::unexpected(Wrong{.text = std::move(text)});
}
inline std::unexpected<Wrong> wrong_use(std::string text, int status = kWrongWords) {
  return std::unexpected(Wrong{std::move(text), status, Wrong::Also::hint});
}
/// Of those who could not mean what they typed.
inline std::unexpected<Wrong> needs_help(std::string text = {}) {
  return std::unexpected(Wrong{std::move(text), kWrongWords, Wrong::Also::help});
}

/// The words between the commas. Two commas in a row are one; a list of none is wrong.
[[nodiscard]] Understood<Criteria::Texts> texts_in(std::string_view list);

/// Takes the option if it is one of these: whether it was.
[[nodiscard]] Understood<bool> take_list(Criteria& criteria, const Given& given);

}  // namespace knell::compat
