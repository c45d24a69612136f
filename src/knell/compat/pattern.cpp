#include "knell/compat/pattern.hpp"

#include <array>

#include "knell/compat/locale.hpp"

namespace knell::compat {

/// regfree(3) takes what regcomp(3) refused too: zeros, or what regcomp has freed itself.
void Pattern::Free::operator()(regex_t* compiled) const {
  ::regfree(compiled);
  delete compiled;
}

std::expected<Pattern, std::string> Pattern::compile(const std::string& text, bool ignore_case) {
  use_locale();
  Pattern pattern;
  const int flags = REG_EXTENDED | REG_NOSUB | (ignore_case ? REG_ICASE : 0);
  const int error = ::regcomp(pattern.compiled_.get(), text.c_str(), flags);
  if (error == 0) return pattern;
  std::array<char, 256> reason{};
  ::regerror(error, pattern.compiled_.get(), reason.data(), reason.size());
  return std::unexpected(std::string(reason.data()));
}

bool Pattern::matches(const std::string& text) const {
  return ::regexec(compiled_.get(), text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace knell::compat
