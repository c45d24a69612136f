#include "knell/world/error.hpp"

#include <array>
#include <cstring>

namespace knell {

std::string Error::message() const {
  std::string text = action.empty() ? object : "cannot " + action + " " + object;
  if (number != 0 && !action.empty()) {  // without an action the object is the whole sentence
    text += ": ";
    std::array<char, 128> buffer{};
    text += strerror_r(number, buffer.data(), buffer.size());  // the GNU one: returns the text
  }
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

std::unexpected<Error> failure(int number, std::string action, std::string object,
                               std::string hint) {
  return std::unexpected(Error{number, std::move(action), std::move(object), std::move(hint)});
}

std::string errno_name(int number) {
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : "errno " + std::to_string(number);
}

}  // namespace knell
