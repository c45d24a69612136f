#include "knell/cli/commands.hpp"

int main(int argc, char** argv) {
  return knell::cli::run(argc, argv);
}
