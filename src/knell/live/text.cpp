#include "knell/live/text.hpp"

namespace knell::live {

std::string unescape_octal(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const bool escape = text[0] == '\\' && text.size() >= 4;
    const auto byte = escape ? number<unsigned char>(text.substr(1, 3), 8) : std::nullopt;
    plain += byte ? static_cast<char>(*byte) : text[0];
    text.remove_prefix(byte ? 4 : 1);
  }
  return plain;
}

}  // namespace knell::live
