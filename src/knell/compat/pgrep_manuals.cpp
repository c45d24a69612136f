#include <utility>

#include "knell/compat/pgrep.hpp"
#include "knell/world/signal.hpp"

namespace knell::compat {
namespace {

using report::Manual;
using report::Option;
using report::Section;
using Options = std::vector<Option>;

Options criteria() {
  return {
      {'A', "ignore-ancestors", "", "Not those that this command was started by"},
      {'F', "pidfile", "FILE", "Only the process whose number FILE begins with; -: standard input"},
      {'f', "full", "", "Look for PATTERN in the command line, not only in the name"},
      {'G', "group", "GID,...", "Only with these real groups, by name or number"},
      {'g', "pgroup", "PGID,...", "Only in these process groups; 0: this command's own"},
      {'H', "require-handler", "", "Only with a handler for the signal"},
      {'i', "ignore-case", "", "Take upper and lower case letters as the same"},
      {'L', "logpidfile", "", "Fail if the file of --pidfile is not locked"},
      {'n', "newest", "", "Only the one that was started last"},
      {'O', "older", "SECONDS", "Only what was started at least so long ago"},
      {'o', "oldest", "", "Only the one that was started first"},
      {'P', "parent", "PPID,...", "Only children of these"},
      {'p', "pid", "PID,...", "Only processes with these numbers"},
      {'r', "runstates", "STATES", "Only in one of these states, as D,R,S,T,Z"},
      {'s', "session", "SID,...", "Only in these sessions; 0: this command's own"},
      {'t', "terminal", "TTY,...", "Only with these terminals, without /dev/; ?: with none"},
      {'U', "uid", "UID,...", "Only with these real users, by name or number"},
      {'u', "euid", "UID,...", "Only with these effective users, by name or number"},
      {'x', "exact", "", "PATTERN is all of the name (with -f: of the command line)"},
      {0, "cgroup", "PATH,...", "Only in these control groups"},
      {0, "env", "NAME[=VALUE],...", "Only with one of these in the environment"},
      {0, "ns", "PID", "Only in the same namespaces as PID"},
      {0, "nslist", "KIND,...", "Of these kinds only: ipc, mnt, net, pid, user, uts"},
  };
}

Option inverse(char letter) {
  return {letter, "inverse", "", "Those that do not match"};
}

Option count() {
  return {'c', "count", "", "Print how many match"};
}

Option list_full(const char* help) {
  return {'a', "list-full", "", help};
}

void add_help(Options& options) {
  options.push_back({'h', "help", "", "Print this and exit"});
  options.push_back({'V', "version", "", "Print the version and exit"});
}

Options joined(Options first, const Options& second) {
  first.insert(first.end(), second.begin(), second.end());
  add_help(first);
  return first;
}

Section statuses(const char* matched) {
  return {"Exit status",
          {matched, "1\tnone", "2\tthe words were not understood", "3\tprocesses cannot be read"}};
}

Section pattern() {
  return {
      "Pattern",
      {"PATTERN is an extended regular expression, regex(7), that is looked for in the name, of "
       "which Linux keeps 15 bytes. All criteria must be met. The command itself never "
       "matches."}};
}

Section spared(const char* done) {
  return {"Who is spared",
          {std::string("The processes that this command was started by, and process 1, are not ") +
           done + " unless --pid or --pidfile names them, --ancestors is given or the " +
           "environment has KNELL_STYLE=procps. Standard error tells of those that matched."}};
}

}  // namespace

Manual pgrep_manual() {
  const Options own{
      list_full("Print each number with the command line"),
      count(),
      {'d', "delimiter", "TEXT", "Print TEXT between the numbers, not a newline"},
      {'l', "list-name", "", "Print each number with the name"},
      {'Q', "shell-quote", "", "With -a or -l: quoted as a shell reads it"},
      {0, "quiet", "", "Print nothing"},
      {0, "signal", "SIGNAL", "What --require-handler means; TERM without it"},
      inverse('v'),
      {'w', "lightweight", "", "Threads too, each by itself"},
  };
  return {.name = "pgrep",
          .summary = "Prints the numbers of the processes that match",
          .synopsis = {"[OPTION]... [PATTERN]"},
          .options = joined(own, criteria()),
          .sections = {pattern(), statuses("0\tsomething matched")},
          .operands = report::Operands::names};
}

Manual pkill_manual() {
  const Options own{
      {0, "ancestors", "", "Spare nobody: see below"},
      count(),
      {'e', "echo", "", "Print who was sent the signal"},
      {'m', "mrelease", "", "Then take back the memory at once: process_mrelease(2)"},
      {'q', "queue", "VALUE", "Send the number VALUE with the signal: sigqueue(3)"},
      {0, "signal", "SIGNAL", "Send this, by name or number; TERM without it"},
      inverse(0),
      list_full("With --echo: print command lines"),
      {'Q', "shell-quote", "", "With --echo: quoted as a shell reads it"},
  };
  Options options = joined(own, criteria());
  for (Option& option : options)
    if (option.name == "list-full") option.letter = 0;
  return {.name = "pkill",
          .summary = "Sends a signal to the processes that match",
          .synopsis = {"[-SIGNAL] [OPTION]... [PATTERN]"},
          .options = std::move(options),
          .sections = {pattern(), spared("signalled"), statuses("0\tsomebody was signalled")},
          .operands = report::Operands::names};
}

Manual pidwait_manual() {
  const Options own{
      {0, "ancestors", "", "Spare nobody: see below"},
      count(),
      {'e', "echo", "", "Print who is waited for"},
      {0, "signal", "SIGNAL", "What --require-handler means; TERM without it"},
      {0, "timeout", "TIME", "Wait no longer than this: 10 or 10s, 500ms, 2m, 1h"},
      inverse(0),
      list_full("With --echo: print command lines"),
      {'Q', "shell-quote", "", "With --echo: quoted as a shell reads it"},
  };
  Options options = joined(own, criteria());
  for (Option& option : options)
    if (option.name == "list-full" || option.name == "shell-quote") option.letter = 0;
  Section statuses_of_wait = statuses("0\tall that matched have ended");
  statuses_of_wait.paragraphs.push_back(
      "124\tthe time of --timeout is over, and one has not ended");
  return {.name = "pidwait",
          .summary = "Waits until all processes that match have ended",
          .synopsis = {"[OPTION]... [PATTERN]"},
          .options = std::move(options),
          .sections = {pattern(), spared("waited for"), std::move(statuses_of_wait)},
          .operands = report::Operands::names};
}

}  // namespace knell::compat
