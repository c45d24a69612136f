#include "knell/live/accounts.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>

#include "knell/live/fd.hpp"
#include "knell/live/numbers_taken.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// A line of passwd(5), or of group(5), which has no home.
struct Entry {
  std::string name;
  std::uint32_t number = 0;
  std::string home;
};

/// The first that fits.
template <class Fits>
std::optional<Entry> find_in(std::string_view text, const Fits& fits) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const std::string_view name = take(line, ':');
    take(line, ':');  // the password
    const auto id = number<std::uint32_t>(take(line, ':'));
    if (name.empty() || !id) continue;
    take(line, ':');  // a user's group, or a group's members
    take(line, ':');  // a user's full name
    Entry entry{std::string(name), *id, std::string(take(line, ':'))};
    if (fits(entry)) return entry;
  }
  return std::nullopt;
}

std::string all_of(const Fd& file) {
  std::string text;
  std::array<char, 4096> piece{};
  while (file.valid()) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// What `getent DATABASE KEY` prints; "" where there is no getent, or it knows nothing.
Result<std::string> answer_of_getent(std::string database, std::string key) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure(errno, "ask", "getent");
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string program = "getent";
  std::string dashes = "--";
  std::array<char*, 5> words{program.data(), dashes.data(), database.data(), key.data(), nullptr};
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, program.c_str(), &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  writing = Fd();
  if (error == ENOENT) return {};
  if (error != 0) return failure(error, "ask", "getent");
  ++numbers_taken;
  std::string answer = all_of(reading);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return answer;
}

/// `key`: for getent; "": it is not to be asked.
template <class Fits>
Result<std::optional<Entry>> look_up(const std::string& database, const std::string& key,
                                     const Fits& fits) {
  const std::string path = "/etc/" + database;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && exhausted(errno)) return failure(errno, "read", path);
  auto entry = find_in(all_of(file), fits);
  if (entry || key.empty()) return entry;
  return find_in(KNELL_TRY(answer_of_getent(database, key)), fits);
}

/// getent would take digits for a number, though a name might be made of them.
Result<std::uint32_t> number_of(const std::string& database, const std::string& what,
                                const std::string& name) {
  const std::string key = number<std::uint64_t>(name) ? "" : name;
  const auto entry =
      KNELL_TRY(look_up(database, key, [&](const Entry& each) { return each.name == name; }));
  if (!entry) return failure(0, "find", what + " " + name, "no " + what + " has this name");
  return entry->number;
}

}  // namespace

Result<Uid> uid_of_user(const std::string& name) {
  return Uid(KNELL_TRY(number_of("passwd", "user", name)));
}

Result<Gid> gid_of_group(const std::string& name) {
  return Gid(KNELL_TRY(number_of("group", "group", name)));
}

std::string home_of_user(Uid user) {
  const auto entry = look_up("passwd", std::to_string(user.value()),
                             [&](const Entry& each) { return each.number == user.value(); });
  return entry && *entry ? (*entry)->home : "";
}

}  // namespace knell::live
