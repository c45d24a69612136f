#include "knell/cli/grammar.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

namespace knell::cli {
namespace {

// All texts as they stand in 80 columns.

constexpr const char* kTargets = R"(
TARGET is a pid, a name, or one of
  /regex/ user:NAME group:PGID session:SID tty:pts/3 port:8080 port:53/udp
  file:/path cgroup:/path unit:NAME pidfile:/path exe:/path
Several are a union. docs/targets.md tells them all.)";

constexpr const char* kSimStatuses = R"(
docs/scenario.md is the language's manual; scenarios/ has examples.
Exit status: 0 everything is as the scenario expects, 1 something is not,
2 the scenario was not understood, 5 knell itself failed.)";

constexpr const char* kStatuses = R"(
Exit status: 0 everything named is gone (plan, find: something matched),
1 nothing matched, 2 usage, 3 something survived, 4 not permitted for some,
5 knell itself failed.)";

class Format : public CLI::Formatter {
public:
  Format() { column_width(24); }
  std::string make_usage(const CLI::App* asked, std::string /*name*/) const override {
    if (asked->get_name() == "compat") return "Usage: knell compat NAME [OPTION...] [OPERAND...]\n";
    if (asked->get_prefix_command())
      return "Usage: knell " + asked->get_name() + " [OPTIONS] [--] COMMAND [ARGUMENT...]\n";
    const CLI::App* app = asked;
    std::string words;
    for (; app->get_parent() != nullptr; app = app->get_parent())
      words.insert(0, " " + app->get_name());
    return Formatter::make_usage(asked, "knell" + words);
  }
};

void add_targets(CLI::App& app, Words& words, Options& options) {
  app.add_option("TARGET", words.targets, "Which processes: see below")
      ->required()
      ->option_text("...");
  app.add_option("--user", words.users, "Only processes of this user")->type_name("NAME");
  app.add_option("--older", words.older, "Only those that are at least so old: 90s, 10m, 2h")
      ->type_name("TIME");
  app.add_option("--younger", words.younger, "Only those that are not so old")->type_name("TIME");
  app.add_option("--parent", words.parents, "Only children of this process")->type_name("PID");
  app.add_option("--state", words.states, "Only those in one of these states, as in ps")
      ->type_name("LETTERS");
  app.add_option("--exclude", words.exclude, "But not this one")->type_name("TARGET");
  app.add_flag("--full", options.request.filter.full, "/regex/ looks at the whole command line");
}

void add_scope(CLI::App& app, Words& words, Options& options) {
  app.add_flag("--only", options.request.only, "Just what is named, not what descends from it");
  app.add_flag("--leaves-first", options.request.leaves_first,
               "Signal children before their parents, not after them");
  app.add_flag("--force", options.request.force,
               "Also knell's ancestors and pid 1, if a pid names them");
  app.add_option("--signal", words.signal, "Send this signal and no other")->type_name("SIG");
  app.add_option("--steps", words.steps, "Signals in turn and how long to wait after each")
      ->type_name("SIG:TIME,...");
  app.add_flag("--now", words.now, "SIGKILL at once");
  app.add_option("--wait", words.wait, "How long to wait after a signal (10s)")->type_name("TIME");
}

void add_colour(CLI::App& app, Words& words) {
  app.add_option("--color", words.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->option_text("WHEN");
}

void add_output(CLI::App& app, Words& words, Options& options) {
  app.add_flag("--json", options.json, "One JSON document (docs/knell.schema.json)");
  app.add_flag("-q,--quiet", options.quiet, "Say nothing but errors");
  app.add_flag("-v,--verbose", options.verbose, "Every process and file; nothing is folded");
  add_colour(app, words);
}

void add_sim(CLI::App& app, Words& words, Options& options) {
  app.add_option("FILE", options.sim.file, "The scenario; - for standard input")
      ->required()
      ->option_text(" ");
  app.add_flag("--steps", options.sim.functions, "Show the kernel's functions, too");
  app.add_option("--until", words.until, "Take no step behind this line")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 31))
      ->option_text("LINE");
  app.add_flag("--world", options.sim.world, "Show who there is at the end, and in what state");
  app.add_option("--linux", words.version, "As this version of Linux does it")
      ->option_text("VERSION");
  app.add_flag("--json", options.json, "One JSON document (docs/sim.schema.json)");
  app.add_flag("-q,--quiet", options.quiet, "Say only what is not as expected");
  add_colour(app, words);
  app.footer(kSimStatuses);
}

constexpr const char* kDemoStatuses = R"(
docs/zoo.md tells of the animals; those that take long are left out unless they
are named, or all are: knell demo --zoo all
Exit status: 0 all ended as it must, 1 nothing could be shown, 2 usage,
3 something did not, 5 knell itself failed.)";

void add_demo(CLI::App& app, Words& words, Options& options) {
  ZooOptions& zoo = options.zoo;
  CLI::Option* const shown =
      app.add_flag("--zoo", zoo.shown, "End processes that are hard to end, one after the other");
  app.add_option("ANIMAL", zoo.animals, "Of the zoo, only these")->needs(shown)->option_text("...");
  add_colour(app, words);
  app.footer(kDemoStatuses);
}

constexpr const char* kConformStatuses = R"(
Exit status: 0 no difference, 1 nothing could be compared, 2 usage,
3 Linux and the model differ, 5 knell itself failed. docs/conform.md tells more.)";

void add_conform(CLI::App& app, Words& words, Options& options) {
  ConformOptions& conform = options.conform;
  add_colour(app, words);
  app.add_option("FILE", conform.files, "Scenarios to be run on both")->option_text("...");
  app.add_option("--random", conform.random, "Make up scenarios, so many steps in all")
      ->type_name("N");
  app.add_option("--seed", conform.seed, "Of the first of them; the next has the next")
      ->type_name("S");
  app.add_option("--steps-per-script", conform.steps_per_script, "How long they are (60)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--jobs", conform.jobs, "Processes that work on it (one a processor)")
      ->type_name("N");
  app.add_option("--out", conform.out, "Where scripts that differ are written (here)")
      ->type_name("DIR");
  app.add_option("--replay", conform.replay, "Run it, and show each step, until it differs")
      ->type_name("FILE");
  app.add_flag("--json", options.json, "A summary as one JSON document");
  app.add_flag("-q,--quiet", options.quiet, "Say nothing but errors");
  app.footer(kConformStatuses);
}

constexpr const char* kRunStatuses = R"(
COMMAND gets its options itself: knell's stand before it. When it ends, what it
left behind is ended too: SIGTERM, and SIGKILL after the time of --grace.
  knell run make test
  knell run --timeout 10m --grace 5s -- ./nightly --all
  knell run --daemon --log /var/log/x.log --pid-file /run/x.pid ./server
Exit status: COMMAND's own, 128 + N if signal N ended it, 124 if its time was
up (137 if it took SIGKILL), 125 knell itself failed, 126 COMMAND cannot be run,
127 there is none. docs/run.md tells more.)";

void add_run(CLI::App& app, Words& words, Options& options) {
  supervise::Settings& settings = options.run.settings;
  app.prefix_command();
  app.add_option("-t,--timeout", words.timeout, "End it after so long: 10, 1.5s, 2m, 1h, 1d")
      ->type_name("TIME");
  app.add_option("-s,--signal", words.signal, "What is sent first when all are ended (TERM)")
      ->type_name("SIG");
  app.add_option("-k,--grace", words.grace, "How long until SIGKILL after that (10s)")
      ->type_name("TIME");
  app.add_flag("--keep", settings.keep, "Leave what descends from it alone");
  app.add_flag("--preserve-status", options.run.preserve_status,
               "Its own exit status also if its time was up");
  app.add_flag("--daemon", settings.daemon, "Start it as a daemon, print its pid, and return");
  app.add_option("--log", options.run.log, "Where a daemon's output goes (/dev/null)")
      ->type_name("FILE");
  app.add_option("--pid-file", options.run.pid_file, "Keep a daemon's pid in it, locked")
      ->type_name("FILE");
  app.add_flag("--as-init", settings.as_init, "As pid 1 would: never stop with it (job control)");
  app.add_option("--enclosure", words.enclosure, "auto, cgroup, namespace or subreaper")
      ->check(CLI::IsMember({"auto", "cgroup", "namespace", "subreaper"}))
      ->option_text("KIND");
  app.add_flag("-v,--verbose", options.verbose, "Say what it runs in, and what had to be ended");
  app.footer(kRunStatuses);
}

constexpr const char* kAndroidStatuses = R"(
A group is ROOT/uid_UID/pid_PID. docs/android.md tells more.
Exit status: 0 done (list: there are groups), 1 no such group or process,
2 usage, 3 somebody is left, 4 not permitted, 5 knell itself failed.)";

void add_android(CLI::App& app, Words& words, Options& options) {
  AndroidOptions& android = options.android;
  app.require_subcommand(1);
  CLI::App* create = app.add_subcommand("create", "Put a process into a group of its own");
  CLI::App* kill = app.add_subcommand("kill", "End all of a group, and remove it");
  CLI::App* list = app.add_subcommand("list", "Show the groups there are");
  for (CLI::App* command : {create, kill}) {
    command->add_option("UID", words.android_uid, "The app's uid")->required()->option_text(" ");
    command->add_option("PID", words.android_pid, "The process that the group was made for")
        ->required()
        ->check(CLI::Range(2, 1 << 30))
        ->option_text(" ");
  }
  kill->add_option("--signal", words.android_signal, "This signal (KILL)")->type_name("SIG");
  kill->add_flag("--once", android.once, "Signal once, and do not wait");
  kill->add_option("--way", words.android_way,
                   "auto, events (cgroup.kill) or tries (40, 5 ms apart)")
      ->check(CLI::IsMember({"auto", "events", "tries"}))
      ->option_text("WAY");
  list->add_flag("--json", options.json, "One JSON document (docs/android.md)");
  for (CLI::App* command : {kill, list})
    command->add_flag("-v,--verbose", options.verbose, "Every process; nothing is folded");
  for (CLI::App* command : {create, kill, list}) {
    command->add_option("--root", android.root, "Where the groups lie")->type_name("DIR");
    command->footer(kAndroidStatuses);
  }
  for (CLI::App* command : {kill, list}) add_colour(*command, words);
  app.footer(kAndroidStatuses);
}

constexpr const char* kCompatNote = R"(
NAME is kill, killall, pgrep, pkill, pidwait or timeout, each as the original;
knell compat NAME --help tells its options, docs/compat.md what differs.)";

void add_compat(CLI::App& app, Words& /*words*/, Options& /*options*/) {
  app.prefix_command();
  app.footer(kCompatNote);
}

void add_manual(CLI::App& app, Words& /*words*/, Options& options) {
  ManualOptions& manual = options.manual;
  app.add_option("FORMAT", manual.format, "list (of names), man (for scdoc), bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"list", "man", "bash", "zsh", "fish"}))
      ->option_text(" ");
  app.add_option("NAME", manual.name, "Of which command: knell kill, pgrep (knell)")
      ->option_text("...");
  app.footer("\ntools/manuals makes files of them all.");
}

void add_survey(CLI::App& app, Words& words, Options& options) {
  add_targets(app, words, options);
  app.footer(std::string(kTargets) + "\n" + kStatuses);
}

void add_plan(CLI::App& app, Words& words, Options& options) {
  add_survey(app, words, options);
  add_scope(app, words, options);
  add_output(app, words, options);
}

void add_kill(CLI::App& app, Words& words, Options& options) {
  add_plan(app, words, options);
  app.add_flag("-p,--plan", words.plan_only, "The same as knell plan");
  app.add_flag("-y,--yes", options.yes, "Do not ask if it reaches beyond what is named");
  app.add_flag("--no-wait", words.no_wait, "Signal and go: no next step, no verdict");
}

void add_find(CLI::App& app, Words& words, Options& options) {
  add_survey(app, words, options);
  app.add_flag("-q,--quiet", options.quiet, "Only the exit status");
}

struct Subcommand {
  std::string_view name;
  const char* about;
  void (*add)(CLI::App& app, Words& words, Options& options);
};
constexpr Subcommand kSubcommands[] = {
    {"plan", "Say what ending TARGETs would do; send nothing", add_plan},
    {"kill", "Say it, do it, and say what came of it", add_kill},
    {"find", "List the processes that TARGETs name", add_find},
    {"demo", "End a small process tree of knell's own", add_demo},
    {"sim", "Play a scenario through a model of the kernel", add_sim},
    {"run", "Run a command so that it can be ended whole", add_run},
    {"conform", "Hold the model of Linux against Linux", add_conform},
    {"android", "Process groups as Android keeps them", add_android},
    {"compat", "Be kill, pgrep, pkill, killall, pidwait or timeout", add_compat},
    {"manual", "Print manual pages and shell completions", add_manual},
};

}  // namespace

Grammar::Grammar(std::string_view command)
    : app("knell ends Linux processes on purpose: it says beforehand what a kill will do,\n"
          "does it to the last descendant, and proves it.") {
  app.formatter(std::make_shared<Format>());
  app.require_subcommand(1);
  app.set_version_flag("--version", "knell " KNELL_VERSION);
  app.footer(std::string(kTargets) + "\n" + kStatuses);

  const bool one =
      std::ranges::find(kSubcommands, command, &Subcommand::name) != std::ranges::end(kSubcommands);
  for (const auto& [name, about, add] : kSubcommands) {
    CLI::App* const subcommand = app.add_subcommand(std::string(name), about);
    if (!one || name == command) add(*subcommand, words, options);
  }
}

}  // namespace knell::cli
