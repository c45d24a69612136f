#include "knell/conform/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string_view>

namespace knell::conform {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr int kGlance = 100;  // milliseconds

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

/// A master whose slave nobody has open is not waited for: reading says EIO until there is
/// something.
Result<void> read_until_reprinted(int master) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string echo;
  while (echo.find(kReprinted) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline)
      return failure(ETIMEDOUT, "type on", "a terminal");
    pollfd ready{.fd = master, .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, kGlance);
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(master, buffer.data(), buffer.size());
    if (size > 0) echo.append(buffer.data(), static_cast<std::size_t>(size));
    if (size < 0 && errno != EIO) return failure(errno, "read from", "a terminal");
    if (size <= 0) ::sched_yield();
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
  path_ = kHungUp;
  master_ = live::Fd();
}

Result<Terminal*> Terminals::get(std::int64_t number) {
  if (number < 0 || static_cast<std::size_t>(number) >= kTerminals)
    return failure(ENOTSUP, "stage", "terminal " + std::to_string(number), "there are four");
  const auto place = static_cast<std::size_t>(number);
  if (!terminals_[place]) {
    terminals_[place] = KNELL_TRY(Terminal::open());
    tell_path(place);
  }
  return &*terminals_[place];
}

Result<void> Terminals::hang_up(std::int64_t number) {
  KNELL_TRY(get(number))->hang_up();
  tell_path(static_cast<std::size_t>(number));
  return {};
}

bool Terminals::is_hung_up(std::int64_t number) const {
  if (number < 0 || static_cast<std::size_t>(number) >= kTerminals) return false;
  const std::optional<Terminal>& terminal = terminals_[static_cast<std::size_t>(number)];
  return terminal && terminal->is_hung_up();
}

void Terminals::tell_path(std::size_t number) {
  auto& told = shared_.terminals[number];
  told.fill('\0');
  std::ranges::copy(terminals_[number]->path(), told.begin());
}

}  // namespace knell::conform
