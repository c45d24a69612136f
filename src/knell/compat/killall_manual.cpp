#include "knell/compat/killall.hpp"

namespace knell::compat {

report::Manual killall_manual() {
  return {
      .name = "killall",
      .summary = "Sends a signal to all processes with these names",
      .synopsis = {"[OPTION]... [--] NAME...", "-l", "-V"},
      .options =
          {
              {0, "ancestors", "", "Spare nobody: see below"},
              {'e', "exact", "", "Leave out whose name is too long to be known whole"},
              {'I', "ignore-case", "", "Take upper and lower case letters as the same"},
              {'g', "process-group", "", "Signal the process groups of those that match"},
              {'y', "younger-than", "TIME", "Only what was started so long ago or less"},
              {'o', "older-than", "TIME", "Only what was started so long ago or more"},
              {'i', "interactive", "", "Ask before each"},
              {'l', "list-signals", "", "Print the names of the signals and exit"},
              {'q', "quiet", "", "Do not complain of names that nobody has"},
              {'r', "regexp", "", "NAME is an extended regular expression: regex(7)"},
              {'s', "signal", "SIGNAL", "Send this, by name or number; also as -SIGNAL"},
              {'u', "user", "USER", "Only processes of this user"},
              {'v', "verbose", "", "Tell who was sent the signal"},
              {'w', "wait", "", "Wait until all that were signalled have ended"},
              {'n', "ns", "PID", "Only in the same pid namespace as PID"},
              {'Z', "context", "REGEX", "Only with such a security context"},
              {'V', "version", "", "Print the version and exit"},
              {0, "help", "", "Print this and exit"},
          },
      .sections =
          {
              {"Names",
               {"A name is compared with the name that Linux keeps, in 15 bytes, and a longer one "
                "with the command line too. With a / in it it is a file: all processes that run it "
                "are meant. TIME is a number and s, m, h, d, w, M (4 weeks) or y (12 of those)."}},
              {"Who is spared",
               {"The processes that this command was started by, and process 1, are not signalled "
                "unless --ancestors is given or the environment has KNELL_STYLE=procps. Standard "
                "error tells of those that matched."}},
              {"Exit status", {"0\tsomebody was signalled for every NAME", "1\tnot so"}},
          },
      .operands = report::Operands::names};
}

}  // namespace knell::compat
