// Machine::read and read_some against processes that the test made.

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::eventually;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

World read(Known of_all = Known::stat) {
  auto machine = Machine::open();
  EXPECT_TRUE(machine);
  auto world = machine->read({.of_all = of_all});
  EXPECT_TRUE(world) << world.error().message();
  return std::move(*world);
}

void expect_stands(const World& world) {
  EXPECT_TRUE(std::ranges::is_sorted(world.by_pid));
  for (const TaskIndex task : world.processes()) {
    EXPECT_EQ(world.find(world[task].pid), task);
    std::size_t children = 0;
    for (const TaskIndex child : world.children(task)) {
      EXPECT_EQ(world[child].real_parent, task);
      ASSERT_LE(++children, world.tasks.size()) << "a circle";
    }
  }
}

TEST(MachineRead, FindsTheTestUnderItsParent) {
  const World world = read();
  expect_stands(world);
  const TaskIndex self = world.find(Pid(getpid()));
  ASSERT_TRUE(self);
  EXPECT_EQ(world.id(self), knell::test::identity(getpid()));
  EXPECT_EQ(world.signal_of(self).pgrp, Pgid(getpgid(0)));
  EXPECT_EQ(world.signal_of(self).session, Sid(getsid(0)));
  ASSERT_TRUE(world[self].real_parent);
  EXPECT_EQ(world[world[self].real_parent].pid, Pid(getppid()));
  EXPECT_EQ(world[self].known, Known::stat);
  EXPECT_GE(world.now, world.signal_of(self).start);
}

TEST(MachineRead, ChildrenAreNewestFirst) {
  const Child first(behaviour::sleeping());
  const Child second(behaviour::sleeping());
  const World world = read();
  std::vector<pid_t> children;
  for (const TaskIndex child : world.children(world.find(Pid(getpid()))))
    children.push_back(world[child].pid.value());
  EXPECT_EQ(children, (std::vector{std::max(first.pid(), second.pid()),
                                   std::min(first.pid(), second.pid())}));
}

TEST(MachineRead, ANameMayHoldAnything) {
  for (const char* name : {"a\nb", ") S 1 1 1", "\x1b[31m", "\xff\xfe(", "15 bytes exactl"}) {
    const Child child([&](const Handshake& test) {
      prctl(PR_SET_NAME, name);
      test.ready();
      behaviour::sleep_for_ever();
    });
    const World world = read();
    const TaskIndex task = world.find(child.id());
    ASSERT_TRUE(task) << name;
    EXPECT_EQ(world[task].comm, name);
    EXPECT_EQ(world[world[task].real_parent].pid, Pid(getpid()));
  }
}

TEST(MachineRead, GroupAndSessionAreAsTheChildMadeThem) {
  const Child leader([](const Handshake& test) {
    setsid();
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Child group(behaviour::leading_a_group(behaviour::sleeping()));
  const World world = read();
  const SignalStruct& first = world.signal_of(world.find(leader.id()));
  EXPECT_EQ(first.session, Sid(leader.pid()));
  EXPECT_EQ(first.pgrp, Pgid(leader.pid()));
  EXPECT_EQ(first.tty, 0U);
  const SignalStruct& second = world.signal_of(world.find(group.id()));
  EXPECT_EQ(second.session, Sid(getsid(0)));
  EXPECT_EQ(second.pgrp, Pgid(group.pid()));
}

TEST(MachineRead, AZombieIsOneAndHasNothing) {
  const Child child(behaviour::keeping_a_zombie());
  const World world = read(Known::stat | Known::names | Known::status);
  const TaskIndex zombie = world.find(child.first_process().pid);
  ASSERT_TRUE(zombie);
  EXPECT_EQ(world[zombie].state, TaskState::zombie);
  EXPECT_TRUE(world.is_zombie(zombie));
  EXPECT_EQ(world.signal_of(zombie).nr_threads, 1U);
  EXPECT_EQ(world.signal_of(zombie).live, 0U);
  EXPECT_EQ(world.details_of(zombie).cmdline, "");
  EXPECT_TRUE(has(world[zombie].known, Known::names | Known::status));
}

TEST(MachineRead, AZombiesExitCodeIsThatOfWait) {
  const pid_t pid = fork();
  if (pid == 0) _exit(7);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  const World world = read();
  int status = 0;
  waitpid(pid, &status, 0);
  ASSERT_TRUE(world.find(Pid(pid)));
  EXPECT_EQ(world[world.find(Pid(pid))].exit_code, status);
}

TEST(MachineRead, AProcessWhoseLeaderEndedLives) {
  const Child child(behaviour::leader_gone());
  ASSERT_TRUE(eventually([&] { return knell::test::state_letter(child.pid()) == 'Z'; }));
  const World world = read(Known::stat | Known::names);
  const TaskIndex leader = world.find(child.id());
  ASSERT_TRUE(leader);
  EXPECT_EQ(world[leader].state, TaskState::zombie);
  EXPECT_FALSE(world.is_zombie(leader));
  EXPECT_EQ(world.signal_of(leader).nr_threads, 2U);
  EXPECT_EQ(world.signal_of(leader).live, 1U);
  const Details& self = world.details_of(world.find(Pid(getpid())));
  EXPECT_EQ(world.details_of(leader).exe, self.exe) << "the living thread knows its executable";
  EXPECT_EQ(world.details_of(leader).cmdline, self.cmdline);
}

TEST(MachineRead, AStoppedChildIsStopped) {
  const Child child(behaviour::sleeping());
  kill(child.pid(), SIGSTOP);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.pid()), &info, WSTOPPED | WNOWAIT);
  const World world = read();
  const TaskIndex task = world.find(child.id());
  EXPECT_EQ(world[task].state, TaskState::stopped);
  EXPECT_EQ(world[task].exit_code, 0) << "it did not end";
}

TEST(MachineRead, NamesAreTheExecutableAndItsArguments) {
  const knell::test::TemporaryDirectory directory;
  const std::string program = directory.path() / "a program\n(x)";
  std::filesystem::copy_file("/bin/sleep", program);
  const Child child([&](const Handshake& test) {
    if (behaviour::fork_bound() == 0) {
      execl(program.c_str(), "argv zero", "1000", nullptr);
      _exit(1);
    }
    test.ready();
    behaviour::sleep_for_ever();
  });
  const std::string arguments = std::string("argv zero") + '\0' + "1000" + '\0';
  TaskIndex task;
  World world;
  ASSERT_TRUE(eventually([&] {  // becoming another program takes it a moment
    world = read(Known::stat | Known::names);
    task = world[world.find(child.id())].first_child;
    return task && world.details_of(task).cmdline == arguments;
  }));
  EXPECT_EQ(world.details_of(task).exe, program);
  EXPECT_EQ(world[task].comm, "a program\n(x)");
  EXPECT_FALSE(world.details_of(task).exe_deleted);

  std::filesystem::remove(program);
  world = read(Known::stat | Known::names);
  task = world[world.find(child.id())].first_child;
  EXPECT_EQ(world.details_of(task).exe, program);
  EXPECT_TRUE(world.details_of(task).exe_deleted);
}

TEST(MachineRead, ExecutablesAreToldByTheirFileToo) {
  const auto machine = Machine::open();
  const auto world = machine->read({.exe_ids = true});
  ASSERT_TRUE(world);
  const Answers answers = machine->answer({.files = {"/proc/self/exe"}});
  const Result<FileId>& self = answers.files.at("/proc/self/exe");
  ASSERT_TRUE(self);
  EXPECT_EQ(world->details_of(world->find(Pid(getpid()))).exe_id, *self);
}

TEST(MachineRead, KernelThreadsAreKnownByTheirFlag) {
  const World world = read(Known::stat | Known::names);
  const TaskIndex kthreadd = world.find(Pid(2));
  if (!kthreadd || world[kthreadd].comm != "kthreadd") GTEST_SKIP() << "a pid namespace";
  EXPECT_TRUE(world[kthreadd].kernel_thread);
  EXPECT_EQ(world.details_of(kthreadd).exe, "");
  EXPECT_FALSE(world[world.find(Pid(getpid()))].kernel_thread);
}

TEST(MachineRead, InitIsSparedByTheKernelAndReapsTheOthers) {
  const World world = read();
  const TaskIndex init = world.find(Pid(1));
  if (!init) GTEST_SKIP() << "hidden";
  EXPECT_TRUE(world.signal_of(init).unkillable);
  ASSERT_FALSE(world.pid_namespaces.empty());
  EXPECT_EQ(world.pid_namespaces[0].child_reaper, init);
  std::array<char, 64> link{};
  ASSERT_GT(readlink("/proc/self/ns/pid", link.data(), link.size() - 1), 0);
  EXPECT_EQ("pid:[" + std::to_string(world.pid_namespaces[0].id.value()) + "]", link.data());
}

TEST(MachineRead, SomeAreThoseAskedForAndAllWhoMadeThem) {
  const Child other(behaviour::sleeping());
  const Child child([](const Handshake& test) {
    const pid_t grandchild = behaviour::fork_bound();
    if (grandchild == 0) behaviour::sleep_for_ever();
    test.introduce(grandchild);
    behaviour::sleep_for_ever();
  });
  const auto machine = Machine::open();
  const std::vector pids{child.first_process().pid, Pid(4'190'000)};
  const auto world = machine->read_some(pids, Known::stat | Known::status);
  ASSERT_TRUE(world);
  expect_stands(*world);
  const TaskIndex task = world->find(pids[0]);
  ASSERT_TRUE(task);
  EXPECT_TRUE(has((*world)[task].known, Known::status));
  const TaskIndex parent = (*world)[task].real_parent;
  ASSERT_TRUE(parent);
  EXPECT_EQ(world->id(parent), child.id());
  EXPECT_EQ((*world)[(*world)[parent].real_parent].pid, Pid(getpid()));
  EXPECT_FALSE(world->find(Pid(other.pid())));
  EXPECT_FALSE(world->find(pids[1])) << "does not exist";
}

TEST(MachineRead, AThreadsNumberIsNoProcess) {
  const Child child(behaviour::leader_gone());
  pid_t thread = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(child.pid()) + "/task"))
    if (entry.path().filename() != std::to_string(child.pid()))
      thread = std::stoi(entry.path().filename());
  ASSERT_NE(thread, 0);
  const auto machine = Machine::open();
  const std::vector pids{Pid(thread)};
  const auto world = machine->read_some(pids, Known::stat);
  ASSERT_TRUE(world);
  EXPECT_FALSE(world->find(Pid(thread)));
}

TEST(MachineRead, ATellingCommSparesTheOtherNames) {
  const Child child([](const Handshake& test) {
    prctl(PR_SET_NAME, "telling");
    test.ready();
    behaviour::sleep_for_ever();
  });
  const auto machine = Machine::open();
  for (const bool told : {false, true}) {
    const auto world = machine->read(
        {.of_all = Known::stat | Known::names, .comms = {told ? "telling" : "another"}});
    ASSERT_TRUE(world);
    const TaskIndex task = world->find(child.id());
    EXPECT_EQ(has((*world)[task].known, Known::names), !told);
    EXPECT_EQ(world->details_of(task).cmdline.empty(), told);
  }
}

TEST(MachineRead, ThosePassedOverAreNotRead) {
  const Child one(behaviour::sleeping());
  const Child other(behaviour::sleeping());
  const auto machine = Machine::open();
  const auto world = machine->read({.passed_over = {one.id().pid}});
  ASSERT_TRUE(world);
  EXPECT_FALSE(world->find(one.id()));
  EXPECT_TRUE(world->find(other.id()));
}

// 300 children make it use its threads, and half of them end meanwhile.
TEST(MachineRead, ThoseWhoEndWhileTheyAreReadAreLeftOut) {
  const Child herd([](const Handshake& test) {
    signal(SIGCHLD, SIG_IGN);  // they are gone at once
    for (int i = 0; i < 300; ++i)
      if (behaviour::fork_bound() == 0) {
        behaviour::sleep_for_ever();
      }
    test.ready();
    behaviour::sleep_for_ever();
  });
  const pid_t killer = fork();
  if (killer == 0) {
    const World all = read();
    const TaskIndex parent = all.find(herd.id());
    if (!parent) _exit(1);
    bool every_other = false;
    for (const TaskIndex child : all.children(parent))
      if ((every_other = !every_other)) kill(all[child].pid.value(), SIGKILL);
    _exit(0);
  }
  for (int i = 0; i < 10; ++i) {
    const World world = read(Known::stat | Known::names | Known::status | Known::cgroup);
    expect_stands(world);
    for (const TaskIndex task : world.processes())
      EXPECT_TRUE(has(world[task].known, Known::names | Known::status));
  }
  int status = 0;
  waitpid(killer, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(MachineRead, WithoutDescriptorsThereIsAnErrorNotHalfAWorld) {
  EXPECT_EQ(test::in_child([] {
              auto machine = Machine::open();
              KNELL_CHECK(machine);
              rlimit before{};
              getrlimit(RLIMIT_NOFILE, &before);
              const int next = dup(0);
              close(next);
              const auto leave = [&](int descriptors) {
                const rlimit limit{.rlim_cur = static_cast<rlim_t>(next + descriptors),
                                   .rlim_max = before.rlim_max};
                return setrlimit(RLIMIT_NOFILE, &limit) == 0;
              };
              KNELL_CHECK(leave(0));
              const auto unlisted = machine->read({});
              KNELL_CHECK(!unlisted && unlisted.error().number == EMFILE);
              const std::vector pids{Pid(getppid())};
              const auto some = machine->read_some(pids, Known::stat);
              KNELL_CHECK(!some && some.error().number == EMFILE);
              KNELL_CHECK(leave(1));  // enough for the list of processes, and then for none of them
              const auto unread = machine->read({});
              KNELL_CHECK(!unread && unread.error().number == EMFILE);
              KNELL_CHECK(!unread.error().hint.empty());
              return true;
            }),
            0);
}

}  // namespace
}  // namespace knell::live
