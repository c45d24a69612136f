#pragma once

/// The files of /proc, by short names below its root, without allocating for each.
///
/// Errors are bare errnos here: of 10,000 processes some are always gone, and nobody is told.

#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"

namespace knell::live {

/// True for the errnos that say the reader itself has run out of something, so that what it saw is
/// not the machine: these must never pass for "is not there".
[[nodiscard]] bool exhausted(int number);

/// "PID/NAME", or "PID/task/TID/NAME".
class ProcPath {
public:
  ProcPath(Pid pid, std::string_view name);
  ProcPath(Pid pid, Pid thread, std::string_view name);

  [[nodiscard]] const char* c_str() const { return text_.data(); }

private:
  void append(std::string_view text);
  void append(Pid pid);

  std::array<char, 128> text_{};
  std::size_t size_ = 0;
};

class ProcFs {
public:
  /// Fails where `root` is no proc file system, or that of another pid namespace than the
  /// caller's: its numbers would be other processes' here.
  [[nodiscard]] static Result<ProcFs> open(const std::string& root);

  [[nodiscard]] int fd() const { return root_.get(); }

private:
  explicit ProcFs(Fd root) : root_(std::move(root)) {}
  Fd root_;
};

/// A directory whose entries are numbers: processes, threads, descriptors.
struct NumberedDirectory {
  Fd fd;
  std::vector<std::int32_t> numbers;  ///< ascending
};

/// The processes of /proc, ascending, a piece of the list at a time: the kernel makes an inode for
/// each that it lists, so one thread can read the processes of a piece while another gets the next.
class ProcessList {
public:
  [[nodiscard]] static std::expected<ProcessList, int> open(const ProcFs& proc);
  /// Of those that were listed already, the ones of interest.
  explicit ProcessList(std::vector<Pid> some) : some_(std::move(some)) {}

  /// Some numbers; none at the end of the list.
  [[nodiscard]] std::expected<std::vector<Pid>, int> next();
  /// All that are left, at once.
  [[nodiscard]] std::expected<std::vector<Pid>, int> rest();

private:
  explicit ProcessList(Fd directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::vector<Pid> next_of_some();

  Fd directory_;
  std::vector<Pid> some_;
  std::size_t given_ = 0;  ///< of some_
};

/// Reads files of /proc into a buffer of its own, which the next read overwrites.
class ProcReader {
public:
  using Text = std::expected<std::string_view, int>;

  explicit ProcReader(const ProcFs& proc) : ProcReader(proc.fd()) {}
  explicit ProcReader(int root) : root_(root), buffer_(kFirstSize) {}

  [[nodiscard]] int root() const { return root_; }
  /// A file that the kernel writes in one piece: one read(2) as a rule.
  [[nodiscard]] Text record(const char* path) { return read(path, true); }
  /// A file of many records: reads until there is nothing more.
  [[nodiscard]] Text whole(const char* path) { return read(path, false); }
  /// What a symbolic link says.
  [[nodiscard]] Text link(const char* path) { return link_in(root_, path); }
  [[nodiscard]] Text link_in(int directory, const char* name);
  [[nodiscard]] std::expected<NumberedDirectory, int> directory(const char* path);

private:
  static constexpr std::size_t kFirstSize = 16384;

  [[nodiscard]] Text read(const char* path, bool one_piece);

  int root_;
  std::vector<char> buffer_;
};

/// The inode in "pid:[4026531836]" or "socket:[1234]"; 0 where it is another kind of link.
[[nodiscard]] std::uint64_t inode_in_link(std::string_view link, std::string_view kind);

}  // namespace knell::live
