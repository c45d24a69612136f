#pragma once

/// What was typed, understood.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "knell/android/groups.hpp"
#include "knell/kernel/version.hpp"
#include "knell/plan/survey.hpp"
#include "knell/supervise/supervisor.hpp"
#include "knell/world/error.hpp"

namespace knell::cli {

enum class Command : std::uint8_t {
  plan,
  kill,
  find,
  demo,
  sim,
  conform,
  run,
  android,
  compat,
  manual
};
enum class When : std::uint8_t { automatic, always, never };

/// Of `knell sim`.
struct SimOptions {
  std::string file;                              ///< "-": standard input
  std::optional<kernel::KernelVersion> version;  ///< instead of what the scenario says
  std::optional<std::uint32_t> until;            ///< the last line to take
  bool functions = false;
  bool world = false;
};

/// Of `knell conform`.
struct ConformOptions {
  std::vector<std::string> files;
  std::string replay;
  std::uint64_t random = 0;  ///< so many steps
  std::optional<std::uint64_t> seed;
  std::uint64_t steps_per_script = 60;
  unsigned jobs = 0;  ///< 0: as many as there are processors
  std::string out = ".";
};

/// Of `knell run`.
struct RunOptions {
  supervise::Settings settings;
  std::vector<std::string> command;
  bool preserve_status = false;
  std::string log;       ///< of a daemon; "": /dev/null
  std::string pid_file;  ///< of a daemon; "": none
};

/// Of `knell android`.
struct AndroidOptions {
  enum class Action : std::uint8_t { create, kill, list };
  Action action = Action::list;
  Uid uid;
  Pid pid;
  Signal signal = signals::kKill;
  android::Way way = android::Way::automatic;
  bool once = false;
  std::string root;  ///< "": where ProcessGroups::find_root() says
};

/// Of `knell demo --zoo`.
struct ZooOptions {
  bool shown = false;
  std::vector<std::string> animals;  ///< empty: those that do not take long; "all": all
};

/// Of `knell manual`.
struct ManualOptions {
  std::string format;             ///< list, man, bash, zsh or fish
  std::vector<std::string> name;  ///< the words of a command's name
};

struct Options {
  Command command = Command::plan;
  plan::Request request;
  bool wait = true;
  bool yes = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  When colour = When::automatic;
  SimOptions sim;
  ConformOptions conform;
  RunOptions run;
  AndroidOptions android;
  std::vector<std::string> compat;  ///< what follows `knell compat`, where it names no command
  ManualOptions manual;
  ZooOptions zoo;
};

/// What came of the words: options to go on with, or a text for the person and an exit status
/// (help and version: 0, to standard output; a mistake: 2, of `knell run` 125, to standard
/// error).
struct Typed {
  std::optional<Options> options;
  std::string text;
  int status = 0;
};

[[nodiscard]] Typed parse(int argc, const char* const* argv);

}  // namespace knell::cli
