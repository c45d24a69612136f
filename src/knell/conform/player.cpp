#include "knell/conform/player.hpp"

namespace knell::conform {
namespace {

Doing doing_of(const Player& player, const Slot& slot) {
  switch (player.look.state) {
    case 'Z':
      return Doing::zombie;
    case 'T':
      return Doing::stopped;
    case 't':
      return Doing::traced;
    default:
      return call_of(slot) == Sys::none ? Doing::program : Doing::call;
  }
}

bool halted(const Player& player) {
  return player.look.state == 'T' || player.look.state == 't';
}

/// One that was stopped between the store that says it left a handler and the end of rt_sigreturn.
bool is_leaving_handler(const Player& player, const Shared& shared) {
  if (!halted(player) || !player.asleep) return false;
  const std::uint64_t at = player.asleep->instruction;
  return at >= shared.leaving && at < shared.leaving_end;
}

}  // namespace

Result<TaskSeen> see(Player& player, const Shared& shared) {
  const Slot& slot = shared.slots[player.slot];
  TaskSeen seen = player.look.seen;
  seen.doing = doing_of(player, slot);
  if (seen.doing == Doing::call) seen.in_call = call_of(slot);
  seen.ran = KNELL_TRY(player.handlers.take(slot));
  if (player.programs != slot.programs) {
    player.programs = slot.programs;
    player.stack = slot.stack;
    player.handlers.forget_frames(slot);
  }
  const bool begins =
      halted(player) && call_of(slot) == Sys::execve;  // a new program, in no handler
  if (!begins && seen.doing != Doing::zombie)
    seen.frames = player.handlers.frames(slot) + (is_leaving_handler(player, shared) ? 1 : 0);
  const Returned returned = slot.returned;
  seen.returned = returned.count;
  if (returned.count != 0) seen.last = slot.results[returned.place].result;
  return seen;
}

}  // namespace knell::conform
