/// tkill(2) and tgkill(2): what they answer is held against the running kernel, call by call.

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <gtest/gtest.h>

#include "builder.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"

namespace knell::test {
namespace {

using kernel::Kernel;

void* sleep_in_thread(void* handshake) {
  static_cast<const Handshake*>(handshake)->tell(syscall(SYS_gettid));
  behaviour::sleep_for_ever();
}

/// A process with a second thread, whose number it tells.
Behaviour having_a_thread() {
  return [](const Handshake& test) {
    pthread_t thread{};
    Handshake handshake = test;
    if (pthread_create(&thread, nullptr, sleep_in_thread, &handshake) != 0) _exit(1);
    behaviour::sleep_for_ever();
  };
}

/// Only signal 0 and numbers that are no signals: nothing can come of these but an answer.
constexpr std::array kAsking{0, 65, -1};

int answer(long result) {
  return result == 0 ? 0 : -errno;
}

/// The test, its child and the child's thread, under their real numbers.
struct Mirror {
  SmallWorld small;
  int own = getpid();
  int child;
  int thread;
  TaskIndex current = small.process(own, small.init, own, own);

  Mirror(int the_child, int the_thread) : child(the_child), thread(the_thread) {
    const TaskIndex leader = small.process(child, current, own, own);
    small.world.add_thread(Pid(thread), leader);
  }
};

TEST(Tgkill, AnswersAsTheRunningKernelDoes) {
  const Child child(having_a_thread());
  Mirror mirror(child.pid(), static_cast<int>(child.first()));
  Kernel kernel(mirror.small.world);
  const std::array numbers{mirror.child, mirror.thread, mirror.own, 0, -1, 4'190'001};
  for (const int tgid : numbers)
    for (const int pid : numbers)
      for (const int signal : kAsking) {
        const int real = answer(syscall(SYS_tgkill, tgid, pid, signal));
        EXPECT_EQ(kernel::tgkill(kernel, mirror.current, tgid, pid, Signal(signal)), real)
            << "tgkill(" << tgid << ", " << pid << ", " << signal << ")";
      }
  for (const int pid : numbers)
    for (const int signal : kAsking) {
      const int real = answer(syscall(SYS_tkill, pid, signal));
      EXPECT_EQ(kernel::tkill(kernel, mirror.current, pid, Signal(signal)), real)
          << "tkill(" << pid << ", " << signal << ")";
    }
}

/// signal(7): a signal directed at a thread is pending for that thread, whoever else could take it.
TEST(Tgkill, IsPendingForTheOneThreadThatBlocksIt) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  const TaskIndex thread = small.world.add_thread(Pid(201), job);
  small.world[thread].blocked.add(signals::kTerm);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::tgkill(kernel, small.shell, 200, 201, signals::kTerm), 0);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world[thread].pending.signal.has(signals::kTerm));
  EXPECT_FALSE(small.world.signal_of(job).shared_pending.signal.has(signals::kTerm));
  EXPECT_FALSE(small.world.signal_of(job).group_exit);
}

/// POSIX, pthread_kill(): if the action is to terminate, it is the whole process that ends.
TEST(Tgkill, OfAFatalSignalEndsTheWholeProcess) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  small.world.add_thread(Pid(201), job);
  Kernel kernel(small.world);
  EXPECT_EQ(kernel::tkill(kernel, small.shell, 201, signals::kTerm), 0);
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(small.world.is_zombie(job));
  EXPECT_EQ(small.world[job].exit_code, signals::kTerm.number());
}

}  // namespace
}  // namespace knell::test
