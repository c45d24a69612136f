/// kernel/signal.c and kernel/exit.c: what a task does with a signal, and how it ends.

#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "builder.hpp"

namespace knell::test {
namespace {

using kernel::Kernel;
using Kind = Event::Kind;

TEST(Deliver, TermEndsWhatDoesNotCareAndLeavesAZombieToItsParent) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(job));
  EXPECT_EQ(WaitStatus(small.world[job].exit_code), WaitStatus::killed(signals::kTerm));
  EXPECT_TRUE(happened(kernel, Kind::notify_parent, job));
  EXPECT_TRUE(kernel::wait_task_zombie(kernel, small.shell, job));
  EXPECT_TRUE(gone(small.world, job));
}

TEST(Deliver, ACaughtSignalIsThePrograms) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[small.world[job].sighand].caught.add(signals::kTerm);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world[job].in_handler);
  EXPECT_TRUE(happened(kernel, Kind::signal_handler, job));
  EXPECT_FALSE(small.world.signal_of(job).group_exit);
}

/// All that sigprocmask(2) lets a program block.
constexpr SigSet kBlockable = ~signals::kKernelOnly;

TEST(Deliver, KillEndsWhatBlocksCatchesAndIgnoresAllItCan) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[job].blocked = kBlockable;
  small.world[small.world[job].sighand] = {SigSet(~std::uint64_t{0}), SigSet(~std::uint64_t{0})};
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(job));
}

TEST(Deliver, AnyThreadThatDoesNotBlockItTakesIt) {
  SmallWorld small;
  const TaskIndex leader = small.job(200);
  small.world[small.world[leader].sighand].caught.add(signals::kUsr1);
  const TaskIndex thread = small.world.add_thread(Pid(201), leader);
  small.world[leader].blocked.add(signals::kUsr1);
  small.world[thread].blocked = {};
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kUsr1);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world[thread].in_handler);
  EXPECT_FALSE(small.world[leader].in_handler);
}

TEST(Deliver, AStoppedOneTakesTermOnlyWhenContinuedButKillAtOnce) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[job].state = TaskState::stopped;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[job].state, TaskState::stopped);
  EXPECT_TRUE(small.world.signal_of(job).shared_pending.signal.has(signals::kTerm));
  World then_continued = small.world;
  Kernel second(then_continued);
  kernel::kill(second, small.shell, 200, signals::kCont);
  kernel::run_to_rest(second);
  EXPECT_EQ(WaitStatus(then_continued[job].exit_code), WaitStatus::killed(signals::kTerm));
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(WaitStatus(small.world[job].exit_code), WaitStatus::killed(signals::kKill));
}

TEST(Deliver, AnUninterruptibleSleepIsNotCutShort) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[job].state = TaskState::disk_sleep;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[job].state, TaskState::disk_sleep);
  EXPECT_TRUE(small.world.signal_of(job).group_exit);
}

TEST(Deliver, ATracerSeesEverySignalButKillFirst) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  const TaskIndex tracer = small.job(300);
  small.world[job].parent = tracer;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(happened(kernel, Kind::ptrace_stop, job));
  EXPECT_EQ(small.world[job].state, TaskState::traced);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(job));
}

TEST(Deliver, TheInitOfANamespaceTakesNoDefaultActionFromInside) {
  SmallWorld small;
  Kernel kernel(small.world);
  for (Signal signal : {signals::kTerm, signals::kKill, signals::kStop}) {
    EXPECT_EQ(kernel::kill(kernel, small.shell, 1, signal), 0);
    kernel::run_to_rest(kernel);
    EXPECT_EQ(small.world[small.init].state, TaskState::sleeping) << signal.name();
  }
}

TEST(Deliver, TheInitOfAnInnerNamespaceTakesKillButNotTermFromOutside) {
  SmallWorld small;
  const TaskIndex inner = small.process(200, small.shell, 200, 200);
  const TaskIndex inside = small.process(201, inner, 200, 200);
  small.world.pid_namespaces = {{NamespaceId(1), small.init, {}},
                                {NamespaceId(2), inner, PidNamespaceIndex(0)}};
  small.world[inner].pid_ns = small.world[inside].pid_ns = PidNamespaceIndex(1);
  small.world.signal_of(inner).unkillable = true;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[inner].state, TaskState::sleeping);
  kernel::kill(kernel, inside, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[inner].state, TaskState::sleeping);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(inner));
  EXPECT_TRUE(small.world[inside].exiting) << "with its init the whole namespace ends";
}

TEST(Deliver, KernelThreadsTakeNothing) {
  SmallWorld small;
  const TaskIndex thread = small.process(2, {}, 0, 0);
  small.world[thread].kernel_thread = true;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 2, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[thread].state, TaskState::sleeping);
}

TEST(Exit, ChildrenGoToInit) {
  SmallWorld small;
  const TaskIndex parent = small.job(200);
  const TaskIndex child = small.process(201, parent, 200, 100);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[child].real_parent, small.init);
  EXPECT_TRUE(happened(kernel, Kind::reparent, child));
}

TEST(Exit, ChildrenGoToTheNearestSubreaper) {
  SmallWorld small;
  const TaskIndex far = small.job(200);
  const TaskIndex near = small.process(201, far, 200, 100);
  const TaskIndex parent = small.process(202, near, 200, 100);
  const TaskIndex child = small.process(203, parent, 200, 100);
  small.world.signal_of(far).child_subreaper = true;
  small.world.signal_of(near).child_subreaper = true;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 202, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[child].real_parent, near);
}

TEST(Exit, ChildrenOfAThreadOutliveItOnlyAsLongAsItsProcess) {
  SmallWorld small;
  const TaskIndex leader = small.job(200);
  const TaskIndex thread = small.world.add_thread(Pid(201), leader);
  const TaskIndex child = small.process(202, thread, 200, 100);
  small.world[leader].known = small.world[leader].known | Known::threads;
  small.world[thread].known = small.world[leader].known;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[child].real_parent, small.init);
  EXPECT_TRUE(gone(small.world, thread)) << "nobody waits for a thread";
  EXPECT_TRUE(small.world.is_zombie(leader));
}

TEST(Exit, AParentThatIgnoresSigchldGetsNoZombie) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world[small.world[small.shell].sighand].ignored.add(signals::kChld);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(gone(small.world, job));
}

TEST(Exit, AZombieWhoseNewParentIgnoresSigchldGoesAtOnce) {
  SmallWorld small;
  const TaskIndex parent = small.job(200);
  const TaskIndex zombie = small.process(201, parent, 200, 100);
  small.world[zombie].state = TaskState::zombie;
  small.world.signal_of(zombie).live = 0;
  small.world[small.world[small.init].sighand].ignored.add(signals::kChld);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(gone(small.world, zombie));
}

TEST(Exit, MemoryAndFilesComeBackWithTheirLastUser) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world.mms.push_back({.users = 1, .private_bytes = 4096});
  small.world.files.push_back({.users = 1, .open = {OpenFile{}, OpenFile{}}});
  small.world[job].mm = MmIndex(0);
  small.world[job].files = FilesIndex(0);
  small.world.add_thread(Pid(201), job);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  std::int64_t bytes = 0;
  std::int64_t files = 0;
  for (const Event& event : kernel.log) {
    if (event.kind == Kind::exit_mm) bytes += event.value;
    if (event.kind == Kind::exit_files) files += event.value;
  }
  EXPECT_EQ(bytes, 4096);
  EXPECT_EQ(files, 2);
}

TEST(Exit, AnOrphanedGroupWithAStoppedJobGetsHupAndCont) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  const TaskIndex stopped = small.process(201, job, 201, 100);
  small.world[stopped].state = TaskState::stopped;
  Kernel kernel(small.world);
  // The job is the only one outside group 201 that could continue it.
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(WaitStatus(small.world[stopped].exit_code), WaitStatus::killed(signals::kHup));
}

TEST(Exit, AStoppedJobWhoseShellLivesIsLeftAlone) {
  SmallWorld small;
  const TaskIndex stopped = small.job(200);
  small.world[stopped].state = TaskState::stopped;
  small.job(300);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 300, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_EQ(small.world[stopped].state, TaskState::stopped);
}

TEST(Exit, AGroupWhoseThreadsWereNotReadEndsWhole) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world.signal_of(job).nr_threads = small.world.signal_of(job).live = 12;
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kKill);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(job));
}

/// SIGKILL ends whatever it may reach, and no task is lost or doubled on the way.
TEST(Exit, KillAlwaysEnds) {
  rc::check([](const std::vector<std::uint16_t>& shape) {
    SmallWorld small;
    std::vector<TaskIndex> all{small.shell};
    int pid = 200;
    for (std::uint16_t word : shape) {
      const TaskIndex parent = all[word % all.size()];
      const TaskIndex task = small.process(pid, parent, 100 + word % 7, 100);
      small.world[task].blocked = SigSet(word * 0x9E3779B97F4A7C15U) & kBlockable;
      small.world[small.world[task].sighand].ignored = SigSet(word * 0xC2B2AE3D27D4EB4FU);
      if (word % 5 == 0) small.world[task].state = TaskState::stopped;
      all.push_back(task);
      ++pid;
    }
    const std::size_t before = small.world.tasks.size();
    Kernel kernel(small.world);
    for (std::size_t i = 1; i < all.size(); ++i)
      kernel::kill(kernel, small.shell, small.world[all[i]].pid.value(), signals::kKill);
    kernel::run_to_rest(kernel);
    RC_ASSERT(small.world.tasks.size() == before);
    for (std::size_t i = 1; i < all.size(); ++i)
      RC_ASSERT(small.world.is_zombie(all[i]) || gone(small.world, all[i]));
    RC_ASSERT(small.world[small.shell].state != TaskState::zombie);
  });
}

}  // namespace
}  // namespace knell::test
