/// The terminal: whose it is, who is in the foreground, what is typed on it.

#include <array>

#include "knell/conform/scene.hpp"

namespace knell::conform {
namespace {

using script::Argument;
using script::Step;
using Type = File::Type;

/// Whom SIGTTIN or SIGTTOU neither stops nor fails: Linux lets it make the same call again, and
/// again, for ever, if it is in the background. So does a handler with SA_RESTART.
bool would_spin(const Scene& scene) {
  const SighandStruct& table = scene.world()[scene.task().sighand];
  const SigSet restarting = table.caught & table.restart;
  return scene.group().unkillable || restarting.has(signals::kTtin) ||
         restarting.has(signals::kTtou);
}

bool has_terminal(const Scene& scene) {
  return scene.has(Type::tty) && !would_spin(scene);
}

Argument terminal(const Scene& scene) {
  return number(scene.descriptor(Type::tty));
}

/// A session leader without a terminal gets it by opening it, unless it says O_NOCTTY.
Step open_tty(const Scene& scene) {
  constexpr std::int64_t kNoCtty = 0x100;
  return scene.call(Sys::open_tty, {number(scene.random().percent(25) ? kNoCtty : 0)});
}

bool leads_without(const Scene& scene) {
  return scene.group().leads_session && !scene.has(Type::tty);
}

bool has_a_controlling_one(const Scene& scene) {
  return scene.group().tty_struct.valid() && has_terminal(scene);
}
bool has_no_controlling_one(const Scene& scene) {
  return !scene.group().tty_struct.valid();
}

/// So that it can get a terminal.
Step setsid(const Scene& scene) {
  return scene.call(Sys::setsid, {});
}

Step tiocsctty(const Scene& scene) {
  return scene.call(Sys::tiocsctty, {terminal(scene), number(scene.random().percent(30) ? 1 : 0)});
}

Step tiocnotty(const Scene& scene) {
  return scene.call(Sys::tiocnotty, {terminal(scene)});
}

Step tcsetpgrp(const Scene& scene) {
  return scene.call(Sys::tcsetpgrp, {terminal(scene), group_of(scene.anybody())});
}

Step tcgetpgrp(const Scene& scene) {
  return scene.call(Sys::tcgetpgrp, {terminal(scene)});
}

bool may_read(const Scene& scene) {
  return scene.may_sleep() && has_terminal(scene);
}
/// From the background: SIGTTIN.
Step read_terminal(const Scene& scene) {
  return scene.call(Sys::read, {terminal(scene)});
}

Step write_terminal(const Scene& scene) {
  return scene.call(Sys::write, {terminal(scene)});
}

bool there_is_one(const Scene& scene) {
  return !scene.world().ttys.empty() && scene.world().ttys.front().opened > 0;
}

Step type(const Scene& scene) {
  using kernel::Key;
  return {.what = script::KeyStep{
              .key = scene.random().one_of({Key::intr, Key::quit, Key::susp, Key::line})}};
}

Step hang_up(const Scene&) {
  return {.what = script::HangUpStep{}};
}

constexpr std::array kWriters{
    Writer{4, nullptr, open_tty},
    Writer{60, leads_without, open_tty},
    Writer{8, has_terminal, tiocsctty},
    Writer{4, has_terminal, tiocnotty},
    Writer{3, has_terminal, tcsetpgrp},
    Writer{30, has_a_controlling_one, tcsetpgrp},
    Writer{6, has_no_controlling_one, setsid},
    Writer{4, has_terminal, tcgetpgrp},
    Writer{14, may_read, read_terminal},
    Writer{6, has_terminal, write_terminal},
    Writer{16, there_is_one, type},
    Writer{2, there_is_one, hang_up},
};

}  // namespace

std::span<const Writer> write_terminals() {
  return kWriters;
}

}  // namespace knell::conform
