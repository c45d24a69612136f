#pragma once

#include <expected>
#include <string>
#include <utility>

namespace knell::compat {

/// What is wrong with a command line, in the words of the style.
struct Misuse {
  std::string text;   ///< may be empty
  bool usage = true;  ///< what would be right is to be told, too
};

inline std::unexpected<Misuse> misuse(std::string text, bool usage = true) {
  return std::unexpected(Misuse{std::move(text), usage});
}

}  // namespace knell::compat
