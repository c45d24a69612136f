#include "knell/live/cgroup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "knell/live/proc_fs.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

Result<void> write_file(const std::string& path, std::string_view text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return failure(errno, "open", path);
  if (::write(file.get(), text.data(), text.size()) < 0) return failure(errno, "write", path);
  return {};
}

Result<std::string> read_file(const std::string& path) {
  ProcReader reader(AT_FDCWD);
  const auto text = reader.whole(path.c_str());
  if (!text) return failure(text.error(), "read", path);
  return std::string(*text);
}

/// The value behind `key` in a file of "key value" lines (cgroup.events).
std::string_view value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (take_word(line) == key) return take_word(line);
  }
  return {};
}

}  // namespace

Cgroup Cgroup::child(const std::string& name) const {
  return Cgroup(file(name.c_str()), version_);
}

bool Cgroup::exists() const {
  return ::access(path_.c_str(), F_OK) == 0;
}

Result<std::vector<Cgroup>> Cgroup::children() const {
  std::vector<Cgroup> found;
  std::error_code error;
  std::filesystem::directory_iterator at(path_, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
    if (at->is_directory(error)) found.emplace_back(at->path().string(), version_);
  if (error) return failure(error.value(), "list cgroup", path_);
  return found;
}

Result<void> Cgroup::make() const {
  if (::mkdir(path_.c_str(), 0755) != 0) return failure(errno, "make cgroup", path_);
  return {};
}

Result<void> Cgroup::remove() const {
  if (::rmdir(path_.c_str()) != 0) return failure(errno, "remove cgroup", path_);
  return {};
}

Result<void> Cgroup::add(Pid process) const {
  return write_file(file("cgroup.procs"), std::to_string(process.value()));
}

Result<std::vector<Pid>> Cgroup::processes() const {
  const std::string text = KNELL_TRY(read_file(file("cgroup.procs")));
  std::vector<Pid> pids;
  for (std::string_view rest = text; !rest.empty();)
    if (const auto pid = number<std::int32_t>(take_line(rest))) pids.emplace_back(*pid);
  return pids;
}

Result<bool> Cgroup::populated() const {
  if (version_ == Version::v2)
    return value_of(KNELL_TRY(read_file(file("cgroup.events"))), "populated") == "1";
  if (!KNELL_TRY(processes()).empty()) return true;
  for (const Cgroup& inside : KNELL_TRY(children())) {
    const Result<bool> has = inside.populated();
    if (has && *has) return true;
  }
  return false;
}

Result<Fd> Cgroup::events() const {
  const std::string path = file("cgroup.events");
  Fd events(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!events.valid()) return failure(errno, "open", path);
  return events;
}

Result<bool> Cgroup::populated(const Fd& events) {
  std::array<char, 256> text{};
  const ssize_t length = ::pread(events.get(), text.data(), text.size(), 0);
  if (length < 0) return failure(errno, "read", "cgroup.events");
  return value_of({text.data(), static_cast<std::size_t>(length)}, "populated") == "1";
}

bool Cgroup::can_kill() const {
  return version_ == Version::v2 && ::access(file("cgroup.kill").c_str(), W_OK) == 0;
}

Result<void> Cgroup::kill() const {
  return write_file(file("cgroup.kill"), "1");
}

bool Cgroup::can_freeze() const {
  const char* const name = version_ == Version::v2 ? "cgroup.freeze" : "freezer.state";
  return ::access(file(name).c_str(), W_OK) == 0;
}

Result<void> Cgroup::freeze() const {
  if (version_ == Version::v2) return write_file(file("cgroup.freeze"), "1");
  return write_file(file("freezer.state"), "FROZEN");
}

Result<void> Cgroup::thaw() const {
  if (version_ == Version::v2) return write_file(file("cgroup.freeze"), "0");
  return write_file(file("freezer.state"), "THAWED");
}

Result<bool> Cgroup::frozen() const {
  if (version_ == Version::v2)
    return value_of(KNELL_TRY(read_file(file("cgroup.events"))), "frozen") == "1";
  return KNELL_TRY(read_file(file("freezer.state"))) == "FROZEN\n";
}

bool holds_only(const Cgroup& group, const std::unordered_set<Pid>& pids) {
  const Result<std::vector<Pid>> inside = group.processes();
  const Result<std::vector<Cgroup>> below = group.children();
  if (!inside || !below) return false;
  const auto known = [&](Pid pid) { return pids.contains(pid); };
  return std::ranges::all_of(*inside, known) &&
         std::ranges::all_of(*below, [&](const Cgroup& each) { return holds_only(each, pids); });
}

Cgroup above(const Cgroup& group) {
  return Cgroup(std::filesystem::path(group.path()).parent_path().string(), group.version());
}

}  // namespace knell::live
