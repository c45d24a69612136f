#pragma once

/// A scenario's terminals: pseudoterminals, of which the stage has the masters' ends.

#include <array>
#include <optional>
#include <string>

#include "knell/conform/shared.hpp"
#include "knell/kernel/kernel.hpp"
#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

class Terminal {
public:
  /// That nobody has opened yet: the stage opens no slave's end itself.
  [[nodiscard]] static Result<Terminal> open();

  /// Where the puppets find it. Once it was hung up that is a file which says so (EIO): its old
  /// name may be another terminal's.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Types it, and returns when the kernel has done what follows from it.
  [[nodiscard]] Result<void> press(kernel::Key key);
  void hang_up();
  [[nodiscard]] bool is_hung_up() const { return !master_.valid(); }

private:
  live::Fd master_;
  std::string path_;
};

/// By their numbers; one is there when it is first asked for.
class Terminals {
public:
  explicit Terminals(Shared& shared) : shared_(shared) {}

  /// Error: no such number.
  [[nodiscard]] Result<Terminal*> get(std::int64_t number);
  [[nodiscard]] Result<void> hang_up(std::int64_t number);
  [[nodiscard]] bool is_hung_up(std::int64_t number) const;

private:
  void tell_path(std::size_t number);

  Shared& shared_;
  std::array<std::optional<Terminal>, kTerminals> terminals_;
};

}  // namespace knell::conform
