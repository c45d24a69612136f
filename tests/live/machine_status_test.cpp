// What Known::status and Known::threads tell, by the read and by the deepening.

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::eventually;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

struct Looked {
  World world;
  TaskIndex task;
  [[nodiscard]] const Task& leader() const { return world[task]; }
  [[nodiscard]] const SignalStruct& group() const { return world.signal_of(task); }
  [[nodiscard]] const Details& details() const { return world.details_of(task); }
};

Looked look(Pid pid, Known depth) {
  const auto machine = Machine::open();
  const std::vector pids{pid};
  auto world = machine->read_some(pids, Known::stat);
  EXPECT_TRUE(world);
  const std::vector tasks{world->find(pid)};
  EXPECT_TRUE(tasks[0]);
  const auto deepened = machine->deepen(*world, tasks, depth);
  EXPECT_TRUE(deepened);
  return {std::move(*world), tasks[0]};
}

Looked look(const Child& child, Known depth = Known::status | Known::surroundings) {
  return look(Pid(child.pid()), depth);
}

void block(int signal) {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

TEST(MachineStatus, SignalsAreBlockedIgnoredAndCaughtAsTheChildDid) {
  const Child child([](const Handshake& test) {
    block(SIGUSR1);
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, [](int) {});
    test.ready();
    behaviour::sleep_for_ever();
  });
  kill(child.pid(), SIGUSR1);
  const Looked looked = look(child);
  const SighandStruct& handlers = looked.world[looked.leader().sighand];
  EXPECT_EQ(looked.leader().blocked, SigSet{signals::kUsr1});
  EXPECT_TRUE(handlers.ignored.has(signals::kHup));
  EXPECT_TRUE(handlers.caught.has(signals::kTerm));
  EXPECT_FALSE(handlers.caught.has(signals::kHup));
  EXPECT_EQ(looked.group().shared_pending.signal, SigSet{signals::kUsr1});
  EXPECT_TRUE(looked.leader().pending.signal.empty());
  EXPECT_FALSE(looked.leader().signal_pending) << "it is blocked";
}

TEST(MachineStatus, WhatIsSentToAThreadPendsThere) {
  const Child child([](const Handshake& test) {
    block(SIGUSR1);
    test.ready();
    behaviour::sleep_for_ever();
  });
  syscall(SYS_tgkill, child.pid(), child.pid(), SIGUSR1);
  const Looked looked = look(child);
  EXPECT_EQ(looked.leader().pending.signal, SigSet{signals::kUsr1});
  EXPECT_TRUE(looked.group().shared_pending.signal.empty());
}

TEST(MachineStatus, AStoppedOneWillSeeItsSignalWhenItGoesOn) {
  const Child child(behaviour::sleeping());
  kill(child.pid(), SIGSTOP);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED | WNOWAIT);
  kill(child.pid(), SIGTERM);
  const Looked looked = look(child);
  EXPECT_EQ(looked.leader().state, TaskState::stopped);
  EXPECT_TRUE(looked.group().shared_pending.signal.has(signals::kTerm));
  EXPECT_TRUE(looked.leader().signal_pending);
}

TEST(MachineStatus, CredentialsAreTheChilds) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  const Child child([](const Handshake& test) {
    if (setresgid(1001, 1002, 1003) != 0 || setresuid(1001, 1002, 1003) != 0) _exit(1);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Looked looked = look(child);
  ASSERT_TRUE(looked.leader().cred.valid());
  const Cred& cred = looked.world[looked.leader().cred];
  EXPECT_EQ(cred.uid, Uid(1001));
  EXPECT_EQ(cred.euid, Uid(1002));
  EXPECT_EQ(cred.suid, Uid(1003));
  EXPECT_EQ(cred.gid, Gid(1001));
  EXPECT_EQ(cred.cap_effective, 0U) << "a user without privileges";
}

TEST(MachineStatus, EqualCredentialsAreOneValue) {
  const Child first(behaviour::sleeping());
  const Child second(behaviour::sleeping());
  const auto machine = Machine::open();
  const auto world = machine->read({.of_all = Known::stat | Known::status});
  ASSERT_TRUE(world);
  EXPECT_EQ((*world)[world->find(first.id())].cred, (*world)[world->find(second.id())].cred);
}

TEST(MachineStatus, EachThreadHasItsOwnMask) {
  const Child child([](const Handshake& test) {
    static const Handshake* told = nullptr;
    told = &test;
    pthread_t thread{};
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          prctl(PR_SET_NAME, "second\n\\");
          block(SIGUSR2);
          told->tell(gettid());
          behaviour::sleep_for_ever();
        },
        nullptr);
    behaviour::sleep_for_ever();
  });
  const Pid tid(static_cast<pid_t>(child.first()));
  Looked looked = look(child, Known::status | Known::threads);
  const TaskIndex thread = looked.world.find(tid);
  ASSERT_TRUE(thread);
  EXPECT_EQ(looked.world.leader(thread), looked.task);
  EXPECT_EQ(looked.world[thread].comm, "second\n\\");
  EXPECT_EQ(looked.world[thread].blocked, SigSet{signals::kUsr2});
  EXPECT_TRUE(looked.leader().blocked.empty());
  EXPECT_EQ(looked.group().nr_threads, 2U);
  EXPECT_EQ(looked.group().live, 2U);

  const auto machine = Machine::open();
  const std::vector tasks{looked.task};
  ASSERT_TRUE(machine->deepen(looked.world, tasks, Known::threads));
  EXPECT_EQ(looked.world.find(tid), thread) << "a second look finds the same";
  EXPECT_EQ(looked.group().nr_threads, 2U);
}

TEST(MachineStatus, ThreadsThatEndedAreTakenOut) {
  const Child child([](const Handshake& test) {
    pthread_t thread{};
    pthread_create(&thread, nullptr, [](void*) -> void* { behaviour::sleep_for_ever(); }, nullptr);
    test.ready();
    static pthread_t other;
    other = thread;
    signal(SIGUSR1, [](int) { pthread_cancel(other); });
    behaviour::sleep_for_ever();
  });
  Looked looked = look(child, Known::threads);
  ASSERT_EQ(looked.group().nr_threads, 2U);
  // As if it had been another thread of this process that ended.
  const TaskIndex ghost = looked.world.add_thread(Pid(4'190'001), looked.task);
  const auto machine = Machine::open();
  const std::vector tasks{looked.task};
  ASSERT_TRUE(machine->deepen(looked.world, tasks, Known::threads));
  EXPECT_EQ(looked.world[ghost].state, TaskState::released);
  EXPECT_EQ(looked.group().nr_threads, 2U);
}

TEST(MachineStatus, ADeadLeadersThreadLives) {
  const Child child(behaviour::leader_gone());
  ASSERT_TRUE(eventually([&] { return knell::test::state_letter(child.pid()) == 'Z'; }));
  const Looked looked = look(child, Known::threads | Known::status | Known::surroundings);
  EXPECT_FALSE(looked.world.is_zombie(looked.task));
  ASSERT_TRUE(looked.leader().next_thread);
  EXPECT_NE(looked.world[looked.leader().next_thread].state, TaskState::zombie);
  EXPECT_EQ(looked.group().nr_threads, 2U);
  EXPECT_EQ(looked.group().live, 1U);
}

TEST(MachineStatus, ATracerIsToldBeforeTheParent) {
  const Child traced(behaviour::sleeping());
  const Child tracer([&](const Handshake& test) {
    if (ptrace(PTRACE_SEIZE, traced.pid(), nullptr, nullptr) != 0) _exit(1);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const auto machine = Machine::open();
  auto world = machine->read({});
  ASSERT_TRUE(world);
  const std::vector tasks{world->find(traced.id())};
  ASSERT_TRUE(machine->deepen(*world, tasks, Known::status | Known::surroundings));
  EXPECT_EQ(world->details_of(tasks[0]).tracer, Pid(tracer.pid()));
  EXPECT_EQ(world->id((*world)[tasks[0]].parent), tracer.id());
  EXPECT_EQ((*world)[(*world)[tasks[0]].real_parent].pid, Pid(getpid()));
}

// init of a pid namespace with a child in it; it tells nothing, the World must find both.
TEST(MachineStatus, APidNamespaceHasItsOwnNumbersAndItsOwnInit) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  const Child outside([](const Handshake& test) {
    if (unshare(CLONE_NEWPID) != 0) _exit(1);
    const pid_t init = fork();
    if (init == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (behaviour::fork_bound() == 0) test.ready();
      behaviour::sleep_for_ever();
    }
    behaviour::sleep_for_ever();
  });
  const auto machine = Machine::open();
  auto world = machine->read({});
  ASSERT_TRUE(world);
  const TaskIndex init = (*world)[world->find(outside.id())].first_child;
  ASSERT_TRUE(init);
  const TaskIndex member = (*world)[init].first_child;
  ASSERT_TRUE(member);
  EXPECT_FALSE(world->signal_of(init).unkillable) << "is not known from stat";

  const std::vector tasks{member};
  ASSERT_TRUE(machine->deepen(*world, tasks, Known::status | Known::surroundings));
  EXPECT_EQ(world->details_of(member).ns_pids, (std::vector{(*world)[member].pid, Pid(2)}));
  const PidNamespaceIndex space = (*world)[member].pid_ns;
  ASSERT_TRUE(space);
  EXPECT_NE(space, PidNamespaceIndex(0));
  EXPECT_EQ((*world)[space].parent, PidNamespaceIndex(0));
  EXPECT_EQ((*world)[space].child_reaper, init) << "found though it was not asked about";
  EXPECT_TRUE(world->signal_of(init).unkillable);
  EXPECT_FALSE(world->signal_of(member).unkillable);
}

TEST(MachineStatus, ASleeperTellsWhereItSleeps) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  FILE* file = fopen("/proc/self/wchan", "r");
  if (file == nullptr) GTEST_SKIP() << "a kernel without";
  fclose(file);
  const Child child(behaviour::sleeping());
  EXPECT_TRUE(eventually([&] {
    const std::string wchan = look(child).details().wchan;
    return wchan != "" && wchan != "0";
  }));
}

TEST(MachineStatus, StrangersCredentialsAreReadEvenByTheUnprivileged) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(test::in_child([] {
              KNELL_CHECK(setresgid(65534, 65534, 65534) == 0);
              KNELL_CHECK(setresuid(65534, 65534, 65534) == 0);
              const auto machine = Machine::open();
              KNELL_CHECK(machine);
              auto world = machine->read({.of_all = Known::stat | Known::names});
              KNELL_CHECK(world);
              const TaskIndex root = world->find(Pid(getppid()));
              KNELL_CHECK(root);
              KNELL_CHECK(world->details_of(root).exe.empty());
              KNELL_CHECK(!world->details_of(root).cmdline.empty());
              // The command line names it too; the executable is missed only by who asks for it.
              KNELL_CHECK(world->unread.empty());
              world = machine->read({.of_all = Known::stat | Known::names, .exe_ids = true});
              const auto refused = std::ranges::find(world->unread, "executables", &Unread::what);
              KNELL_CHECK(refused != world->unread.end());
              KNELL_CHECK(refused->number == EACCES && refused->count >= 1);

              const std::vector tasks{root};
              KNELL_CHECK(machine->deepen(
                  *world, tasks,
                  Known::status | Known::files | Known::memory | Known::maps | Known::environ));
              KNELL_CHECK((*world)[(*world)[root].cred].uid == Uid(0));
              KNELL_CHECK(!has((*world)[root].known, Known::files));
              for (const char* what : {"open files", "memory", "mapped files", "environment"}) {
                const auto unread = std::ranges::find(world->unread, what, &Unread::what);
                KNELL_CHECK(unread != world->unread.end());
                KNELL_CHECK(unread->number == EACCES && unread->count == 1);
              }
              return true;
            }),
            0);
}

}  // namespace
}  // namespace knell::live
