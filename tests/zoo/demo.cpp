#include "zoo/demo.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "zoo/keeper.hpp"

namespace knell::zoo {
namespace {

constexpr std::size_t kWidth = 80;

/// Lines of at most kWidth bytes, which are mostly columns: broken where there is a blank, as long
/// as there is one. From the second line on they begin with so many blanks.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  std::size_t width = kWidth;
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    if (end == std::string_view::npos || end == 0) end = width;
    lines += fmt::format("{}\n{:{}}", text.substr(0, end), "", indent);
    text.remove_prefix(std::min(text.size(), end + 1));
    width = kWidth - indent;
  }
  return fmt::format("{}{}\n", lines, text);
}

void say(const std::string& text, std::size_t indent = 2) {
  fmt::print("{}", wrapped(text, indent));
  std::fflush(stdout);
}

void say(const char* who, std::string_view text) {
  say(fmt::format("  {:<11} {}", who, text), 14);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The paragraph of the verdict that is about survivors, without its heading; "" if there is none.
std::string why_it_survived(const std::vector<std::string_view>& lines) {
  constexpr std::string_view kHeading = "Survived  ";
  auto line = std::ranges::find_if(lines, [](auto each) { return each.starts_with(kHeading); });
  std::string text;
  for (bool first = true; line != lines.end() && (first || line->starts_with("  ")); ++line) {
    const std::string_view part = first ? line->substr(kHeading.size()) : *line;
    text += (first ? "" : " ") + std::string(part.substr(part.find_first_not_of(' ')));
    first = false;
  }
  return text;
}

/// What knell says first, the plan in a line; and last, the verdict.
void tell_of_knell(const Outcome& outcome) {
  const auto lines = lines_of(outcome.said);
  if (lines.empty()) return;
  say("knell plans", lines.front());
  if (lines.size() > 1) say("and says", lines.back());
  if (const std::string why = why_it_survived(lines); !why.empty()) say("", why);
}

std::string number(int count, int of) {
  return of > 1 ? fmt::format("{} of {} live", count, of) : count == 0 ? "it is gone" : "it lives";
}

void tell_of_zoo(const Job& job, const Outcome& outcome) {
  std::string seen = number(outcome.left, outcome.processes);
  if (job.animal->enclosure == Enclosure::deaf_init) seen = "the zombie that it was";
  if (outcome.left > 0 && outcome.left_after_opening == 0) seen += " until thawed";
  if (outcome.zombies > 0 && job.animal->enclosure != Enclosure::deaf_init)
    seen += fmt::format(", {} zombies", outcome.zombies);
  say("zoo sees",
      fmt::format("{} after {:.2f} s; innocents hit: {}; {}", seen, outcome.seconds, outcome.hit,
                  is_as_it_must(*job.animal, outcome) ? "as it must be" : "NOT AS IT MUST BE"));
}

std::vector<std::string> names(const std::vector<const Animal*>& animals) {
  std::vector<std::string> all;
  for (const Animal* animal : animals) all.push_back(animal->name);
  return all;
}

struct Sum {
  int shown = 0;
  std::vector<const Animal*> wrong;
  std::vector<const Animal*> impossible;
};

void show(const Job& job, Sum& sum) {
  say(fmt::format("{}: {}", job.animal->name, job.animal->what));
  const Outcome outcome = keep(job);
  if (interrupted()) return;
  if (!outcome.skipped.empty()) {
    sum.impossible.push_back(job.animal);
    return say("not here", outcome.skipped);
  }
  ++sum.shown;
  if (!is_as_it_must(*job.animal, outcome)) sum.wrong.push_back(job.animal);
  tell_of_knell(outcome);
  tell_of_zoo(job, outcome);
}

int sum_up(const Sum& sum, const std::vector<const Animal*>& left_out) {
  fmt::print("\n");
  if (sum.wrong.empty() && sum.shown > 0)
    say(fmt::format("{} shown: all as they must be, and no innocent was hit.", sum.shown));
  if (!sum.wrong.empty())
    say(fmt::format("{} shown, NOT AS THEY MUST BE: {}", sum.shown,
                    fmt::join(names(sum.wrong), " ")));
  if (!sum.impossible.empty())
    say(fmt::format("Not possible here: {}", fmt::join(names(sum.impossible), " ")));
  if (!left_out.empty())
    say(fmt::format("Left out (knell demo --zoo all shows them): {}",
                    fmt::join(names(left_out), " ")));
  if (!sum.wrong.empty()) return 3;
  return sum.shown > 0 ? 0 : 1;
}

}  // namespace

bool is_as_it_must(const Animal& animal, const Outcome& outcome) {
  constexpr int kGone = 0;
  constexpr int kSurvived = 3;
  if (outcome.hit > 0 || outcome.left_after_opening > 0) return false;
  if (animal.kernel_holds_it) return outcome.left > 0 && outcome.status == kSurvived;
  const int zombies = animal.enclosure == Enclosure::deaf_init ? 1 : 0;
  return outcome.left == 0 && outcome.zombies == zombies && outcome.status == kGone;
}

int demonstrate(const std::vector<Job>& jobs, const std::vector<const Animal*>& left_out) {
  constexpr int kInterrupted = 130;
  fmt::print(
      "Each animal has a pid namespace of its own, and innocents beside it, four of\n"
      "which have its name. knell sends TERM, and KILL a second later (ten where the\n"
      "animal gets little of a CPU). What it says is held against what the zoo sees.\n\n");
  Sum sum;
  for (const Job& job : jobs) {
    show(job, sum);
    if (interrupted()) return kInterrupted;
  }
  return sum_up(sum, left_out);
}

}  // namespace knell::zoo
