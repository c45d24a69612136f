#include "knell/conform/puppet/loop.hpp"

#include <cerrno>

#include "knell/conform/puppet/perform.hpp"

namespace knell::conform::puppet {
namespace {

void await_command() {
  Slot& me = self();
  while (me.command == me.taken) {
    me.idle = me.taken.load();  // in the loop: a handler that ran on top may have taken commands
    system_call(SYS_futex, &me.command, FUTEX_WAIT, me.taken.load());
  }
  me.taken = me.command.load();
}

/// A place for a result that nothing is using: it does not hold the last one, and no publish() that
/// a handler interrupted is writing to it.
std::uint32_t take_place(Slot& me) {
  for (std::uint32_t place = 0;; place = (place + 1) % kResultsKept)
    if (place != me.returned.load().place && !me.results[place].taken.exchange(true)) return place;
}

}  // namespace

void publish(const CallResult& result) {
  Slot& me = self();
  const std::uint32_t place = take_place(me);
  me.results[place].result = result;
  Returned before = me.returned;
  while (!me.returned.compare_exchange_weak(before, {before.count + 1, place})) continue;
  me.results[place].taken = false;
}

void act_until_told_to_return() {
  for (;;) {
    await_command();
    const Call call = self().call;
    if (call.nr == Sys::rt_sigreturn) return;
    self().in_call = static_cast<std::uint32_t>(call.nr);
    publish(perform(call));  // perhaps in two tasks from here on: nothing above is kept
    self().in_call = 0;
  }
}

}  // namespace knell::conform::puppet
