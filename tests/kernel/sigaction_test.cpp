/// rt_sigaction(2), rt_sigprocmask(2), rt_sigpending(2): random programs of these calls and kill(2)
/// run in a World and in a real process, and after every call both must say the same.

#include <rapidcheck.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <vector>

#include <gtest/gtest.h>

#include "builder.hpp"

namespace knell::test {
namespace {

using kernel::Kernel;
using kernel::MaskChange;

/// Those that end a process by default are never at their default here.
constexpr std::array kFatal{SIGHUP, SIGUSR1, SIGUSR2};
constexpr std::array kHarmless{SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
constexpr std::array kAll{SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

struct Call {
  enum class Kind : std::uint8_t { sigaction, sigprocmask, kill };
  Kind kind;
  int signal;  // sigaction, kill
  Handler handler;
  MaskChange how;
  std::uint64_t set;
};

/// What both can say after a call.
struct Answer {
  int error = 0;
  std::uint64_t pending = 0;
  std::array<std::uint32_t, kAll.size()> handled{};  ///< how often each handler ran, so far
  bool operator==(const Answer&) const = default;
};

// ---- the real process ------------------------------------------------------------------------

std::array<std::atomic<std::uint32_t>, 65> ran{};

void count(int signal) {
  ++ran[static_cast<std::size_t>(signal)];
}

sigset_t real_set(std::uint64_t bits) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal = 1; signal <= 31; ++signal)
    if (SigSet(bits).has(Signal(signal))) sigaddset(&set, signal);
  return set;
}

int really(const Call& call) {
  errno = 0;
  switch (call.kind) {
    case Call::Kind::sigaction: {
      struct sigaction action{};
      action.sa_handler = call.handler == Handler::holds    ? count
                          : call.handler == Handler::ignore ? SIG_IGN
                                                            : SIG_DFL;
      sigaction(call.signal, &action, nullptr);
      break;
    }
    case Call::Kind::sigprocmask: {
      const sigset_t set = real_set(call.set);
      sigprocmask(static_cast<int>(call.how), &set, nullptr);
      break;
    }
    case Call::Kind::kill:
      kill(getpid(), call.signal);
      break;
  }
  return -errno;
}

Answer real_answer(int error) {
  Answer answer{.error = error};
  sigset_t pending;
  sigpending(&pending);
  for (std::size_t i = 0; i < kAll.size(); ++i) {
    if (sigismember(&pending, kAll[i]) == 1) answer.pending |= SigSet{Signal(kAll[i])}.bits();
    answer.handled[i] = ran[static_cast<std::size_t>(kAll[i])];
  }
  return answer;
}

std::vector<Answer> in_reality(const std::vector<Call>& calls) {
  std::vector<Answer> answers(calls.size());
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : kAll) std::signal(signal, SIG_DFL);
    for (const int signal : kFatal) std::signal(signal, SIG_IGN);
    for (std::size_t i = 0; i < calls.size(); ++i) answers[i] = real_answer(really(calls[i]));
    const std::size_t bytes = answers.size() * sizeof(Answer);
    _exit(write(ends[1], answers.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 1);
  }
  close(ends[1]);
  std::size_t got = 0;
  auto* const into = reinterpret_cast<char*>(answers.data());
  for (ssize_t more = 1; more > 0; got += static_cast<std::size_t>(more))
    more = read(ends[0], into + got, answers.size() * sizeof(Answer) - got);
  close(ends[0]);
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return answers;
}

// ---- the World -------------------------------------------------------------------------------

int in_kernel(Kernel& kernel, TaskIndex task, const Call& call) {
  switch (call.kind) {
    case Call::Kind::sigaction:
      return kernel::rt_sigaction(kernel, task, Signal(call.signal), call.handler);
    case Call::Kind::sigprocmask:
      kernel::rt_sigprocmask(kernel, task, call.how, SigSet(call.set));
      return 0;
    case Call::Kind::kill:
      return kernel::kill(kernel, task, kernel.world[task].pid.value(), Signal(call.signal));
  }
  return 0;
}

std::vector<Answer> in_world(const std::vector<Call>& calls) {
  SmallWorld small;
  const TaskIndex task = small.job(200);
  for (const int signal : kFatal)
    small.world[small.world[task].sighand].ignored.add(Signal(signal));
  Kernel kernel(small.world);
  std::vector<Answer> answers;
  for (const Call& call : calls) {
    Answer answer{.error = in_kernel(kernel, task, call)};
    kernel::run_to_rest(kernel);
    answer.pending = kernel::rt_sigpending(kernel, task).bits();
    for (const Event& event : kernel.log)
      for (std::size_t i = 0; i < kAll.size(); ++i)
        if (event.kind == Event::Kind::signal_handler && event.signal == Signal(kAll[i]))
          ++answer.handled[i];
    answers.push_back(answer);
  }
  return answers;
}

rc::Gen<int> any_of_all() {
  return rc::gen::elementOf(std::vector<int>(kAll.begin(), kAll.end()));
}

Call any_call() {
  Call call{};
  call.kind = *rc::gen::element(Call::Kind::sigaction, Call::Kind::sigprocmask, Call::Kind::kill,
                                Call::Kind::kill);
  call.signal = *any_of_all();
  const bool harmless = std::ranges::find(kHarmless, call.signal) != kHarmless.end();
  call.handler = *rc::gen::element(Handler::holds, Handler::ignore,
                                   harmless ? Handler::by_default : Handler::holds);
  if (call.kind == Call::Kind::sigaction)  // two that may not be changed, two that are none
    call.signal = *rc::gen::weightedElement<int>(
        {{8, call.signal}, {1, SIGKILL}, {1, SIGSTOP}, {1, 65}, {1, 0}});
  call.how = *rc::gen::element(MaskChange::block, MaskChange::unblock, MaskChange::set);
  for (const int signal : *rc::gen::container<std::vector<int>>(any_of_all()))
    call.set |= SigSet{Signal(signal)}.bits();
  if (*rc::gen::inRange(0, 4) == 0) call.set |= signals::kKernelOnly.bits();
  return call;
}

TEST(Sigaction, AWorldAnswersAsTheRunningKernelDoes) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Call> calls(static_cast<std::size_t>(*rc::gen::inRange(1, 60)));
    for (Call& call : calls) call = any_call();
    const std::vector<Answer> real = in_reality(calls);
    const std::vector<Answer> world = in_world(calls);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      RC_LOG() << "call " << i << ": " << static_cast<int>(calls[i].kind) << " signal "
               << calls[i].signal << " handler " << static_cast<int>(calls[i].handler) << " how "
               << static_cast<int>(calls[i].how) << " set " << calls[i].set << "\n";
      RC_ASSERT(world[i].error == real[i].error);
      RC_ASSERT(world[i].pending == real[i].pending);
      RC_ASSERT(world[i].handled == real[i].handled);
    }
  }));
}

/// retarget_shared_pending: whoever was to take it blocks it before it ran.
TEST(Sigprocmask, LeavesToAnotherThreadWhatItBlocks) {
  SmallWorld small;
  const TaskIndex job = small.job(200);
  const TaskIndex other = small.world.add_thread(Pid(201), job);
  small.world[small.world[job].sighand].caught.add(signals::kTerm);
  Kernel kernel(small.world);
  kernel::kill(kernel, small.shell, 200, signals::kTerm);
  EXPECT_TRUE(small.world[job].signal_pending);
  kernel::rt_sigprocmask(kernel, job, MaskChange::block, SigSet{signals::kTerm});
  kernel::run_to_rest(kernel);
  EXPECT_TRUE(happened(kernel, Event::Kind::signal_handler, other));
  EXPECT_FALSE(happened(kernel, Event::Kind::signal_handler, job));
}

}  // namespace
}  // namespace knell::test
