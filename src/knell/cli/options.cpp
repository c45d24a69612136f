#include "knell/cli/options.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "knell/cli/grammar.hpp"

namespace knell::cli {
namespace {

using std::chrono::milliseconds;

Result<void> read_sim(const Words& words, SimOptions& sim) {
  if (words.until > 0) sim.until = static_cast<std::uint32_t>(words.until);
  if (words.version.empty()) return {};
  sim.version = kernel::parse_version(words.version);
  if (!sim.version)
    return failure(EINVAL, "imitate", fmt::format("Linux '{}'", words.version),
                   fmt::format("these are modelled: {}", fmt::join(kernel::kVersionNames, ", ")));
  return {};
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
  Grammar grammar(argc > 1 ? argv[1] : "");
  CLI::App& app = grammar.app;
  Words& words = grammar.words;
  Options& options = grammar.options;
  const CLI::App* const run = app.get_subcommand("run");
  const CLI::App* const android = app.get_subcommand("android");
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
  constexpr std::array<std::pair<std::string_view, Command>, 10> kCommands = {
      {{"compat", Command::compat},
       {"manual", Command::manual},
       {"plan", Command::plan},
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
  options.compat = app.get_subcommand("compat")->remaining();
  words.behind = std::span(argv + end, argv + argc);
  if (Result<void> understood = understand(words, options); !understood)
    return {std::nullopt, "knell: " + understood.error().message() + "\n",
            run->parsed() ? kRunFailed : 2};
  return {std::move(options), {}, 0};
}

}  // namespace knell::cli
