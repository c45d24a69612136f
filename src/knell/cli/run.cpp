#include <unistd.h>

#include <charconv>
#include <csignal>
#include <string_view>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/compat/commands.hpp"

namespace knell::cli {

int run(int argc, char** argv) {
  // A closed pipe is an error to report (EPIPE), not a death in the middle of a kill.
  const auto pipe_before = std::signal(SIGPIPE, SIG_IGN);
  if (argc == 2 && std::string_view(argv[0]) == kDemoParent) {
    int ready = -1;
    const std::string_view word = argv[1];
    std::from_chars(word.data(), word.data() + word.size(), ready);
    return run_demo_tree(ready);
  }
  if (argc > 2 && std::string_view(argv[1]) == "compat") {
    if (const compat::Command* const command = compat::find(argv[2])) {
      std::signal(SIGPIPE, pipe_before);
      return command->run(argc - 2, argv + 2);
    }
  }
  const Typed typed = parse(argc, argv);
  if (!typed.options) {
    if (typed.status == 0) {
      if (const Result<void> printed = print(typed.text); !printed)
        return complain(printed.error()), kFailed;
      return 0;
    }
    static_cast<void>(::write(STDERR_FILENO, typed.text.data(), typed.text.size()));
    return typed.status;
  }
  switch (typed.options->command) {
    case Command::plan:
      return run_plan(*typed.options);
    case Command::kill:
      return run_kill(*typed.options);
    case Command::find:
      return run_find(*typed.options);
    case Command::demo:
      return typed.options->zoo.shown ? run_demo_zoo(*typed.options) : run_demo(*typed.options);
    case Command::sim:
      return run_sim(*typed.options);
    case Command::conform:
      return run_conform(*typed.options);
    case Command::run:
      std::signal(SIGPIPE, pipe_before);
      return run_run(*typed.options);
    case Command::android:
      return run_android(*typed.options);
    case Command::compat:
      return run_compat(*typed.options);
    case Command::manual:
      return run_manual(*typed.options);
  }
  return kFailed;
}

}  // namespace knell::cli
