#pragma once

/// An extended regular expression, regex(7), in the caller's locale.

#include <regex.h>

#include <expected>
#include <memory>
#include <string>

namespace knell::compat {

class Pattern {
public:
  /// What is wrong with it as an error, in the words of regerror(3).
  [[nodiscard]] static std::expected<Pattern, std::string> compile(const std::string& text,
                                                                   bool ignore_case);
  /// Whether it matches a part of `text`, up to the first NUL.
  [[nodiscard]] bool matches(const std::string& text) const;

private:
  struct Free {
    void operator()(regex_t* compiled) const;
  };
  Pattern() : compiled_(new regex_t{}) {}
  std::unique_ptr<regex_t, Free> compiled_;
};

}  // namespace knell::compat
