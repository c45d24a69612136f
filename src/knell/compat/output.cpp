#include "knell/compat/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "knell/compat/locale.hpp"

namespace knell::compat {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return false;
  }
  return true;
}

}  // namespace

bool print(std::string_view program, std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return true;
  complain(program, std::string("write error: ") + reason_of(errno));
  return false;
}

void tell(std::string_view text) {
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void complain(std::string_view program, std::string_view text) {
  tell(std::string(program).append(": ").append(text).append("\n"));
}

}  // namespace knell::compat
