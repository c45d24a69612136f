#pragma once

/// The options of kill that a style knows.

#include <optional>
#include <string_view>

#include "knell/compat/style.hpp"
#include "knell/report/manual.hpp"

namespace knell::compat {

class KillOptions {
public:
  explicit KillOptions(Style style) : style_(style) {}

  /// Whether letters may stand together and values in the same word: getopt_long(3).
  [[nodiscard]] bool as_getopt() const {
    return style_ != Style::util_linux && style_ != Style::toybox;
  }
  /// None where the style has no such option. Those found live as long as this.
  [[nodiscard]] const report::Option* by_letter(char letter) const;
  /// By its whole name, or by the beginning of one only.
  [[nodiscard]] const report::Option* by_name(std::string_view name) const;

private:
  [[nodiscard]] const std::vector<report::Option>& all() const;
  [[nodiscard]] bool knows(const report::Option& option) const;

  Style style_;
  mutable std::optional<report::Manual> manual_;  ///< made when it is first needed
};

}  // namespace knell::compat
