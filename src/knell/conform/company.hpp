#pragma once

/// The puppets of a stage: who there is, and who comes and goes.

#include <optional>
#include <vector>

#include "knell/conform/births.hpp"
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
  [[nodiscard]] const Births& births() const { return births_; }
  [[nodiscard]] Slot& slot_of(const Player& player) const { return shared_.slots[player.slot]; }

  /// Gives the task that `actor` is about to make a slot, and a stack. Error: there are too many.
  [[nodiscard]] Result<void> expect_child(const Player& actor, const Call& clone);
  /// The child that was expected is there, if it is. True if somebody new was found.
  bool admit_newcomer();
  /// Its thread is gone.
  void dismiss(Pid pid);
  /// A thread that runs another program has its leader's number from then on, and its own is gone.
  void let_successor_take_over();
  /// Everybody is at rest: nobody is to come any more.
  void be_settled();

private:
  /// A signal may stop the parent first: then the child comes when it goes on.
  struct Expected {
    Pid parent;
    std::size_t slot;
    std::uint32_t stack;
    bool new_namespace;  ///< it will be the init of one
  };
  [[nodiscard]] std::optional<Pid> number_of(const Expected& expected) const;
  bool admit(const Expected& expected, Pid pid);
  template <class Number>
  [[nodiscard]] std::optional<Number> unused(Number Player::* of_player,
                                             Number Expected::* of_expected, Number first) const;
  void take_over();

  /// One that left while it called execve.
  struct Successor {
    Pid leader;
    std::size_t slot;
    std::uint32_t programs;
    HandlersTold handlers;
  };

  Shared& shared_;
  int proc_;
  std::vector<Player> players_;
  Births births_;
  std::vector<Expected> expected_;
  std::optional<Successor> successor_;
  Pid highest_;  ///< the highest number that anybody has had
};

}  // namespace knell::conform
