#include "knell/report/verdict_words.hpp"

#include <algorithm>

#include "knell/report/numbers.hpp"

namespace knell::report {
namespace {

using plan::Fate;
using plan::Forecast;
using plan::Outcome;
using plan::ProcessOutcome;
using plan::Verdict;

/// So many are told by name in the last sentence.
constexpr std::size_t kToldByName = 3;

std::string ended_words(const ProcessOutcome& process) {
  if (process.status) return process.status->text();
  if (process.last_signal && process.last_signal->number() != 0)
    return "ended after " + process.last_signal->name() + ", how is not known";
  return "ended, how is not known";
}

/// " (4244 stubborn, 4245 x and 12 more)": those with this fate.
Text who(const Outcome& outcome, Fate fate, std::size_t count, const Names& names) {
  const std::size_t shown = count <= kToldByName + 1 ? count : kToldByName;
  Text text(" (");
  std::size_t told = 0;
  for (const ProcessOutcome& process : outcome.processes) {
    if (process.fate != fate || told == shown) continue;
    text.add(told++ == 0 ? "" : ", ").add(names.of(process.id, process.name));
  }
  if (shown < count) text.add(" and " + count_text(count - shown) + " more");
  return text.add(")");
}

std::string of_all(std::size_t count, std::size_t total) {
  return count_text(count) + " of " + count_text(total);
}

/// The step that was not taken any more, after the last signal that was sent to anyone.
std::string where_it_stopped(const Forecast& forecast, const Outcome& outcome) {
  std::size_t reached = 0;  // steps begun
  for (const ProcessOutcome& process : outcome.processes)
    for (std::size_t i = reached; i < forecast.steps.size(); ++i)
      if (process.last_signal == forecast.steps[i].signal) reached = i + 1;
  if (reached < forecast.steps.size()) return " before " + forecast.steps[reached].signal.name();
  if (reached == 0) return {};
  return " while waiting after " + forecast.steps[reached - 1].signal.name();
}

/// What a person has to know who reads that all are gone.
std::string missed_text(const Outcome& outcome) {
  return outcome.may_have_missed ? "; more may live that were not found: run it again" : "";
}

Text gone_sentence(const Outcome& outcome, const Tally& tally, const Names& names) {
  Text text =
      outcome.may_have_missed ? Text("Not sure: ", Ink::yellow) : Text("Gone: ", Ink::green);
  if (tally.total == 1) {
    const ProcessOutcome& only = outcome.processes.front();
    text.add(names.of(only.id, only.name));
  } else {
    text.add(of_all(tally.gone(), tally.total));
  }
  if (tally.ended > 0) text.add(" in " + duration_text(outcome.took));
  if (tally.ended == 0) text.add(", already before the first signal");
  if (tally.zombies > 0)
    text.add("; " + count_text(tally.zombies, "still a zombie", "still zombies"));
  return text.add(missed_text(outcome)).add(".");
}

Text not_waited_sentence(const Outcome& outcome, const Tally& tally, const Names& names) {
  const bool all = tally.unknown == tally.total;
  Text text("Signalled ");
  text.add(all ? count_text(tally.total) : of_all(tally.unknown, tally.total));
  text.add(", not waited for");
  if (tally.gone() > 0) text.add("; ended already: " + count_text(tally.gone()));
  if (tally.not_permitted > 0)
    text.add("; ")
        .add("not permitted", Ink::red)
        .add(who(outcome, Fate::not_permitted, tally.not_permitted, names));
  return text.add(".");
}

}  // namespace

Tally tally(const Outcome& outcome) {
  Tally tally;
  tally.total = outcome.processes.size();
  for (const ProcessOutcome& process : outcome.processes) {
    switch (process.fate) {
      case Fate::ended:
        ++tally.ended;
        break;
      case Fate::already_ended:
        ++tally.already_ended;
        break;
      case Fate::survived:
        ++tally.survived;
        break;
      case Fate::not_permitted:
        ++tally.not_permitted;
        break;
      case Fate::unknown:
        ++tally.unknown;
        break;
    }
    if (process.zombie) ++tally.zombies;
  }
  return tally;
}

std::string fate_text(const ProcessOutcome& process, const Style& style) {
  switch (process.fate) {
    case Fate::ended:
      return ended_words(process);
    case Fate::already_ended:
      return process.zombie ? "" : "gone before the first signal";
    case Fate::survived:
    case Fate::not_permitted:
      return prose(process.why, style);
    case Fate::unknown:
      return process.last_signal ? "sent " + process.last_signal->name() : "";
  }
  return {};
}

Text zombie_text(const ProcessOutcome& process, const Names& names) {
  if (!process.zombie) return {};
  Text text("still a zombie");
  if (!process.zombie_of) return text;
  return text.add(" (")
      .add(names.of(*process.zombie_of, process.zombie_of_name))
      .add(" has not waited for it)");
}

Text verdict_sentence(const Forecast& forecast, const Verdict& verdict, const Names& names) {
  const Outcome& outcome = verdict.outcome;
  const Tally sum = tally(outcome);
  if (sum.total == 0)
    return Text(verdict.exit == plan::Exit::no_match ? "Nothing matched." : "Nothing was ended.");
  if (!outcome.interrupted && !outcome.waited) return not_waited_sentence(outcome, sum, names);
  if (!outcome.interrupted && sum.gone() == sum.total) return gone_sentence(outcome, sum, names);

  Text text;
  if (outcome.interrupted)
    text.add("Interrupted" + where_it_stopped(forecast, outcome), Ink::red).add("; ");
  bool first = true;
  auto part = [&](const char* words, Ink ink, std::size_t count, const Text& more) {
    if (count == 0) return;
    const bool begins = first && !outcome.interrupted;
    std::string label(words);
    if (begins) label[0] = static_cast<char>(label[0] - 'a' + 'A');
    text.add(first ? "" : "; ").add(label, ink);
    text.add(": " + (first ? of_all(count, sum.total) : count_text(count))).add(more);
    first = false;
  };
  part("survived", Ink::red, sum.survived, who(outcome, Fate::survived, sum.survived, names));
  part("not permitted", Ink::red, sum.not_permitted,
       who(outcome, Fate::not_permitted, sum.not_permitted, names));
  part("signalled, end not seen", Ink::yellow, sum.unknown,
       who(outcome, Fate::unknown, sum.unknown, names));
  part("gone", Ink::green, sum.gone(),
       sum.ended > 0 ? Text(" in " + duration_text(outcome.took)) : Text());
  return text.add(missed_text(outcome)).add(".");
}

}  // namespace knell::report
