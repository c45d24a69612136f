#pragma once

/// The puppets of a stage: who there is, and who comes and goes.

#include <algorithm>
#include <optional>
#include <vector>

#include "knell/conform/memory.hpp"
#include "knell/conform/player.hpp"

namespace knell::conform {

class Company {
public:
  /// Init alone.
  Company(const Memory& memory, int proc);

  /// Ascending by pid.
  [[nodiscard]] std::vector<Player>& players() { return players_; }
  [[nodiscard]] Player* find(Pid pid);
  [[nodiscard]] Slot& slot_of(const Player& player) const { return shared_.slots[player.slot]; }

  [[nodiscard]] bool has_slot(std::size_t slot) const {
    return std::ranges::find(players_, slot, &Player::slot) != players_.end();
  }

  /// Gives the task that `actor` is about to make a slot, and a stack. Error: there are too many.
  [[nodiscard]] Result<void> expect_child(const Player& actor, const Call& clone);
  /// The child that was expected is there, if it is. True if somebody new was found.
  bool admit_newcomer();
  /// Nobody is expected any more: everybody is at rest.
  void expect_nobody() { expected_.reset(); }
  /// Those whose threads are gone leave.
  void dismiss(Pid pid);

private:
  struct Expected {
    Pid parent;
    std::size_t slot;
    std::uint32_t level;  ///< of the pid namespace in which the parent has its number
  };
  [[nodiscard]] std::optional<Pid> number_of_child() const;

  Shared& shared_;
  int proc_;
  std::vector<Player> players_;
  std::optional<Expected> expected_;
  Pid highest_;  ///< the highest number that anybody has had
};

}  // namespace knell::conform
