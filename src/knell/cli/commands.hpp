#pragma once

/// One function a command; each returns the exit status.

#include "knell/cli/options.hpp"

namespace knell::cli {

[[nodiscard]] int run_plan(const Options& options);
[[nodiscard]] int run_kill(const Options& options);
[[nodiscard]] int run_find(const Options& options);
[[nodiscard]] int run_demo(const Options& options);
/// `knell demo --zoo`: becomes the program knell-zoo. Returns only if there is none.
[[nodiscard]] int run_demo_zoo(const Options& options);
[[nodiscard]] int run_sim(const Options& options);
[[nodiscard]] int run_conform(const Options& options);
/// `knell run`: called with the signals as the program was started with, for the command gets them.
[[nodiscard]] int run_run(const Options& options);
[[nodiscard]] int run_android(const Options& options);
/// `knell compat` with a name that is none.
[[nodiscard]] int run_compat(const Options& options);
[[nodiscard]] int run_manual(const Options& options);

/// The whole program: from the words to the exit status.
[[nodiscard]] int run(int argc, char** argv);

/// What `knell demo` starts itself as: the parent of the demo's process tree. `argv[0]` is
/// kDemoParent and `argv[1]` the descriptor on which it tells that the tree stands.
inline constexpr const char* kDemoParent = "demo-parent";
[[nodiscard]] int run_demo_tree(int ready);

/// Surveys, and says what was missed. An exit status instead where there is nothing to go on with.
struct Surveyed {
  std::optional<plan::Survey> survey;
  int status = 0;
};
[[nodiscard]] Surveyed survey_and_tell(const live::Machine& machine, const Options& options);

}  // namespace knell::cli
