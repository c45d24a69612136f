#include <unistd.h>

#include <string_view>

#include "knell/cli/commands.hpp"
#include "knell/compat/commands.hpp"

namespace {

/// `kill` needs nothing that is made before main(), and half of the time it takes would go into
/// making it: the streams of the C++ library, with all their locales. So it is run before, and
/// leaves nothing for exit(3), whose handlers expect what was not made.
[[gnu::constructor(101)]] void run_kill(int argc, char** argv, char** /*environment*/) {
  const auto* const command = knell::compat::find(argc > 0 ? argv[0] : "");
  if (command != nullptr && command->name == "kill") ::_exit(command->run(argc, argv));
}

}  // namespace

int main(int argc, char** argv) {
  return knell::cli::run(argc, argv);
}
