#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>

#include "knell/act/ending.hpp"
#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/live/process_handle.hpp"

namespace knell::cli {
namespace {

constexpr int kTreeSays = 4;         // dots: worker, stubborn, stray, zombie
constexpr int kStartLimit = 10'000;  // milliseconds

/// A UUID of version 4, by which the stray can be tied to its family.
std::string unique_mark() {
  std::array<unsigned char, 16> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return "";
  random[6] = static_cast<unsigned char>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<unsigned char>((random[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < random.size(); ++i)
    text += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", random[i]);
  return text;
}

/// A process of the demo's own that is none of the plan's business: it has the name of one that
/// is, stands beside the tree, and ends with status 1 as soon as a signal reaches it.
pid_t start_bystander() {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "demo-worker");
  for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGUSR1})
    std::signal(signal, [](int) { ::_exit(1); });
  for (;;) ::pause();
}

/// Waits for `count` dots on the pipe.
bool wait_for_dots(int pipe, int count) {
  while (count > 0) {
    pollfd waiting{pipe, POLLIN, 0};
    if (::poll(&waiting, 1, kStartLimit) <= 0) return false;
    std::array<char, 16> dots{};
    const ssize_t got = ::read(pipe, dots.data(), static_cast<std::size_t>(count));
    if (got <= 0) return false;
    count -= static_cast<int>(got);
  }
  return true;
}

/// The tree is started by exec, so that the mark is in the environment it was started with.
Result<pid_t> start_tree() {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return failure(errno, "open", "a pipe");
  const pid_t child = ::fork();
  if (child < 0) return failure(errno, "start", "the demo's process tree");
  if (child == 0) {
    ::close(pipe[0]);
    ::setenv("KNELL_DEMO", unique_mark().c_str(), 1);
    const std::string ready = std::to_string(pipe[1]);
    ::execl("/proc/self/exe", kDemoParent, ready.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  const bool stands = wait_for_dots(pipe[0], kTreeSays);
  ::close(pipe[0]);
  if (stands) return child;
  ::kill(child, SIGKILL);  // our own child, not waited for yet: the number is still its
  ::waitpid(child, nullptr, 0);
  return failure(ETIMEDOUT, "start", "the demo's process tree");
}

Result<plan::Verdict> end_tree(const live::Machine& machine, const Options& options, pid_t tree) {
  const report::Style style = style_of(options);
  plan::Request request = options.request;
  request.targets = {KNELL_TRY(select::parse_target(std::to_string(tree)))};
  request.steps = KNELL_TRY(plan::parse_steps("TERM:2s,KILL:5s", {}));
  const plan::Survey survey = KNELL_TRY(plan::survey(machine, request));
  KNELL_TRY(print(report::plan_text(survey.forecast, style)));
  plan::Outcome outcome = KNELL_TRY(act::end(machine, survey.forecast, {}));
  plan::Verdict verdict = plan::judge(survey.forecast, std::move(outcome));
  KNELL_TRY(print("\n" + report::verdict_text(survey.forecast, verdict, style)));
  return verdict;
}

/// Looks again for itself, and does not take the verdict's word for it.
bool nothing_left(const live::Machine& machine, const plan::Verdict& verdict) {
  for (const plan::ProcessOutcome& process : verdict.outcome.processes) {
    const auto condition = machine.condition(process.id);
    if (condition && condition->state != TaskState::zombie) return false;
  }
  return verdict.outcome.processes.size() == kTreeSays + 1;
}

bool untouched(pid_t bystander) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(bystander), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

Result<bool> demonstrate(const Options& options) {
  const live::Machine machine = KNELL_TRY(live::Machine::open());
  const pid_t bystander = start_bystander();
  if (bystander < 0) return failure(errno, "start", "the demo's bystander");
  const Result<pid_t> tree = start_tree();
  Result<plan::Verdict> verdict = std::unexpected(Error{});
  if (tree) {
    static_cast<void>(print(fmt::format("$ knell kill --steps TERM:2s,KILL {}\n\n", *tree)));
    verdict = end_tree(machine, options, *tree);
  }
  const bool spared = untouched(bystander);
  ::kill(bystander, SIGKILL);  // our own child, not waited for yet
  ::waitpid(bystander, nullptr, 0);
  if (!tree) return std::unexpected(tree.error());
  ::waitpid(*tree, nullptr, WNOHANG);
  if (!verdict) return std::unexpected(verdict.error());
  const bool gone = verdict->exit == plan::Exit::gone && nothing_left(machine, *verdict);
  KNELL_TRY(
      print(fmt::format("\nLooked again: {}; a bystander of the same name was {}.\n",
                        gone ? "nothing of the tree is left" : "SOMETHING OF THE TREE IS LEFT",
                        spared ? "not touched" : "TOUCHED")));
  return gone && spared;
}

/// As pid 1 of a container knell would itself inherit the stray; a child of it does the work, and
/// it waits for whatever comes, as an init must.
int run_as_init(const Options& options) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run_demo(options));
  int result = kFailed;
  int status = 0;
  for (pid_t ended = ::wait(&status); ended > 0; ended = ::wait(&status))
    if (ended == child) result = WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
  return result;
}

}  // namespace

int run_demo(const Options& options) {
  if (::getpid() == 1) return run_as_init(options);
  const Result<bool> shown = demonstrate(options);
  if (!shown) return complain(shown.error()), kFailed;
  return *shown ? 0 : static_cast<int>(plan::Exit::survived);
}

}  // namespace knell::cli
