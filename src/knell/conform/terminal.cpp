#include "knell/conform/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace knell::conform {
namespace {

constexpr int kPatience = 10'000;  // milliseconds

/// ^R, which prints the line again (VREPRINT): its echo comes when all that was typed before it has
/// had its effect. What is typed is worked on by a thread of the kernel's (flush_to_ldisc), one
/// character after the other.
constexpr char kReprint = 0x12;
constexpr std::string_view kReprinted = "^R\r\n";

char character_of(kernel::Key key) {
  switch (key) {
    case kernel::Key::intr:
      return 0x03;
    case kernel::Key::quit:
      return 0x1c;
    case kernel::Key::susp:
      return 0x1a;
    case kernel::Key::line:
      break;
  }
  return '\n';  // an empty line: it is one byte to be read
}

Result<void> read_until_reprinted(int master) {
  std::string echo;
  while (echo.find(kReprinted) == std::string::npos) {
    pollfd ready{.fd = master, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kPatience) <= 0) return failure(ETIMEDOUT, "type on", "a terminal");
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(master, buffer.data(), buffer.size());
    if (size <= 0) return failure(errno, "read from", "a terminal");
    echo.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return {};
}

}  // namespace

Result<Terminal> Terminal::open() {
  Terminal terminal;
  terminal.master_ = live::Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  const int master = terminal.master_.get();
  if (master < 0) return failure(errno, "open", "a terminal");
  std::array<char, 64> path{};
  if (::unlockpt(master) != 0 || ::ptsname_r(master, path.data(), path.size()) != 0)
    return failure(errno, "open", "a terminal");
  if (::chmod(path.data(), 0666) != 0) return failure(errno, "let all users open", path.data());
  terminal.slave_ = live::Fd(::open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.slave_.valid()) return failure(errno, "open", path.data());
  terminal.path_ = path.data();
  return terminal;
}

Result<void> Terminal::press(kernel::Key key) {
  if (!master_.valid()) return {};  // the line is dropped: nobody can type
  const std::array<char, 2> typed{character_of(key), kReprint};
  if (::write(master_.get(), typed.data(), typed.size()) != static_cast<ssize_t>(typed.size()))
    return failure(errno, "type on", path_);
  return read_until_reprinted(master_.get());
}

void Terminal::hang_up() {
  path_.clear();
  slave_ = live::Fd();
  master_ = live::Fd();
}

}  // namespace knell::conform
