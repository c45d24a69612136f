#pragma once

/// What a kill will do, before it is done: values, made by running kernel/ on a copy of the World.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/world/error.hpp"
#include "knell/world/event.hpp"
#include "knell/world/ids.hpp"
#include "knell/world/signal.hpp"
#include "knell/world/world.hpp"

namespace knell::plan {

/// One signal, and how long to wait for the end before the next.
struct Step {
  Signal signal;
  std::chrono::milliseconds wait{0};
  bool operator==(const Step&) const = default;
};

/// "TERM:10s,INT:5s,KILL". The last step's time may be left out; the default is `default_wait`.
[[nodiscard]] Result<std::vector<Step>> parse_steps(std::string_view text,
                                                    std::chrono::milliseconds default_wait);

/// What one signal does to one process.
enum class Effect : std::uint8_t {
  dies,       ///< the kernel ends it; nothing the program does can change that
  handler,    ///< its own handler decides
  blocked,    ///< waits until the program unblocks it, if ever
  ignored,    ///< the program asked the kernel to throw it away
  no_effect,  ///< the signal's default is to do nothing, or its number is 0
  stops,
  continues,
  already_ended,  ///< a zombie: nothing can be signalled any more
  not_permitted,
  immune,  ///< a pid namespace's init, or a kernel thread
  tracer,  ///< its tracer sees the signal first and decides
  waits,   ///< nothing happens until it may run: stopped, frozen or in disk sleep
};

/// How a process came into the plan.
enum class Role : std::uint8_t {
  named,       ///< by a target
  descendant,  ///< a child, or a child's child, of a named one
  tied,        ///< reparented away, but surely a descendant: `tie` says by what
  born,        ///< found while ending (only in an Outcome)
};

struct StepForecast {
  Step step;
  Effect effect = Effect::dies;
  std::string why;  ///< a few words where the effect alone does not say it; may be empty
};

struct ProcessForecast {
  ProcessId id;
  Inode pidfd;          ///< SignalStruct::pidfd, for the handle
  TaskIndex task;       ///< in Forecast::before
  std::string name;     ///< the whole name, raw bytes
  std::string command;  ///< arguments separated by blanks, raw bytes; "" if not known
  Uid uid;              ///< effective; meaningful with Known::status in `known`
  Known known = Known::nothing;
  TaskState state = TaskState::sleeping;
  std::uint32_t nr_threads = 1;
  bool leader_ended = false;  ///< the leader is gone but threads live: the process lives
  Role role = Role::named;
  std::string tie;
  std::optional<std::size_t> parent;  ///< its parent's place in Forecast::processes, if there
  std::size_t depth = 0;              ///< how far below a root of the plan
  std::vector<StepForecast> steps;    ///< up to the first that surely ends it
  bool ends = false;                  ///< whether one of the steps surely ends it
  /// What else may end it, with that step or before: what the kernel sends while the others end.
  std::optional<Signal> or_of;
  std::uint64_t private_bytes = 0;
  std::size_t open_files = 0;
};

/// A child of a planned process that the plan does not end.
struct Orphan {
  ProcessId id;
  std::string name;
  ProcessId old_parent;
  ProcessId new_parent;
  std::string new_parent_name;
};

/// A process outside the plan that the plan's own consequences reach: a stopped job that loses its
/// shell, the inhabitants of a pid namespace that loses its init.
struct Consequence {
  ProcessId id;
  std::string name;
  Effect effect = Effect::dies;
  std::string why;  ///< "gets HUP and CONT: its process group is orphaned"
};

struct PortFreed {
  Protocol protocol = Protocol::tcp;
  std::string address;
  std::uint16_t port = 0;
  ProcessId owner;
  std::vector<ProcessId> kept_by;  ///< processes outside the plan that hold the same socket
  Inode socket;
};

/// An established connection that breaks.
struct ConnectionLost {
  Protocol protocol = Protocol::tcp;
  std::string local_address;
  std::uint16_t local_port = 0;
  std::string remote_address;
  std::uint16_t remote_port = 0;
  ProcessId owner;
};

struct LockFreed {
  FileLock lock;
  std::string path;  ///< the file's path, where a planned process has it open
  ProcessId owner;
};

/// What will start it again.
struct Restarter {
  enum class Kind : std::uint8_t { unit, trigger, container, supervisor };
  Kind kind = Kind::unit;
  std::string name;                  ///< "nginx.service", "docker", "runsv"
  std::string how;                   ///< "Restart=always", "nginx.socket starts it when …"
  std::optional<ProcessId> process;  ///< the supervisor itself
};

/// Matched, but not to be ended.
struct Spared {
  enum class Reason : std::uint8_t { knell_itself, ancestor_of_knell, init, kernel_thread };
  ProcessId id;
  std::string name;
  Reason reason = Reason::knell_itself;
};

struct Forecast {
  std::vector<Step> steps;
  std::vector<ProcessForecast> processes;  ///< depth first, parents before children
  std::vector<Orphan> orphans;
  std::vector<Consequence> consequences;
  std::vector<PortFreed> ports;
  std::vector<ConnectionLost> connections;
  std::vector<LockFreed> locks;
  std::vector<Restarter> restarters;
  std::vector<Spared> spared;
  std::vector<Unread> unread;
  std::uint64_t private_bytes = 0;  ///< memory that is the planned processes' alone
  std::size_t open_files = 0;
  bool beyond_named = false;  ///< it reaches processes that no target named
  bool only_named = false;    ///< descendants were not looked for, because it was asked so
  bool leaves_first = false;  ///< signals go to children before their parents
  bool summary_only = false;  ///< too many processes: files and memory were not read
  World before;
  World after;      ///< what kernel/ made of `before`
  EventLog events;  ///< how
};

/// How many processes a plan may have before their files and memory are left unread (see
/// Forecast::summary_only): reading them costs more than ending them.
inline constexpr std::size_t kDetailLimit = 512;

}  // namespace knell::plan
