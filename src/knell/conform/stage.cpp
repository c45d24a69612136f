#include "knell/conform/stage.hpp"

#include <sys/ptrace.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "knell/conform/company.hpp"
#include "knell/conform/launch.hpp"
#include "knell/conform/memory.hpp"
#include "knell/conform/rest.hpp"
#include "knell/conform/terminal.hpp"
#include "knell/conform/timers.hpp"

namespace knell::conform {
namespace {

/// The end of a pid namespace's init waits until no number of the namespace is used but its own.
/// The number of a process group that it is itself in is used until it has ended: it would wait for
/// ever, and nothing could end it.
bool would_never_end(const Player& actor, const Call& setpgid, const Births& births) {
  const auto named = [&](std::int64_t number, Pid by_default) {
    if (number == 0) return by_default;
    return births.seen_from(actor.pid, Pid(static_cast<int>(number)));
  };
  const Pid who = named(setpgid.arg[0], actor.look.seen.tgid);
  const Pid group = named(setpgid.arg[1], who);
  return births.is_init(who) && group != who && births.in_namespace(group, who);
}

/// What Linux allows only those who are root outside of their user namespace, too.
Result<void> can_be_staged_by_user(const Call& call, const Terminals& terminals) {
  if (call.nr == Sys::open_tty && terminals.is_hung_up(call.arg[1]))
    return failure(ENOTSUP, "stage", "opening a terminal that was hung up", "only root can");
  if (call.nr == Sys::tiocsctty && call.arg[1] != 0)
    return failure(ENOTSUP, "stage", "taking somebody's terminal", "only root can");
  return {};
}

/// What can be done in a model only.
Result<void> can_be_staged(const Player& actor, const Call& call, const Births& births) {
  const bool traceme = call.nr == Sys::ptrace && call.arg[0] == PTRACE_TRACEME;
  if (traceme && actor.look.seen.tgid == Pid(1))
    return failure(ENOTSUP, "stage", "PTRACE_TRACEME by init", "its parent is outside");
  if (call.nr == Sys::setpgid && would_never_end(actor, call, births))
    return failure(ENOTSUP, "stage", "an init in the process group of one whom it reaps",
                   "Linux could never end it");
  return {};
}

}  // namespace

class Stage::Impl {
public:
  Impl(Memory memory, Init init)
      : memory_(std::move(memory)),
        init_(std::move(init)),
        company_(memory_, init_.proc()),
        terminals_(*memory_) {}

  Result<void> perform(const script::MakeCall& make);
  Result<void> perform(const script::PressKey& press);
  Result<void> perform(const script::HangUp& hang_up);
  Result<void> perform(const script::OutOfMemory& oom);
  Result<void> perform(const script::Advance& advance);
  Result<Observation> rest(std::chrono::milliseconds limit);

private:
  Result<Player*> who_can_call(Pid actor);
  void number_users_as_inside(TaskSeen& seen) const;

  Memory memory_;
  Init init_;
  Company company_;
  Timers timers_;
  Terminals terminals_;
  Pid actor_;
  std::optional<Uid> root_;  ///< whom uid 0 of the scenario is outside of its user namespace
};

/// The one that would take a call: it sleeps in the puppet's loop.
Result<Player*> Stage::Impl::who_can_call(Pid actor) {
  Player* const player = company_.find(actor);
  if (player == nullptr)
    return failure(ESRCH, "make", "a call by pid " + std::to_string(actor.value()));
  const bool waits = player->look.state == 'S' && call_of(company_.slot_of(*player)) == Sys::none;
  if (!waits) return failure(EBUSY, "make", "a call by pid " + std::to_string(actor.value()));
  return player;
}

/// /proc says what a user is where it is read. A plain user's scenario has but one.
void Stage::Impl::number_users_as_inside(TaskSeen& seen) const {
  for (Uid* const uid : {&seen.uid, &seen.euid, &seen.suid})
    if (*uid == *root_) *uid = Uid(0);
}

Result<void> Stage::Impl::perform(const script::MakeCall& make) {
  Player& actor = *KNELL_TRY(who_can_call(make.actor));
  KNELL_TRY(can_be_staged(actor, make.call, company_.births()));
  if (!memory_->root_of_machine) KNELL_TRY(can_be_staged_by_user(make.call, terminals_));
  Slot& slot = company_.slot_of(actor);
  if (make.call.nr == Sys::clone) KNELL_TRY(company_.expect_child(actor, make.call));
  if (make.call.nr == Sys::open_tty) KNELL_TRY(terminals_.get(make.call.arg[1]));
  timers_.about_to_call(actor, make.call);
  actor_ = make.actor;
  slot.call = make.call;
  hand_over(slot);
  return {};
}

Result<void> Stage::Impl::perform(const script::PressKey& press) {
  Terminal* const terminal = KNELL_TRY(terminals_.get(static_cast<std::int64_t>(press.tty)));
  return terminal->press(press.key);
}

Result<void> Stage::Impl::perform(const script::HangUp& hang_up) {
  return terminals_.hang_up(static_cast<std::int64_t>(hang_up.tty));
}

Result<void> Stage::Impl::perform(const script::OutOfMemory&) {
  return failure(ENOTSUP, "stage", "the OOM killer", "only a model can be told whom it chooses");
}

Result<void> Stage::Impl::perform(const script::Advance& advance) {
  timers_.pass(std::chrono::milliseconds(advance.milliseconds));
  return {};
}

Result<Observation> Stage::Impl::rest(std::chrono::milliseconds limit) {
  KNELL_TRY(come_to_rest(company_, init_, std::exchange(actor_, Pid{}), limit));
  KNELL_TRY(timers_.at_rest(company_));
  if (!root_ && !company_.players().empty()) root_ = company_.players().front().look.seen.uid;
  Observation observation;
  for (Player& player : company_.players()) {
    observation.tasks.push_back(KNELL_TRY(see(player, *memory_)));
    number_users_as_inside(observation.tasks.back());
  }
  return observation;
}

Stage::Stage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
}
Stage::Stage(Stage&&) noexcept = default;
Stage& Stage::operator=(Stage&&) noexcept = default;
Stage::~Stage() = default;

Result<Stage> Stage::open() {
  Memory memory = KNELL_TRY(Memory::create());
  Init init = KNELL_TRY(Init::launch(memory));
  Stage stage(std::make_unique<Impl>(std::move(memory), std::move(init)));
  KNELL_TRY(stage.rest(std::chrono::seconds(10)));
  return stage;
}

Result<void> Stage::perform(const script::Action& action) {
  return std::visit([&](const auto& each) { return impl_->perform(each); }, action);
}

Result<Observation> Stage::rest(std::chrono::milliseconds limit) {
  return impl_->rest(limit);
}

}  // namespace knell::conform
