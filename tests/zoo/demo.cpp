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
constexpr const char* kLine = "  {:<11} {}\n";

/// In bytes, which the names of animals and what knell says of them are mostly made of.
std::string fit(std::string text) {
  if (text.size() < kWidth) return text;
  std::size_t end = kWidth - 4;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // UTF-8
  return text.substr(0, end) + "...\n";
}

void say(const std::string& line) {
  fmt::print("{}", fit(line));
  std::fflush(stdout);
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

/// What knell says first, the plan in a line; and last, the verdict.
void tell_of_knell(const Outcome& outcome) {
  const auto lines = lines_of(outcome.said);
  if (lines.empty()) return;
  say(fmt::format(kLine, "knell plans", lines.front()));
  if (lines.size() > 1) say(fmt::format(kLine, "and says", lines.back()));
}

std::string number(int count, int of) {
  return of > 1 ? fmt::format("{} of {} live", count, of) : count == 0 ? "it is gone" : "it lives";
}

void tell_of_zoo(const Job& job, const Outcome& outcome) {
  std::string seen = number(outcome.left, outcome.processes);
  if (job.animal->enclosure == Enclosure::deaf_init) seen = "it waits for its parent";
  if (outcome.left > 0 && outcome.left_after_opening == 0) seen += " until thawed";
  if (outcome.zombies > 0 && job.animal->enclosure != Enclosure::deaf_init)
    seen += fmt::format(", {} zombies", outcome.zombies);
  say(fmt::format(
      kLine, "zoo sees",
      fmt::format("{} after {:.2f} s; innocents hit: {}; {}", seen, outcome.seconds, outcome.hit,
                  is_as_it_must(*job.animal, outcome) ? "as it must be" : "NOT AS IT MUST BE")));
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
  say(fmt::format("{}: {}\n", job.animal->name, job.animal->what));
  const Outcome outcome = keep(job);
  if (interrupted()) return;
  if (!outcome.skipped.empty()) {
    sum.impossible.push_back(job.animal);
    return say(fmt::format(kLine, "not here", outcome.skipped));
  }
  ++sum.shown;
  if (!is_as_it_must(*job.animal, outcome)) sum.wrong.push_back(job.animal);
  tell_of_knell(outcome);
  tell_of_zoo(job, outcome);
}

int sum_up(const Sum& sum, const std::vector<const Animal*>& left_out) {
  if (sum.wrong.empty() && sum.shown > 0)
    say(fmt::format("\n{} shown: all as they must be, and no innocent was hit.\n", sum.shown));
  if (!sum.wrong.empty())
    say(fmt::format("\n{} shown, NOT AS THEY MUST BE: {}\n", sum.shown,
                    fmt::join(names(sum.wrong), " ")));
  if (!sum.impossible.empty())
    say(fmt::format("Not possible here: {}\n", fmt::join(names(sum.impossible), " ")));
  if (!left_out.empty())
    say(fmt::format("Left out, for they take long: {} (knell demo --zoo all)\n",
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
      "which have its name. Each is ended by `knell kill --yes --steps TERM:1s,KILL`.\n\n");
  Sum sum;
  for (const Job& job : jobs) {
    show(job, sum);
    if (interrupted()) return kInterrupted;
  }
  return sum_up(sum, left_out);
}

}  // namespace knell::zoo
