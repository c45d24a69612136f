#pragma once

/// What somebody who makes up the next step of a scenario sees: who is there, who can act, and who
/// is to act now. With it, the words of which steps are made.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "knell/conform/random.hpp"
#include "knell/script/run.hpp"
#include "knell/script/script.hpp"
#include "knell/world/world.hpp"

namespace knell::conform {

/// Somebody the scenario has a name for.
struct Somebody {
  std::string name;
  TaskIndex task;
};

class Scene {
public:
  /// `signals`: those that this scenario likes to use; that few, so that they meet.
  Scene(const script::Run& run, Random& random, std::span<const Signal> signals);

  [[nodiscard]] const World& world() const { return run_.world; }
  [[nodiscard]] Random& random() const { return random_; }
  [[nodiscard]] const std::vector<Somebody>& present() const { return present_; }
  [[nodiscard]] const std::vector<Somebody>& able() const { return able_; }
  /// Chooses who is to act; false if nobody can.
  bool choose_actor();
  [[nodiscard]] const Somebody& actor() const { return actor_; }
  [[nodiscard]] const Task& task() const { return world()[actor_.task]; }
  [[nodiscard]] const SignalStruct& group() const { return world()[task().signal]; }
  [[nodiscard]] const UserContext* context() const;

  // What a guard asks.
  /// The actor may sleep: somebody else can still act.
  [[nodiscard]] bool may_sleep() const { return able_.size() > 1; }
  /// The scenario's init, which has to stay: who ends it ends everything.
  [[nodiscard]] bool in_init() const { return world().leader(actor_.task).place() == 0; }
  [[nodiscard]] bool has_room() const { return living_ < kMostLiving && present_.size() < kMost; }
  /// Too few for anything to happen between them.
  [[nodiscard]] bool is_lonely() const { return living_ < 4; }
  [[nodiscard]] bool has_child() const { return !child_.empty(); }
  /// The actor has a descriptor of this kind.
  [[nodiscard]] bool has(File::Type type) const { return !descriptors(type).empty(); }

  // What a writer writes with.
  [[nodiscard]] const Somebody& anybody() const;
  [[nodiscard]] const Somebody& child() const;  ///< of the actor's process; asked where one is
  [[nodiscard]] Signal signal() const;          ///< mostly one of those this scenario likes
  /// Often one that this task has a handler for, or blocks: so that something comes of it.
  [[nodiscard]] Signal signal_for(const Somebody& somebody) const;
  [[nodiscard]] SigSet some_signals() const;
  [[nodiscard]] std::int64_t descriptor(File::Type type) const;
  [[nodiscard]] std::int64_t any_descriptor() const;
  /// One that nobody has: "p" and the number of names, mostly the pid it will have.
  [[nodiscard]] std::string new_name() const;
  /// The actor makes a call.
  [[nodiscard]] script::Step call(Sys nr, std::initializer_list<script::Argument> arguments) const;

private:
  static constexpr std::size_t kMostLiving = 10;
  static constexpr std::size_t kMost = 24;  // with zombies

  [[nodiscard]] std::vector<int> descriptors(File::Type type) const;

  const script::Run& run_;
  Random& random_;
  std::span<const Signal> signals_;
  std::vector<Somebody> present_;
  std::vector<Somebody> able_;
  std::vector<Somebody> child_;
  std::size_t living_ = 0;
  Somebody actor_;
};

/// Arguments of calls.
[[nodiscard]] script::Argument number(std::int64_t value);
[[nodiscard]] script::Argument number(Signal signal);
[[nodiscard]] script::Argument number(SigSet set);
[[nodiscard]] script::Argument pid_of(const Somebody& somebody);
[[nodiscard]] script::Argument minus(const Somebody& somebody);  ///< of a process group's leader
[[nodiscard]] script::Argument group_of(const Somebody& somebody);
[[nodiscard]] script::Argument minus_group_of(const Somebody& somebody);

/// One kind of step: how often it is to come, when it can, and how it is made up.
struct Writer {
  unsigned weight;
  bool (*possible)(const Scene& scene);  ///< nothing: always
  script::Step (*write)(const Scene& scene);
};

// By subject; each in a file of its own.
[[nodiscard]] std::span<const Writer> write_signals();
[[nodiscard]] std::span<const Writer> write_handlers();
[[nodiscard]] std::span<const Writer> write_tasks();
[[nodiscard]] std::span<const Writer> write_waits();
[[nodiscard]] std::span<const Writer> write_identities();
[[nodiscard]] std::span<const Writer> write_users();
[[nodiscard]] std::span<const Writer> write_files();
[[nodiscard]] std::span<const Writer> write_locks();
[[nodiscard]] std::span<const Writer> write_terminals();
[[nodiscard]] std::span<const Writer> write_traces();
[[nodiscard]] std::span<const Writer> write_times();

}  // namespace knell::conform
