#include "knell/compat/locale.hpp"

#include <clocale>
#include <cstring>

namespace knell::compat {

void use_locale() {
  static const bool used = [] {
    for (const int category : {LC_CTYPE, LC_COLLATE, LC_MESSAGES}) std::setlocale(category, "");
    return true;
  }();
  static_cast<void>(used);
}

std::string reason_of(int error) {
  use_locale();
  return std::strerror(error);
}

}  // namespace knell::compat
