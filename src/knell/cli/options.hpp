#pragma once

/// What was typed, understood.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "knell/plan/survey.hpp"
#include "knell/world/error.hpp"

namespace knell::cli {

enum class Command : std::uint8_t { plan, kill, find, demo };
enum class When : std::uint8_t { automatic, always, never };

struct Options {
  Command command = Command::plan;
  plan::Request request;
  bool wait = true;
  bool yes = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  When colour = When::automatic;
};

/// What came of the words: options to go on with, or a text for the person and an exit status
/// (help and version: 0, to standard output; a mistake: 2, to standard error).
struct Typed {
  std::optional<Options> options;
  std::string text;
  int status = 0;
};

[[nodiscard]] Typed parse(int argc, const char* const* argv);

}  // namespace knell::cli
