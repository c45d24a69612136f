#include "knell/cli/options.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace knell::cli {
namespace {

using std::chrono::milliseconds;

/// The words as CLI11 hands them over, before they mean anything.
struct Words {
  std::vector<std::string> targets;
  std::vector<std::string> users;
  std::vector<std::string> exclude;
  std::vector<int> parents;
  std::string older;
  std::string younger;
  std::string states;
  std::string signal;
  std::string steps;
  std::string wait = "10s";
  std::string colour = "auto";
  std::string version;
  std::string timeout;
  std::string grace;
  std::string enclosure = "auto";
  std::vector<std::string> command;     // of knell run: what knell's options end with
  std::span<const char* const> behind;  // of knell run: "--" and the rest
  std::int64_t until = 0;
  bool now = false;
  bool no_wait = false;
  bool plan_only = false;
  std::uint32_t android_uid = 0;
  std::int32_t android_pid = 0;
  std::string android_signal = "KILL";
  std::string android_way = "auto";
};

// Both as they stand in 80 columns.
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

Result<void> read_sim(const Words& words, SimOptions& sim) {
  if (words.until > 0) sim.until = static_cast<std::uint32_t>(words.until);
  if (words.version.empty()) return {};
  sim.version = kernel::parse_version(words.version);
  if (!sim.version)
    return failure(EINVAL, "imitate", fmt::format("Linux '{}'", words.version),
                   fmt::format("these are modelled: {}", fmt::join(kernel::kVersionNames, ", ")));
  return {};
}

constexpr const char* kDemoStatuses = R"(
docs/zoo.md tells of the animals; those that take long are left out unless they
are named, or all are: knell demo --zoo all
Exit status: 0 all ended as it must, 1 nothing could be shown, 2 usage,
3 something did not, 5 knell itself failed.)";

void add_demo(CLI::App& app, ZooOptions& zoo) {
  CLI::Option* const shown =
      app.add_flag("--zoo", zoo.shown, "End processes that are hard to end, one after the other");
  app.add_option("ANIMAL", zoo.animals, "Of the zoo, only these")->needs(shown)->option_text("...");
  app.footer(kDemoStatuses);
}

constexpr const char* kConformStatuses = R"(
Exit status: 0 no difference, 1 nothing could be compared, 2 usage,
3 Linux and the model differ, 5 knell itself failed. docs/conform.md tells more.)";

void add_conform(CLI::App& app, ConformOptions& conform, Options& options) {
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

Result<void> understand_conform(const Options& options) {
  const ConformOptions& conform = options.conform;
  const int kinds =
      int{!conform.files.empty()} + int{!conform.replay.empty()} + int{conform.random > 0};
  if (kinds == 1 && !(options.json && options.quiet)) return {};
  if (kinds == 1) return failure(EINVAL, "use", "--json and --quiet together", "give one of them");
  return failure(EINVAL, "compare",
                 kinds == 0 ? "nothing" : "files, --random and --replay together",
                 "give FILEs, or --random N, or --replay FILE");
}

constexpr int kRunFailed = 125;  // as timeout(1) has it

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

/// The first "--" of `knell run`, or the end: CLI11 would look for options of knell's behind it.
int options_end(int argc, const char* const* argv) {
  if (argc < 2 || argv[1] != std::string_view("run")) return argc;
  return static_cast<int>(std::find(argv, argv + argc, std::string_view("--")) - argv);
}

/// The command begins with the first word that is no option's, and no later than behind "--".
Result<std::vector<std::string>> command_in(std::vector<std::string> words,
                                            std::span<const char* const> behind) {
  if (!words.empty() && words.front().starts_with('-'))
    return failure(EINVAL, "understand", fmt::format("the option {}", words.front()),
                   "a COMMAND of that name goes behind --");
  if (words.empty() && !behind.empty()) behind = behind.subspan(1);
  words.insert(words.end(), behind.begin(), behind.end());
  return words;
}

Result<void> read_run(const Words& words, RunOptions& run) {
  using supervise::Enclosure;
  supervise::Settings& settings = run.settings;
  run.command = KNELL_TRY(command_in(words.command, words.behind));
  if (run.command.empty()) return failure(EINVAL, "", "there is no COMMAND to run");
  if (!settings.daemon && !(run.log + run.pid_file).empty())
    return failure(EINVAL, "use", "--log and --pid-file", "they are for --daemon");
  if (!words.timeout.empty()) settings.timeout = KNELL_TRY(select::parse_duration(words.timeout));
  if (settings.timeout == milliseconds(0)) settings.timeout.reset();  // as timeout(1) has it
  if (!words.grace.empty()) settings.grace = KNELL_TRY(select::parse_duration(words.grace));
  if (!words.signal.empty()) {
    const std::optional<Signal> signal = Signal::parse(words.signal);
    if (!signal || *signal == Signal{})
      return failure(EINVAL, "understand", fmt::format("'{}' as a signal", words.signal));
    settings.signal = *signal;
  }
  if (words.enclosure == "cgroup") settings.enclosure = Enclosure::cgroup;
  if (words.enclosure == "namespace") settings.enclosure = Enclosure::pid_namespace;
  if (words.enclosure == "subreaper") settings.enclosure = Enclosure::subreaper;
  return {};
}

constexpr const char* kAndroidStatuses = R"(
A group is ROOT/uid_UID/pid_PID. docs/android.md tells more.
Exit status: 0 done (list: there are groups), 1 no such group or process,
2 usage, 3 somebody is left, 4 not permitted, 5 knell itself failed.)";

void add_android(CLI::App& app, Words& words, AndroidOptions& android, Options& options) {
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

Result<void> read_android(const Words& words, AndroidOptions& android) {
  const std::optional<Signal> signal = Signal::parse(words.android_signal);
  if (!signal)
    return failure(EINVAL, "send", fmt::format("the signal \"{}\"", words.android_signal));
  android.signal = *signal;
  android.uid = Uid(words.android_uid);
  android.pid = Pid(words.android_pid);
  if (words.android_way != "auto")
    android.way = words.android_way == "events" ? android::Way::events : android::Way::tries;
  return {};
}

/// The command whose help is asked for: `knell android kill --help` is about the innermost.
const CLI::App& innermost(const CLI::App& app) {
  const auto inner = app.get_subcommands();
  return inner.empty() ? app : innermost(*inner.front());
}

Result<void> read_filter(const Words& words, select::Filter& filter) {
  filter.users = words.users;
  filter.states = words.states;
  for (int parent : words.parents) filter.parents.emplace_back(parent);
  for (const std::string& word : words.exclude)
    filter.exclude.push_back(KNELL_TRY(select::parse_target(word)));
  if (!words.older.empty()) filter.older = KNELL_TRY(select::parse_duration(words.older));
  if (!words.younger.empty()) filter.younger = KNELL_TRY(select::parse_duration(words.younger));
  return {};
}

/// --now, --signal and --steps are three ways to say the same thing; one at a time.
Result<std::vector<plan::Step>> read_steps(const Words& words) {
  if (words.now + !words.signal.empty() + !words.steps.empty() > 1)
    return failure(EINVAL, "use", "--now, --signal and --steps together", "give one of them");
  const milliseconds wait = KNELL_TRY(select::parse_duration(words.wait));
  if (words.now) return plan::parse_steps("KILL", wait);
  if (!words.signal.empty()) {
    if (words.signal.find_first_of(",:") != std::string::npos)
      return failure(EINVAL, "use", fmt::format("the signal \"{}\"", words.signal),
                     "several signals go into --steps");
    return plan::parse_steps(words.signal, wait);
  }
  return plan::parse_steps(words.steps.empty() ? "TERM,KILL" : words.steps, wait);
}

Result<void> understand(const Words& words, Options& options) {
  if (options.command == Command::conform) return understand_conform(options);
  if (options.command == Command::run) return read_run(words, options.run);
  for (const std::string& word : words.targets)
    options.request.targets.push_back(KNELL_TRY(select::parse_target(word)));
  KNELL_TRY(read_filter(words, options.request.filter));
  options.request.steps = KNELL_TRY(read_steps(words));
  KNELL_TRY(read_sim(words, options.sim));
  KNELL_TRY(read_android(words, options.android));
  options.wait = !words.no_wait;
  if (words.plan_only) options.command = Command::plan;
  if (words.colour != "auto")
    options.colour = words.colour == "always" ? When::always : When::never;
  if (options.json && options.quiet)
    return failure(EINVAL, "use", "--json and --quiet together", "give one of them");
  options.request.quick = options.quiet || !options.wait;
  options.request.details = !options.request.quick;
  options.request.all_details = options.verbose;
  return {};
}

}  // namespace

Typed parse(int argc, const char* const* argv) {
  Words words;
  Options options;
  CLI::App app(
      "knell ends Linux processes on purpose: it says beforehand what a kill will do,\n"
      "does it to the last descendant, and proves it.");
  app.formatter(std::make_shared<Format>());
  app.require_subcommand(1);
  app.set_version_flag("--version", "knell " KNELL_VERSION);
  app.footer(std::string(kTargets) + "\n" + kStatuses);

  CLI::App* plan = app.add_subcommand("plan", "Say what ending TARGETs would do; send nothing");
  CLI::App* kill = app.add_subcommand("kill", "Say it, do it, and say what came of it");
  CLI::App* find = app.add_subcommand("find", "List the processes that TARGETs name");
  CLI::App* demo = app.add_subcommand("demo", "End a small process tree of knell's own");
  CLI::App* sim = app.add_subcommand("sim", "Play a scenario through a model of the kernel");
  CLI::App* run = app.add_subcommand("run", "Run a command so that it can be ended whole");
  CLI::App* conform = app.add_subcommand("conform", "Hold the model of Linux against Linux");
  CLI::App* android = app.add_subcommand("android", "Process groups as Android keeps them");
  for (CLI::App* command : {plan, kill, find}) {
    add_targets(*command, words, options);
    command->footer(std::string(kTargets) + "\n" + kStatuses);
  }
  for (CLI::App* command : {plan, kill}) {
    add_scope(*command, words, options);
    add_output(*command, words, options);
  }
  find->add_flag("-q,--quiet", options.quiet, "Only the exit status");
  kill->add_flag("-p,--plan", words.plan_only, "The same as knell plan");
  kill->add_flag("-y,--yes", options.yes, "Do not ask if it reaches beyond what is named");
  kill->add_flag("--no-wait", words.no_wait, "Signal and go: no next step, no verdict");
  add_demo(*demo, options.zoo);
  add_colour(*demo, words);
  add_colour(*conform, words);
  add_conform(*conform, options.conform, options);
  add_sim(*sim, words, options);
  add_run(*run, words, options);
  add_android(*android, words, options.android, options);

  const int end = options_end(argc, argv);
  try {
    app.parse(end, argv);
  } catch (const CLI::CallForHelp&) {
    return {std::nullopt, innermost(app).help(), 0};
  } catch (const CLI::CallForVersion& version) {
    return {std::nullopt, std::string(version.what()) + "\n", 0};
  } catch (const CLI::ParseError& error) {
    return {std::nullopt,
            fmt::format("knell: {}\nknell: `knell --help` tells how it is used.\n", error.what()),
            run->parsed() ? kRunFailed : 2};
  }
  const std::string name = app.get_subcommands().front()->get_name();
  constexpr std::array<std::pair<std::string_view, Command>, 8> kCommands = {
      {{"plan", Command::plan},
       {"kill", Command::kill},
       {"find", Command::find},
       {"demo", Command::demo},
       {"sim", Command::sim},
       {"conform", Command::conform},
       {"run", Command::run},
       {"android", Command::android}}};
  options.command =
      std::ranges::find(kCommands, name, &std::pair<std::string_view, Command>::first)->second;
  if (android->parsed()) {
    constexpr std::array<std::pair<std::string_view, AndroidOptions::Action>, 3> kActions = {
        {{"create", AndroidOptions::Action::create},
         {"kill", AndroidOptions::Action::kill},
         {"list", AndroidOptions::Action::list}}};
    const std::string action = innermost(app).get_name();
    options.android.action =
        std::ranges::find(kActions, action, [](const auto& each) { return each.first; })->second;
  }
  words.command = run->remaining();
  words.behind = std::span(argv + end, argv + argc);
  if (Result<void> understood = understand(words, options); !understood)
    return {std::nullopt, "knell: " + understood.error().message() + "\n",
            run->parsed() ? kRunFailed : 2};
  return {std::move(options), {}, 0};
}

}  // namespace knell::cli
