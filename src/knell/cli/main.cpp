#include <unistd.h>

#include <string_view>

#include "knell/cli/commands.hpp"
#include "knell/compat/commands.hpp"

namespace {

/// The commands of old need nothing that is made before main(), and half of the time that `kill`
/// takes would go into making it: the streams of the C++ library, with all their locales. So they
/// are run before, and leave nothing for exit(3), whose handlers expect what was not made.
[[gnu::constructor(101)]] void run_by_name(int argc, char** argv, char** /*environment*/) {
  const auto* const command = knell::compat::find(argc > 0 ? argv[0] : "");
  if (command != nullptr) ::_exit(command->run(argc, argv));
}

}  // namespace

int main(int argc, char** argv) {
  return knell::cli::run(argc, argv);
}
