#include "zoo/observer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "knell/live/fd.hpp"

namespace knell::zoo {
namespace {

/// All of a file, or nothing: whom it tells of may be gone at any time.
std::string whole(const std::string& path) {
  const live::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(file.get(), part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

pid_t number(std::string_view text) {
  pid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

/// What is behind the name, which may hold anything: proc_pid_stat(5), from field 3 on.
std::istringstream behind_the_name(const std::string& path) {
  const std::string stat = whole(path);
  const std::size_t bracket = stat.rfind(')');
  return std::istringstream(bracket == std::string::npos ? "" : stat.substr(bracket + 1));
}

bool ended(char state) {
  return state == 'Z' || state == 'X';
}

bool has_living_thread(pid_t pid) {
  std::error_code error;
  const std::filesystem::directory_iterator tasks(fmt::format("/proc/{}/task", pid), error);
  for (auto at = tasks; !error && at != std::filesystem::directory_iterator();
       at.increment(error)) {
    char state = 'X';
    behind_the_name(at->path() / "stat") >> state;
    if (!ended(state)) return true;
  }
  return false;
}

}  // namespace

Seen look_at(pid_t pid) {
  Seen seen;
  std::istringstream fields = behind_the_name(fmt::format("/proc/{}/stat", pid));
  if (!(fields >> seen.state >> seen.parent)) return {};
  constexpr int kBetween = 17;  // fields 5 to 21; 22 is starttime
  std::string skipped;
  for (int i = 0; i < kBetween; ++i) fields >> skipped;
  fields >> seen.start;
  seen.pid = pid;
  seen.lives = !ended(seen.state) || has_living_thread(pid);
  return seen;
}

std::vector<Seen> everybody() {
  std::vector<Seen> found;
  std::error_code error;
  const std::filesystem::directory_iterator proc("/proc", error);
  for (auto at = proc; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const pid_t pid = number(at->path().filename().native());
    if (pid == 0) continue;
    const Seen seen = look_at(pid);
    if (seen.pid != 0) found.push_back(seen);
  }
  return found;
}

std::string comm_of(pid_t pid) {
  std::string comm = whole(fmt::format("/proc/{}/comm", pid));
  if (!comm.empty()) comm.pop_back();
  return comm;
}

std::vector<pid_t> all_pids_of(pid_t pid) {
  const std::string status = whole(fmt::format("/proc/{}/status", pid));
  const std::string_view key = "\nNSpid:";
  const std::size_t at = status.find(key);
  if (at == std::string::npos) return {};
  std::istringstream numbers(
      status.substr(at + key.size(), status.find('\n', at + 1) - at - key.size()));
  return {std::istream_iterator<pid_t>(numbers), {}};
}

pid_t last_pid() {
  const std::string text = whole("/proc/loadavg");
  const std::size_t space = text.rfind(' ');
  return space == std::string::npos ? 0 : number(text.substr(space + 1, text.size() - space - 2));
}

bool dumps_core(pid_t pid) {
  return whole(fmt::format("/proc/{}/status", pid)).find("\nCoreDumping:\t1") != std::string::npos;
}

}  // namespace knell::zoo
