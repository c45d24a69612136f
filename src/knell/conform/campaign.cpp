#include "knell/conform/campaign.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "knell/conform/difference.hpp"

namespace knell::conform {
namespace {

constexpr unsigned kMostJobs = 64;

/// What all workers and the one who waits for them see.
struct Shared {
  std::atomic<std::uint64_t> next_script{0};
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> scripts{0};
  std::atomic<std::uint64_t> explored{0};
  std::atomic<std::uint64_t> undecided{0};
  std::atomic<unsigned> found{0};
  std::atomic<bool> failed{false};
  std::array<std::atomic<std::uint64_t>, kMostJobs> seed{};  ///< what each works on
};

/// A worker's word: a script that differs, or what it failed of. Written in one piece.
struct Message {
  std::uint64_t seed = 0;
  int number = 0;                 ///< errno of a failure; 0 of a difference
  std::array<char, 1000> text{};  ///< a file; of a failure, what could not be done
};
static_assert(sizeof(Message) <= 4096, "a pipe takes so much at once");

std::string file_for(const Campaign& campaign, std::uint64_t seed) {
  return fmt::format("{}/knell-difference-{}.scenario", campaign.out, seed);
}

class Worker {
public:
  Worker(const Campaign& campaign, Shared& shared, unsigned number, int pipe)
      : campaign_(campaign), shared_(shared), number_(number), pipe_(pipe) {}

  /// The exit status.
  int work() {
    while (shared_.steps < campaign_.steps && shared_.found < campaign_.most_differences &&
           !shared_.failed)
      if (!one_script(campaign_.seed + shared_.next_script++)) return 1;
    return 0;
  }

private:
  bool one_script(std::uint64_t seed) {
    shared_.seed.at(number_) = seed;
    const Result<Compared> compared =
        compare_random(seed, campaign_.steps_per_script, campaign_.allowed, realities_);
    if (!compared && compared.error().number == EAGAIN) {  // a busy machine: this one is not told
      ++shared_.scripts;
      ++shared_.undecided;
      return true;
    }
    if (!compared) return fail(seed, compared.error());
    shared_.steps += compared->script.steps.size();
    shared_.explored += compared->explored;
    ++shared_.scripts;
    if (compared->judgement.undecided) ++shared_.undecided;
    if (compared->judgement.fits() || compared->judgement.undecided) return true;
    ++shared_.found;
    const std::string file = file_for(campaign_, seed);
    const std::string text = report(shortest(*compared, realities_));
    errno = 0;
    std::ofstream out(file);
    out << text << std::flush;
    if (!out) return fail(seed, {.number = errno, .action = "write to", .object = file});
    say(seed, 0, file);
    return true;
  }

  bool fail(std::uint64_t seed, const Error& error) {
    shared_.failed = true;
    say(seed, error.number == 0 ? EIO : error.number, error.message());
    return false;
  }

  void say(std::uint64_t seed, int number, const std::string& text) const {
    Message message{.seed = seed, .number = number};
    text.copy(message.text.data(), message.text.size() - 1);
    static_cast<void>(::write(pipe_, &message, sizeof message));
  }

  const Campaign& campaign_;
  Shared& shared_;
  unsigned number_;
  int pipe_;
  Realities realities_ = on_this_machine();
};

/// The workers' shared memory, and the processes themselves; they end with it.
class Workers {
public:
  static Result<Workers> start(const Campaign& campaign) {
    void* memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return failure(errno, "allocate", "shared memory");
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) return failure(errno, "open", "a pipe");
    Workers workers(new (memory) Shared, pipe[0]);
    for (unsigned i = 0; i < std::min(campaign.jobs, kMostJobs); ++i) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::close(pipe[0]);
        ::_exit(Worker(campaign, *workers.shared_, i, pipe[1]).work());
      }
      if (child > 0) workers.pids_.push_back(child);
    }
    ::close(pipe[1]);
    if (workers.pids_.empty()) return failure(errno, "start", "a process");
    return workers;
  }
  Workers(Workers&& other) noexcept
      : shared_(std::exchange(other.shared_, nullptr)),
        pipe_(std::exchange(other.pipe_, -1)),
        pids_(std::exchange(other.pids_, {})) {}
  Workers& operator=(Workers&&) = delete;
  ~Workers() {
    if (shared_ == nullptr) return;
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);  // our children, not waited for yet
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
    ::close(pipe_);
    ::munmap(shared_, sizeof(Shared));
  }

  /// The next message, or none within a fraction of a second.
  std::optional<Message> listen() {
    pollfd waiting{pipe_, POLLIN, 0};
    if (::poll(&waiting, 1, 200) <= 0) return std::nullopt;
    Message message;
    if (::read(pipe_, &message, sizeof message) == sizeof message) return message;
    ended_ = true;
    return std::nullopt;
  }
  /// All of them closed the pipe.
  [[nodiscard]] bool ended() const { return ended_; }

  /// Waits for all; error: one was ended by a signal.
  Result<void> wait() {
    std::string broken;
    const std::vector<pid_t> pids = std::exchange(pids_, {});
    for (std::size_t i = 0; i < pids.size(); ++i) {
      int status = 0;
      if (::waitpid(pids[i], &status, 0) == pids[i] && WIFSIGNALED(status))
        broken = fmt::format("a worker was ended by {} in the scenario of seed {}",
                             Signal(WTERMSIG(status)).name(), shared_->seed.at(i).load());
    }
    if (broken.empty()) return {};
    return failure(0, "", broken);
  }

  [[nodiscard]] const Shared& shared() const { return *shared_; }

private:
  Workers(Shared* shared, int pipe) : shared_(shared), pipe_(pipe) {}
  Shared* shared_;
  int pipe_;
  std::vector<pid_t> pids_;
  bool ended_ = false;
};

void look(const Shared& shared, Progress& progress) {
  progress.steps = shared.steps;
  progress.scripts = shared.scripts;
  progress.explored = shared.explored;
  progress.undecided = shared.undecided;
}

}  // namespace

Result<Progress> run(const Campaign& campaign, const std::function<void(const Progress&)>& told) {
  std::error_code error;
  std::filesystem::create_directories(campaign.out, error);
  if (error) return failure(error.value(), "make the folder", campaign.out);
  Workers workers = KNELL_TRY(Workers::start(campaign));
  Progress progress;
  std::optional<Error> failed;
  while (!workers.ended()) {
    if (const std::optional<Message> message = workers.listen()) {
      const std::string text(message->text.data());
      if (message->number == 0)
        progress.found.push_back({message->seed, text});
      else
        failed = Error{0, "", fmt::format("scenario {}: {}", message->seed, text), {}};
    }
    look(workers.shared(), progress);
    told(progress);
  }
  KNELL_TRY(workers.wait());
  if (failed) return std::unexpected(std::move(*failed));
  return progress;
}

Result<Compared> compare_random(std::uint64_t seed, std::uint64_t steps, Allowed allowed,
                                const Realities& realities) {
  Author author(seed, allowed);
  std::uint64_t left = steps;
  const Steps make_up = [&](const script::Run& run) -> std::optional<script::Step> {
    if (left-- == 0) return std::nullopt;
    return author.next(run);
  };
  return compare(author.beginning(), make_up, realities);
}

}  // namespace knell::conform
