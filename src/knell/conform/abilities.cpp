/// What a stage can be on this machine: it is tried.

#include "knell/conform/stage.hpp"

namespace knell::conform {
namespace {

/// Any user but root.
constexpr std::int64_t kSomebody = 1000;

/// Init itself tries to become one. In a user namespace of a plain user's there are none.
bool other_users_exist(Stage& stage) {
  const Call become{Sys::setresuid, {kSomebody, kSomebody, kSomebody}};
  if (!stage.perform(script::MakeCall{Pid(1), become})) return false;
  const auto seen = stage.rest(std::chrono::seconds(10));
  return seen && !seen->tasks.empty() && seen->tasks.front().last.value == 0;
}

}  // namespace

Abilities abilities() {
  Abilities can;
  auto stage = Stage::open();
  if (stage) {
    can.namespaces = true;
    can.users = other_users_exist(*stage);
    if (!can.users) can.why_not = "only root can let processes be other users'";
  } else {
    can.why_not = stage.error().message();
  }
  return can;
}

}  // namespace knell::conform
