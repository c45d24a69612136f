#pragma once

#include <utility>

#include "knell/conform/shared.hpp"
#include "knell/live/fd.hpp"
#include "knell/world/error.hpp"

namespace knell::conform {

/// The stage's side of the memory it shares with its puppets.
class Memory {
public:
  [[nodiscard]] static Result<Memory> create();
  Memory(Memory&& other) noexcept
      : fd_(std::move(other.fd_)), shared_(std::exchange(other.shared_, nullptr)) {}
  Memory& operator=(Memory&&) = delete;
  ~Memory();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] Shared& operator*() const { return *shared_; }
  [[nodiscard]] Shared* operator->() const { return shared_; }

private:
  Memory(live::Fd fd, Shared* shared) : fd_(std::move(fd)), shared_(shared) {}

  live::Fd fd_;
  Shared* shared_;
};

/// Where the puppets see it.
[[nodiscard]] std::uint64_t address_of_command(std::size_t slot);
/// A slot as no task has used it yet.
void clear(Slot& slot);
/// Hands the call in the slot over to the puppet that waits there.
void hand_over(Slot& slot);

}  // namespace knell::conform
