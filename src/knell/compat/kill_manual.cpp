#include "knell/compat/kill.hpp"

namespace knell::compat {
namespace {

using report::Option;
using report::Section;

std::vector<Option> options() {
  return {
      {'s', "signal", "SIGNAL", "The signal to send, by name or number (TERM); also -SIGNAL"},
      {'n', "", "SIGNAL", "The same"},
      {'q', "queue", "VALUE", "Queue a whole number with the signal, as sigqueue(3) does"},
      {0, "timeout", "MS SIGNAL",
       "To whom still lives so many milliseconds later send this signal, too; may be repeated"},
      {'r', "require-handler", "", "Spare who has no handler for the signal"},
      {'a', "all", "", "A name means other users' processes, too"},
      {'p', "pid", "", "Print whom it would be sent to, and send nothing"},
      {0, "verbose", "", "Say what is sent to whom"},
      {'l', "list", "SIGNAL", "List the signals; or turn names into numbers and back, see below",
       true},
      {'L', "table", "", "List the signals with their numbers, in columns"},
      {'t', "", "", "List them with what they mean, one a line; or only those that are given"},
      {'d', "show-process-state", "PID", "Show which signals a process blocks, catches, ignores"},
      {'h', "help", "", "Print this"},
      {'V', "version", "", "Print the version; also -v"},
      {'v', "", "", "The same"},
  };
}

std::vector<Section> sections() {
  return {
      {"A process is",
       {"PID\ta number",
        "PID:INODE\tthe same, if its pidfd has this inode: none that got the number later",
        "NAME\tall of this name that are the caller's own, but not the caller and its ancestors",
        "0\tall of the caller's process group", "-1\tall that the caller may signal, but not init",
        "-PGID\ta process group; -SIGNAL or -- has to stand before it"}},
      {"With -l a signal is",
       {"TERM\ta name, and becomes a number", "15\ta number, and becomes a name",
        "143\tthe exit status of whom it ended, and becomes a name",
        "0x4000\ta mask, and becomes the names of its signals"}},
      {"Exit status",
       {"0\tall that was named got the signal; with --timeout: has ended",
        "1\tsomething was not understood, or somebody did not get it or lives on",
        "64\tlikewise, but not everybody (only as util-linux)"}},
      {"Environment",
       {"KNELL_STYLE\tcoreutils, util-linux, procps or toybox: do as this kill does where they "
        "differ. docs/compat.md tells how, and what is chosen without it."}},
  };
}

}  // namespace

report::Manual kill_manual() {
  return {.name = "kill",
          .summary = "Sends a signal to processes",
          .synopsis = {"[-s SIGNAL | -SIGNAL] [OPTION]... PROCESS...", "-l [SIGNAL]...",
                       "-t [SIGNAL]...", "-L", "-d PID"},
          .options = options(),
          .sections = sections(),
          .operands = report::Operands::processes};
}

}  // namespace knell::compat
