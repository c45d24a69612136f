#include "knell/report/conform_text.hpp"

#include <fmt/format.h>

#include "knell/report/foreign.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/page.hpp"
#include "knell/script/print.hpp"

namespace knell::report {
namespace {

constexpr const char* kIndent = "  ";

void indented(Page& page, const std::string& words, Ink ink = Ink::plain) {
  page.row(Text(kIndent), Text("    "), Text(prose(words, page.style()), ink));
}

std::string steps(std::uint64_t count) {
  return count_text(count, "step", "steps");
}

std::string what_was_done(const CampaignReport& report) {
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(report.progress.steps) /
                                               std::max(report.seconds, 0.001));
  return fmt::format(
      "{} of {} in {} ({} a second)", steps(report.progress.steps),
      count_text(report.progress.scripts, "script", "scripts"),
      duration_text(std::chrono::milliseconds(static_cast<std::int64_t>(report.seconds * 1000))),
      count_text(rate));
}

/// The step after which they differ, and how. Without any: the beginning itself differs.
void say_difference(Page& page, const conform::Compared& compared) {
  if (!compared.script.steps.empty())
    indented(page, "after: " + script::print(compared.script.steps.back()));
  for (const std::string& line : compared.judgement.differences) indented(page, line, Ink::red);
}

std::string outcome_of(const conform::Compared& compared) {
  if (compared.judgement.fits()) return "no difference";
  return compared.judgement.undecided ? "not decided: too many orders to try them all"
                                      : "Linux and the model differ";
}

}  // namespace

std::string compared_text(const ComparedFile& file, const Style& style) {
  Page page(style);
  const conform::Compared& compared = file.compared;
  Text line(foreign(file.file, style) + ": " + steps(compared.script.steps.size()) + ", ");
  page.line(line.add(outcome_of(compared), compared.judgement.fits() ? Ink::green : Ink::red));
  if (!compared.judgement.fits()) say_difference(page, compared);
  for (const std::string& why : compared.skipped) indented(page, "left out: " + why, Ink::yellow);
  return page.take();
}

std::string campaign_text(const CampaignReport& report, const Style& style) {
  Page page(style);
  const conform::Progress& progress = report.progress;
  Text line(what_was_done(report) + ": ");
  page.line(
      progress.found.empty()
          ? line.add("no difference", Ink::green)
          : line.add(count_text(progress.found.size(), "difference", "differences"), Ink::red));
  for (const conform::Found& found : progress.found)
    indented(page, fmt::format("seed {}: {}", found.seed, found.file), Ink::red);
  if (progress.undecided > 0)
    indented(page, fmt::format("{} not decided: too many orders to try them all",
                               count_text(progress.undecided, "script", "scripts")));
  if (!report.left_out.empty()) indented(page, "left out: " + report.left_out, Ink::yellow);
  indented(page, fmt::format("seeds from {} on", report.campaign.seed), Ink::dim);
  return page.take();
}

std::string campaign_progress_text(const CampaignReport& report, const Style& style) {
  const std::uint64_t wanted = std::max<std::uint64_t>(report.campaign.steps, 1);
  const std::uint64_t percent = std::min<std::uint64_t>(100, report.progress.steps * 100 / wanted);
  const std::string text =
      fmt::format("{}%: {}, {}", percent, what_was_done(report),
                  count_text(report.progress.found.size(), "difference", "differences"));
  return cut(text, style.width > 0 ? style.width - 1 : 0, style);
}

}  // namespace knell::report
