#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/conform/campaign.hpp"
#include "knell/conform/stage.hpp"
#include "knell/report/conform_text.hpp"
#include "knell/script/parse.hpp"
#include "knell/script/print.hpp"

namespace knell::cli {
namespace {

using Clock = std::chrono::steady_clock;

enum Status : std::uint8_t { kSame = 0, kNothingCompared = 1, kMistyped = 2, kDiffers = 3 };

constexpr int kReplays = 20;  // of a script that does not differ every time

std::uint64_t any_seed() {
  std::uint32_t seed = 0;
  static_cast<void>(::getrandom(&seed, sizeof seed, 0));
  return seed;
}

Result<script::Script> read_script(const std::string& file) {
  std::ifstream in(file);
  if (!in) return failure(errno, "open", file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return script::parse(text, file);
}

/// The line on which a campaign's progress is written over and over.
void show_progress(const report::CampaignReport& report, const report::Style& style) {
  fmt::print(stderr, "\r\x1b[K{}", report::campaign_progress_text(report, style));
  std::fflush(stderr);
}

class RandomRun {
public:
  RandomRun(const Options& options, const conform::Abilities& abilities) : options_(options) {
    const ConformOptions& asked = options.conform;
    report_.campaign.steps = asked.random;
    report_.campaign.seed = asked.seed.value_or(any_seed());
    report_.campaign.steps_per_script = asked.steps_per_script;
    report_.campaign.jobs =
        asked.jobs > 0 ? asked.jobs : std::max(1U, std::thread::hardware_concurrency());
    report_.campaign.out = asked.out;
    report_.campaign.allowed.users = abilities.users;
    if (!abilities.users) report_.left_out = "other users: " + abilities.why_not;
  }

  int run() {
    const report::Style style = style_of(options_);
    const bool shows = stderr_is_terminal() && !options_.quiet && !options_.json;
    const auto begun = Clock::now();
    const auto look = [&](const conform::Progress& progress) {
      report_.progress = progress;
      report_.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
      if (shows) show_progress(report_, style);
    };
    const Result<conform::Progress> done = conform::run(report_.campaign, look);
    if (shows) fmt::print(stderr, "\r\x1b[K");
    if (!done) return complain(done.error()), kFailed;
    look(*done);
    if (!options_.quiet) {
      const Result<void> printed = print(options_.json ? report::campaign_json(report_)
                                                       : report::campaign_text(report_, style));
      if (!printed) return complain(printed.error()), kFailed;
    }
    return done->found.empty() ? kSame : kDiffers;
  }

private:
  const Options& options_;
  report::CampaignReport report_;
};

/// Whether it makes anybody another user's, which only root can.
bool needs_users(const script::Script& script) {
  return std::ranges::any_of(script.steps, [](const script::Step& step) {
    const auto* call = std::get_if<script::CallStep>(&step.what);
    return call != nullptr && call->nr == Sys::setresuid;
  });
}

int run_files(const Options& options, const conform::Abilities& abilities) {
  std::vector<report::ComparedFile> all;
  bool differs = false;
  for (const std::string& file : options.conform.files) {
    const Result<script::Script> script = read_script(file);
    if (!script) return complain(script.error()), kMistyped;
    if (needs_users(*script) && !abilities.users) {
      complain(fmt::format("{}: left out: {}", file, abilities.why_not));
      continue;
    }
    Result<conform::Compared> compared = conform::compare(*script, conform::on_this_machine());
    if (!compared) return complain(compared.error()), kFailed;
    differs = differs || !compared->judgement.fits();
    all.push_back({file, std::move(*compared)});
    if (options.quiet || options.json) continue;
    const Result<void> printed = print(report::compared_text(all.back(), style_of(options)));
    if (!printed) return complain(printed.error()), kFailed;
  }
  if (options.json)
    if (const Result<void> printed = print(report::compared_json(all)); !printed)
      return complain(printed.error()), kFailed;
  if (differs) return kDiffers;
  return all.empty() ? kNothingCompared : kSame;
}

/// Until it differs; where reality may take one of several orders it may need more than one try.
int replay(const Options& options) {
  const Result<script::Script> script = read_script(options.conform.replay);
  if (!script) return complain(script.error()), kMistyped;
  report::ComparedFile last{options.conform.replay, {}};
  for (int i = 0; i < kReplays && last.compared.judgement.fits(); ++i) {
    Result<conform::Compared> compared = conform::compare(*script, conform::on_this_machine());
    if (!compared) return complain(compared.error()), kFailed;
    last.compared = std::move(*compared);
  }
  std::string text;
  if (options.json) {
    text = report::compared_json({last});
  } else if (!options.quiet) {
    for (const script::Step& step : last.compared.script.steps) text += script::print(step) + "\n";
    text += report::compared_text(last, style_of(options));
  }
  if (const Result<void> printed = print(text); !printed) return complain(printed.error()), kFailed;
  return last.compared.judgement.fits() ? kSame : kDiffers;
}

}  // namespace

int run_conform(const Options& options) {
  const conform::Abilities abilities = conform::abilities();
  if (!abilities.namespaces) {
    complain(fmt::format("nothing can be compared here: {}", abilities.why_not));
    return kNothingCompared;
  }
  if (options.conform.random > 0) return RandomRun(options, abilities).run();
  if (!options.conform.replay.empty()) return replay(options);
  return run_files(options, abilities);
}

}  // namespace knell::cli
