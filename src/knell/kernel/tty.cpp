/// drivers/tty: a terminal's session and foreground group, its keys, and the end of its line.

#include <cerrno>
#include <vector>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

constexpr std::int64_t kNoCtty = 0x100;  // O_NOCTTY
constexpr std::uint32_t kLine = 1;       // an empty one

void kill_pgrp(Kernel& kernel, Pgid group, Signal signal, Source source) {
  if (group.value() != 0) kill_pgrp_info(kernel, signal, source, group);
}

/// __proc_set_tty
void proc_set_tty(World& world, TaskIndex current, TtyIndex tty) {
  SignalStruct& group = world.signal_of(current);
  world[tty].foreground = group.pgrp;
  world[tty].session = group.session;
  group.tty_struct = tty;
  group.tty = world[tty].device;
}

/// session_clear_tty
void session_clear_tty(World& world, Sid session) {
  for (const TaskIndex task : world.processes()) {
    SignalStruct& group = world.signal_of(task);
    if (group.session != session) continue;
    group.tty_struct = {};
    group.tty = 0;
  }
}

TtyIndex tty_of(const World& world, TaskIndex current, std::int64_t fd) {
  const FileIndex file = file_of(world, current, fd);
  return file ? world[file].tty : TtyIndex{};
}

bool is_ignored(const World& world, TaskIndex current, Signal signal) {
  return world[current].blocked.has(signal) || world[world[current].sighand].ignored.has(signal);
}

/// __tty_check_change: who is in the background is told to stop. 0: it may go on.
std::int64_t check_change(Kernel& kernel, TaskIndex current, TtyIndex tty, Signal signal) {
  World& world = kernel.world;
  const SignalStruct& group = world.signal_of(current);
  const Pgid foreground = world[tty].foreground;
  if (group.tty_struct != tty || foreground.value() == 0 || group.pgrp == foreground) return 0;
  if (is_ignored(world, current, signal)) return signal == signals::kTtin ? -EIO : 0;
  if (is_current_pgrp_orphaned(world, current)) return -EIO;
  kill_pgrp(kernel, group.pgrp, signal, Source::kernel());
  world[current].signal_pending = true;
  return kRestartSys;
}

Sid session_of_pgrp(const World& world, Pgid group) {
  for (const TaskIndex task : world.processes())
    if (world.signal_of(task).pgrp == group) return world.signal_of(task).session;
  const TaskIndex task = world.find(Pid(group.value()));
  return task ? world.signal_of(task).session : Sid(-1);
}

constexpr int kItsTurn = 1;  // UserContext::wake of a reader

bool reads(const World& world, TaskIndex sleeper, TtyIndex tty) {
  const Call& call = sleeping_in(world, sleeper);
  return call.nr == Sys::read && tty_of(world, sleeper, call.arg[0]) == tty;
}

void wake_readers(Kernel& kernel, TtyIndex tty) {
  wake_up_all(kernel, [&](TaskIndex sleeper) { return reads(kernel.world, sleeper, tty); });
}

/// One reads at a time, the others wait for their turn (atomic_read_lock).
void wake_reader(Kernel& kernel, TtyIndex tty) {
  wake_up_one(kernel, [&](TaskIndex sleeper) { return reads(kernel.world, sleeper, tty); });
}

/// tty_signal_session_leader: SIGHUP and SIGCONT to the one who leads the session; it remembers the
/// foreground, which is told when the leader ends.
void signal_session_leader(Kernel& kernel, TtyIndex tty) {
  World& world = kernel.world;
  const Sid session = world[tty].session;
  if (session.value() == 0) return;
  for (const TaskIndex task : world.processes()) {
    SignalStruct& group = world.signal_of(task);
    if (group.session != session) continue;
    if (group.tty_struct == tty) {
      group.tty_struct = {};
      group.tty = 0;
    }
    if (!group.leads_session) continue;
    for (const Signal signal : {signals::kHup, signals::kCont}) {
      Source source = Source::kernel();
      send_signal_locked(kernel, signal, source, task, PidType::tgid);
    }
    world.signal_of(task).tty_old_pgrp = world[tty].foreground;
  }
}

Signal signal_of_key(Key key) {
  if (key == Key::intr) return signals::kInt;
  return key == Key::quit ? signals::kQuit : signals::kTstp;
}

}  // namespace

TtyIndex add_tty(World& world) {
  const TtyIndex tty(world.ttys.size());
  constexpr std::uint32_t kPts = 136 << 8;  // major number of pts/0
  // Its other end, which is outside, counts (pty_unix98_install): it is never quite closed.
  world.ttys.push_back({.device = kPts + static_cast<std::uint32_t>(tty.place()), .opened = 1});
  return tty;
}

void tty_input(Kernel& kernel, TtyIndex index, Key key) {
  Tty& tty = kernel.world[index];
  if (tty.hung_up) return;
  if (key == Key::line) {
    tty.bytes += kLine;
    return wake_reader(kernel, index);
  }
  const Function in(kernel, "isig", {});
  kernel.note({Event::Kind::terminal, {}, {}, signal_of_key(key), 0, "isig"});
  tty.bytes = 0;  // without NOFLSH what was typed is gone
  kill_pgrp(kernel, tty.foreground, signal_of_key(key), Source::kernel());
}

/// __tty_hangup, of a line that drops; not of a session's end.
void tty_hangup(Kernel& kernel, TtyIndex index) {
  const Function in(kernel, "__tty_hangup", {});
  World& world = kernel.world;
  if (world[index].hung_up) return;
  kernel.note({Event::Kind::terminal, {}, {}, {}, 0, "hangup"});
  world[index].hung_up = true;
  // pty_close wakes them first: one may be back in its program before it is told.
  const std::vector<TaskIndex> sleepers = world.sleepers;
  wake_readers(kernel, index);
  for (const TaskIndex reader : sleepers)
    if (kernel.preemptible() && reads(world, reader, index) && kernel.either())
      run_meanwhile(kernel, reader);
  signal_session_leader(kernel, index);
  world[index].session = {};
  world[index].foreground = {};
  world[index].bytes = 0;
}

std::int64_t tty_open(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  if (call.arg[1] < 0 || static_cast<std::size_t>(call.arg[1]) >= world.ttys.size()) return -ENXIO;
  const TtyIndex tty(static_cast<std::size_t>(call.arg[1]));
  if (world[tty].hung_up) return -EIO;
  const int fd = fd_install(world, current, add_file(world, {.type = File::Type::tty, .tty = tty}));
  ++world[tty].opened;
  const SignalStruct& group = world.signal_of(current);
  const bool takes = (call.arg[0] & kNoCtty) == 0 && group.leads_session && !group.tty_struct &&
                     world[tty].session.value() == 0;
  if (takes) proc_set_tty(world, current, tty);
  return fd;
}

/// Without its last descriptor it stays whose terminal it is: the master has it open, too
/// (pty_common_install).
void tty_release(Kernel& kernel, TtyIndex tty) {
  --kernel.world[tty].opened;
}

std::int64_t tiocsctty(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex file = file_of(world, current, call.arg[0]);
  if (!file) return -EBADF;
  const TtyIndex tty = world[file].tty;
  if (!tty) return -ENOTTY;
  if (world[tty].hung_up) return -EIO;
  const SignalStruct& group = world.signal_of(current);
  if (group.leads_session && group.session == world[tty].session) return 0;
  if (!group.leads_session || group.tty_struct) return -EPERM;
  if (world[tty].session.value() != 0) {
    if (call.arg[1] != 1 || !capable(world, current, kCapSysAdmin)) return -EPERM;
    session_clear_tty(world, world[tty].session);
  }
  proc_set_tty(world, current, tty);
  return 0;
}

std::int64_t tiocnotty(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex file = file_of(world, current, call.arg[0]);
  if (!file) return -EBADF;
  const TtyIndex tty = world[file].tty;
  if (!tty) return -ENOTTY;
  if (world[tty].hung_up) return -EIO;
  if (world.signal_of(current).tty_struct != tty) return -ENOTTY;
  disassociate_ctty(kernel, current, false);
  world.signal_of(current).tty_struct = {};
  world.signal_of(current).tty = 0;
  return 0;
}

std::int64_t tiocspgrp(Kernel& kernel, TaskIndex current, const Call& call) {
  World& world = kernel.world;
  const FileIndex file = file_of(world, current, call.arg[0]);
  if (!file) return -EBADF;
  const TtyIndex tty = world[file].tty;
  if (!tty) return -ENOTTY;
  if (world[tty].hung_up) return -ENOTTY;  // hung_up_tty_ioctl, of this one alone
  const std::int64_t change = check_change(kernel, current, tty, signals::kTtou);
  if (change != 0) return change == -EIO ? -ENOTTY : change;
  if (call.arg[1] < 0) return -EINVAL;
  const SignalStruct& group = world.signal_of(current);
  if (group.tty_struct != tty || world[tty].session != group.session) return -ENOTTY;
  const Pid number = find_vpid(world, current, call.arg[1]);
  if (number == Pid(0)) return -ESRCH;
  const Pgid wanted(number.value());
  if (session_of_pgrp(world, wanted) != group.session) return -EPERM;
  world[tty].foreground = wanted;
  return 0;
}

std::int64_t tiocgpgrp(Kernel& kernel, TaskIndex current, const Call& call) {
  const World& world = kernel.world;
  const FileIndex file = file_of(world, current, call.arg[0]);
  if (!file) return -EBADF;
  const TtyIndex tty = world[file].tty;
  if (!tty) return -ENOTTY;
  if (world[tty].hung_up) return -EIO;
  if (world.signal_of(current).tty_struct != tty) return -ENOTTY;
  return pid_vnr(world, current, Pid(world[tty].foreground.value())).value();
}

/// mutex_unlock of atomic_read_lock: the next one's turn has come.
void tty_read_over(Kernel& kernel, FileIndex file) {
  World& world = kernel.world;
  const TtyIndex tty = world[file].tty;
  for (const TaskIndex sleeper : world.sleepers) {
    if (!reads(world, sleeper, tty)) continue;
    if (world[sleeper].on_rq) return;
    world[world[sleeper].context].wake = kItsTurn;
    return wake_up_process(kernel, sleeper);
  }
}

/// mutex_lock of atomic_read_lock: who comes while it is handed on may be there before the one it
/// is meant for.
TaskIndex tty_reader_behind(const World& world, TaskIndex reader) {
  const FileIndex file = file_of(world, reader, world[world[reader].context].regs.call.arg[0]);
  if (!file || !world[file].tty) return {};
  for (const TaskIndex sleeper : world.sleepers)
    if (reads(world, sleeper, world[file].tty))
      return world[world[sleeper].context].wake == kItsTurn ? sleeper : TaskIndex();
  return {};
}

/// n_tty_read. Who is asleep in it when the line drops hears that the other side has closed
/// (TTY_OTHER_CLOSED); who reads later is at the end of the file (hung_up_tty_read).
Outcome tty_read(Kernel& kernel, TaskIndex current, FileIndex file) {
  World& world = kernel.world;
  const TtyIndex tty = world[file].tty;
  const bool woken = world[world[current].context].in_call;
  world[world[current].context].wake = 0;
  if (world[tty].hung_up) return woken ? -EIO : 0;
  if (!woken)
    if (const std::int64_t change = check_change(kernel, current, tty, signals::kTtin); change != 0)
      return change;
  if (world[tty].bytes == 0) return {};
  if (--world[tty].bytes > 0) wake_reader(kernel, tty);
  return 1;
}

/// n_tty_write: the background may write, unless the terminal says TOSTOP.
Outcome tty_write(Kernel& kernel, TaskIndex current, FileIndex file) {
  World& world = kernel.world;
  const TtyIndex tty = world[file].tty;
  if (world[tty].hung_up) return -EIO;
  if (world[tty].tostop)
    if (const std::int64_t change = check_change(kernel, current, tty, signals::kTtou); change != 0)
      return change;
  return 1;
}

void disassociate_ctty(Kernel& kernel, TaskIndex task, bool on_exit) {
  World& world = kernel.world;
  if (!world.signal_of(task).leads_session) return;
  const TtyIndex tty = world.signal_of(task).tty_struct;
  if (!tty) {
    const Pgid old = world.signal_of(task).tty_old_pgrp;
    if (!on_exit) return;
    world.signal_of(task).tty_old_pgrp = {};
    for (const Signal signal : {signals::kHup, signals::kCont})
      kill_pgrp(kernel, old, signal, Source::kernel());
    return;
  }
  const Pgid foreground = world[tty].foreground;
  const Source source = on_exit ? Source::kernel() : Source{Source::Kind::noinfo, task};
  kill_pgrp(kernel, foreground, signals::kHup, source);
  if (!on_exit) kill_pgrp(kernel, foreground, signals::kCont, source);
  world.signal_of(task).tty_old_pgrp = {};
  world[tty].session = {};
  world[tty].foreground = {};
  session_clear_tty(world, world.signal_of(task).session);
}

}  // namespace knell::kernel
