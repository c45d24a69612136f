#pragma once

/// The real machine, read into a World.
///
/// Reading is in two depths, because of 10,000 processes most are of no interest: `read` takes of
/// every process only what the questions need, `deepen` takes the rest of the few that matter.
///
///     Machine machine = KNELL_TRY(Machine::open());
///     World world = KNELL_TRY(machine.read(questions));
///     KNELL_TRY(machine.deepen(world, tasks, Known::status | Known::files));

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knell/live/cgroup.hpp"
#include "knell/world/error.hpp"
#include "knell/world/lookup.hpp"
#include "knell/world/world.hpp"

namespace knell::live {

/// Where the machine's own accounts of itself are found. Tests name folders of their own.
struct Roots {
  std::string proc = "/proc";
  std::string cgroup;  ///< "" : found in /proc/self/mountinfo
  std::vector<std::string> units = {"/etc/systemd/system", "/run/systemd/system",
                                    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
                                    "/lib/systemd/system"};  ///< systemd.unit(5), in its order
  /// From how many processes on names are had from the kernel's own list (task_names.hpp), where
  /// that may be: with fewer it costs more than it saves.
  std::size_t many = 2500;
};

class Machine {
public:
  /// Fails where /proc is not there, is no proc file system or shows another pid namespace than the
  /// caller's: without it nothing is known, and numbers of elsewhere would be others' here.
  [[nodiscard]] static Result<Machine> open(Roots roots = {});

  Machine(Machine&&) noexcept;
  Machine& operator=(Machine&&) noexcept;
  ~Machine();

  /// Every process there is, each as deep as `questions.of_all` asks. Processes that end while
  /// they are read are left out; what may not be read is noted in `World::unread`.
  [[nodiscard]] Result<World> read(const Questions& questions) const;

  /// Only those of them whose comm fits, and the caller's ancestors, as deep as that: of all others
  /// nothing but the comm is read, which costs half as much as stat, or a tenth of that where there
  /// are many. Who is left out is nobody's parent then. `fits` is asked by several threads at once.
  using Fits = std::function<bool(std::string_view comm)>;
  [[nodiscard]] Result<World> read_fitting(const Questions& questions, const Fits& fits) const;

  /// Only these processes (those that exist) and all ancestors of theirs and of knell: the cheap
  /// way to a World for a signal that goes to known numbers and no further.
  [[nodiscard]] Result<World> read_some(std::span<const Pid> pids, Known depth) const;

  /// What the words mean on this machine.
  [[nodiscard]] Answers answer(const Questions& questions) const;

  /// Reads more of some processes, and pins them: each one's SignalStruct::pidfd is set. Those that
  /// have ended meanwhile, or whose number is another's by now, are marked `TaskState::released`
  /// (World::remove). With Known::files also the sockets and locks they hold; with Known::cgroup
  /// also the systemd units that own them; Known::threads brings Known::status with it.
  [[nodiscard]] Result<void> deepen(World& world, std::span<const TaskIndex> tasks,
                                    Known depth) const;

  /// Which of the processes of `world` have one of these sockets open, whoever they are.
  struct Holder {
    TaskIndex task;
    Inode socket;
  };
  [[nodiscard]] std::vector<Holder> socket_holders(World& world,
                                                   std::span<const Inode> sockets) const;

  /// The last number that was given to a process or thread, less the threads that readings of this
  /// program have started: the same before and after a reading, nobody was born meanwhile.
  [[nodiscard]] Result<std::int64_t> births() const;
  /// Memory that can be had without swapping: MemAvailable of /proc/meminfo, in bytes.
  [[nodiscard]] Result<std::uint64_t> memory_available() const;
  /// The cgroup that counts the memory of all of these; "" where there are several, where it is
  /// the root, which counts everybody's, or where it cannot be told.
  [[nodiscard]] std::string memory_cgroup(std::span<const Pid> pids) const;
  /// The groups that a process is in. Errors: ESRCH; whatever keeps /proc/self/mountinfo unread.
  [[nodiscard]] Result<CgroupsOf> cgroups_of(Pid process) const;
  /// The threads of a process as they are now, ascending. Errors: ENOENT, ESRCH: it is gone.
  [[nodiscard]] Result<std::vector<Pid>> threads_of(Pid process) const;
  /// What such a cgroup uses, in bytes: memory.current, of cgroup v1 memory.usage_in_bytes.
  [[nodiscard]] Result<std::uint64_t> cgroup_memory(const std::string& cgroup) const;

  /// The state letter of a process now, and why it is in it; none if it is gone or another's.
  struct Condition {
    TaskState state = TaskState::sleeping;
    std::uint32_t nr_threads = 0;  ///< as the kernel counts them; a plain zombie has 1
    SigSet pending, blocked, ignored, caught;
    Pid tracer;
    Pid parent;
    std::string parent_comm;
    std::string wchan;
    bool frozen = false;
    bool core_dumping = false;
    std::optional<WaitStatus> exit_code;  ///< of a zombie, where the kernel lets us see it
  };
  [[nodiscard]] Result<Condition> condition(ProcessId id) const;

  /// The root of proc, open: for ProcessHandle.
  [[nodiscard]] int proc_fd() const;
  [[nodiscard]] const Roots& roots() const;

private:
  [[nodiscard]] Result<World> read(const Questions& questions, const Fits& fits) const;

  struct State;
  explicit Machine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace knell::live
