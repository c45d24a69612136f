/// fs/exec.c: a program is run anew.

#include <cerrno>
#include <vector>

#include "knell/kernel/sched.hpp"
#include "knell/kernel/signal.hpp"
#include "knell/kernel/tasks.hpp"

namespace knell::kernel {
namespace {

bool others_gone(const World& world, TaskIndex task) {
  const SignalStruct& group = world.signal_of(task);
  const TaskIndex leader = world.leader(task);
  if (leader == task) return group.nr_threads == 1;
  return group.nr_threads == 2 && world[leader].state == TaskState::zombie;
}

/// The second half of de_thread: the thread takes the leader's place, number and parent, and the
/// old leader is released.
void replace_leader(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  const TaskIndex leader = world.leader(task);
  const Pid number = world[leader].pid;
  SignalStruct& group = world.signal_of(task);
  // Its tracer may wait for one that is no more.
  if (is_traced(world, leader)) wake_up_parent(kernel, leader, world[leader].parent);
  world.replace_child(leader, task);
  world[task].exit_signal = signals::kChld;
  std::swap(world[task].numbers, world[leader].numbers);
  world.renumber(leader, world[task].pid);
  world.renumber(task, number);
  const PidNamespaceIndex ns = world[task].pid_ns ? world[task].pid_ns : PidNamespaceIndex(0);
  if (world[ns].child_reaper == leader) world[ns].child_reaper = task;
  group.leader = task;
  group.curr_target = task;
  ptrace_unlink(kernel, leader);
  flush_sigqueue(world, world[leader].pending);
  --world[world[leader].sighand].users;
  world[leader].state = TaskState::released;
  world[leader].next_thread = {};
  world[task].next_thread = {};
  group.last_thread = task;
  --group.nr_threads;
  kernel.note({Event::Kind::release, leader, task, {}, 0});
}

/// unshare_sighand and flush_signal_handlers: what is caught is at its default again, what is
/// ignored stays so.
void flush_signal_handlers(World& world, TaskIndex task) {
  SighandStruct fresh;
  fresh.ignored = world[world[task].sighand].ignored;
  SighandStruct& old = world[world[task].sighand];
  if (old.users > 1) {
    --old.users;
    world[task].sighand = SighandIndex(world.sighands.size());
    world.sighands.push_back(fresh);
  } else {
    old = fresh;
  }
}

/// bprm_creds_from_file and commit_creds for a file without set-user-id or capabilities.
void exec_creds(World& world, TaskIndex task) {
  if (!world[task].cred) return;
  Cred cred = world[world[task].cred];
  const Cred old = cred;
  const bool root = cred.uid == Uid(0) || cred.euid == Uid(0);
  cred.suid = cred.fsuid = cred.euid;
  cred.cap_permitted = root ? kAllCaps : 0;
  cred.cap_effective = cred.euid == Uid(0) ? kAllCaps : 0;
  const bool grew = (cred.cap_permitted & ~old.cap_permitted) != 0;
  const bool changed = old.fsuid != cred.fsuid || grew;
  const bool secure = cred.euid != old.uid || (cred.uid != Uid(0) && cred.cap_effective != 0);
  if (changed || secure) world[task].pdeath_signal = {};
  world[task].cred = world.add_cred(cred);
}

/// exec_mmap: a new address space; what hangs on the old one goes. Of one who is two users, nobody
/// gets to see it (begin_new_exec: set_dumpable).
void exec_mmap(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  mm_release(kernel, task);
  exit_mm(kernel, task);
  world[task].mm = MmIndex(world.mms.size());
  MmStruct& mm = world.mms.emplace_back();
  if (!world[task].cred) return;
  const Cred& cred = world[world[task].cred];
  mm.dumpable = cred.euid == cred.uid && cred.egid == cred.gid;
}

void unshare_files(World& world, TaskIndex task) {
  const FilesIndex files = world[task].files;
  if (!files || world[files].users <= 1) return;
  world[task].files = dup_fd(world, files);
  --world[files].users;
}

void reset_context(UserContext& context) {
  const std::uint32_t returned = context.returned;
  const CallResult last = context.last;
  auto ran = std::move(context.ran);
  auto undo = std::move(context.sem_undo);
  // begin_new_exec: the alternate stack's size becomes 0, its flags stay.
  const bool stale = context.altstack || context.altstack_stale;
  const bool autodisarm = context.altstack_autodisarm;
  context = {};
  context.altstack_stale = stale;
  context.altstack_autodisarm = autodisarm;
  context.ran = std::move(ran);
  context.sem_undo = std::move(undo);  // the adjustments stay with the task
  context.returned = returned;
  context.last = last;
  context.regs.next = Regs::Next::result;
  context.regs.result.nr = Sys::execve;
}

bool waits_for_guard(const World& world, TaskIndex sleeper) {
  return sleeping_in(world, sleeper).nr == Sys::ptrace;
}

/// mutex_unlock(&cred_guard_mutex)
void release_cred_guard(Kernel& kernel) {
  wake_up_all(kernel, [&](TaskIndex sleeper) { return waits_for_guard(kernel.world, sleeper); });
}

/// Who waited to trace it may do so before it goes on.
void let_them_trace(Kernel& kernel) {
  if (!kernel.preemptible()) return;
  const std::vector<TaskIndex> sleepers = kernel.world.sleepers;
  for (const TaskIndex sleeper : sleepers)
    if (waits_for_guard(kernel.world, sleeper) && kernel.either()) run_meanwhile(kernel, sleeper);
}

/// begin_new_exec, from where the task is alone.
void begin_new_exec(Kernel& kernel, TaskIndex task) {
  const Function in(kernel, "begin_new_exec", task);
  World& world = kernel.world;
  world[task].in_execve = false;
  world.signal_of(task).group_exec = false;
  if (!thread_group_leader(world, task)) replace_leader(kernel, task);
  world[task].exit_signal = signals::kChld;
  unshare_files(world, task);
  exec_mmap(kernel, task);
  exec_creds(world, task);
  flush_signal_handlers(world, task);
  world[task].fork_no_exec = false;
  ++world[task].self_exec_id;
  reset_context(world[world[task].context]);
  kernel.note({Event::Kind::exec, task, {}, {}, 0});
  release_cred_guard(kernel);
  let_them_trace(kernel);
  if (world[task].ptrace.traced && !world[task].ptrace.seized) {
    Source source = Source::user(world, task, signals::kTrap, si::kUser);  // send_sig(SIGTRAP)
    source.kind = Source::Kind::noinfo;
    send_signal_locked(kernel, signals::kTrap, source, task, PidType::pid);
  }
  let_them_trace(kernel);
}

}  // namespace

/// de_thread: the other threads have to end first.
Outcome sys_execve(Kernel& kernel, TaskIndex current) {
  World& world = kernel.world;
  SignalStruct& group = world.signal_of(current);
  if (group.group_exit || group.group_exec) return -EAGAIN;
  world[current].in_execve = true;
  if (!thread_group_empty(world, current)) {
    const Function in(kernel, "de_thread", current);
    group.group_exec = true;
    zap_other_threads(kernel, current);
    if (!others_gone(world, current)) {
      set_state(kernel, current, TaskState::sleeping);
      world[current].killable = true;
      world[world[current].context].in_call = true;
      return {};
    }
  }
  begin_new_exec(kernel, current);
  return 0;
}

void resume_execve(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (world.signal_of(task).group_exit) {
    world[task].in_execve = world[task].killable = false;
    world.signal_of(task).group_exec = false;
    release_cred_guard(kernel);
    return exit_to_user_mode(kernel, task);
  }
  if (!others_gone(world, task)) return set_state(kernel, task, TaskState::sleeping);
  world[task].killable = false;
  begin_new_exec(kernel, task);
  exit_to_user_mode(kernel, task);
}

void wake_group_exec(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  if (!world.signal_of(task).group_exec) return;
  for (std::size_t place = 0; place < world.tasks.size(); ++place)
    if (const TaskIndex each(place); world[each].in_execve && same_thread_group(world, each, task))
      if (each != task) wake_up_process(kernel, each);
}

void wake_zapping_inits(Kernel& kernel, TaskIndex task) {
  World& world = kernel.world;
  for (const PidNamespace& ns : world.pid_namespaces) {
    const TaskIndex init = ns.child_reaper;
    if (ns.dying && init && init != task && world[init].in_zap && !world[init].on_rq)
      wake_up_process(kernel, init);
  }
}

}  // namespace knell::kernel
