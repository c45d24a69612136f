#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "knell/report/fold.hpp"
#include "knell/report/list.hpp"
#include "knell/report/numbers.hpp"
#include "knell/report/text.hpp"
#include "knell/report/verdict_words.hpp"

namespace knell::report {
namespace {

using plan::Fate;
using plan::Freed;
using plan::ProcessOutcome;
using plan::Unforeseen;
using plan::Verdict;
using std::chrono::microseconds;

/// What is told of one process; those with the same `words` and `tail` can be told together.
struct Item {
  ProcessId id;
  const std::string* name = nullptr;
  std::string words;
  Text tail;  ///< after the time
  bool born = false;
  bool timed = false;
  microseconds took{0};
};

struct Group {
  std::vector<const Item*> members;
  microseconds least{microseconds::max()};
  microseconds most{0};
};

class Account {
public:
  Account(Page& page, const Names& names) : page_(page), names_(names) {}

  /// A list of what became of processes: one by one if they fit on a screen, otherwise those that
  /// met the same end together.
  void tell(const std::string& label, const std::vector<Item>& items, Ink ink) {
    label_ = label;
    ink_ = ink;
    if (items.size() <= kMostLines || page_.style().verbose) {
      for (const Item& item : items) one(item);
      return;
    }
    std::map<std::string, Group> groups;
    for (const Item& item : items) {
      Group& group = groups[item.words + '\0' + item.tail.plain()];
      group.members.push_back(&item);
      group.least = std::min(group.least, item.took);
      group.most = std::max(group.most, item.took);
    }
    std::vector<const Group*> ordered;  // the largest first
    ordered.reserve(groups.size());
    for (const auto& [words, group] : groups) ordered.push_back(&group);
    std::ranges::sort(ordered, [](const Group* one, const Group* other) {
      const std::size_t more = one->members.size();
      const std::size_t less = other->members.size();
      return more != less ? more > less : one->members.front()->id < other->members.front()->id;
    });
    const std::size_t shown = shown_of(ordered.size(), page_.style(), kMostLines);
    std::size_t left = items.size();
    for (std::size_t i = 0; i < shown; ++i) {
      several(*ordered[i]);
      left -= ordered[i]->members.size();
    }
    if (left > 0) put(more_text(left, 0, page_.style()));
  }

private:
  void one(const Item& item) {
    Text text = names_.of(item.id, *item.name);
    if (item.born) text.add(" (born meanwhile)");
    put(text.add(story(item, item.took, item.took)));
  }

  void several(const Group& group) {
    const std::vector<const Item*>& members = group.members;
    if (members.size() == 1) return one(*members.front());
    Text text(count_text(members.size(), "process", "processes") + " (");
    const std::size_t shown = shown_of(members.size(), page_.style(), 3);
    for (std::size_t i = 0; i < shown; ++i)
      text.add(i == 0 ? "" : ", ").add(names_.of(members[i]->id, *members[i]->name));
    if (shown < members.size()) text.add(" and " + count_text(members.size() - shown) + " more");
    put(text.add(")").add(story(*members.front(), group.least, group.most)));
  }

  /// ": killed by TERM after 3 ms to 120 ms; still a zombie (…)"
  static Text story(const Item& item, microseconds least, microseconds most) {
    Text text(item.words);
    if (item.timed) {
      const std::string from = duration_text(least);
      const std::string to = duration_text(most);
      text.add(" after " + (from == to ? from : from + " to " + to));
    }
    if (!text.empty() && !item.tail.empty()) text.add("; ");
    text.add(item.tail);
    return text.empty() ? text : Text(": ").add(text);
  }

  void put(const Text& text) {
    entry(page_, label_, text, ink_);
    label_.clear();
  }

  Page& page_;
  const Names& names_;
  std::string label_;
  Ink ink_ = Ink::plain;
};

std::vector<Item> items_of(const Verdict& verdict, Fate fate, const Names& names,
                           const Style& style) {
  std::vector<Item> items;
  for (const ProcessOutcome& process : verdict.outcome.processes) {
    if (process.fate != fate) continue;
    Item& item = items.emplace_back();
    item.id = process.id;
    item.name = &process.name;
    item.words = fate_text(process, style);
    item.tail = zombie_text(process, names);
    item.timed = fate == Fate::ended;
    item.took = process.took;
    item.born = process.role == plan::Role::born;
  }
  return items;
}

std::vector<Item> items_of(const std::vector<Unforeseen>& unforeseen, const Style& style) {
  std::vector<Item> items;
  for (const Unforeseen& point : unforeseen) {
    Item& item = items.emplace_back();
    item.id = point.id;
    item.name = &point.name;
    item.words =
        "foretold: " + prose(point.foretold, style) + "; came: " + prose(point.came, style);
  }
  return items;
}

void freed(Page& page, const Freed& freed) {
  if (freed.source == Freed::Source::none) return;
  if (freed.bytes <= 0) return entry(page, "Memory", Text("nothing came back measurably"));
  const std::string bytes = bytes_text(static_cast<std::uint64_t>(freed.bytes));
  const std::string after = freed.after ? ", after " + duration_text(*freed.after) : "";
  if (freed.source == Freed::Source::cgroup)
    return entry(page, "Memory", Text(bytes + " came back (counted by its cgroup)" + after));
  entry(page, "Memory", Text("about " + bytes + " more is available on the machine" + after));
}

/// What else was done than to signal one after the other.
void way(Page& page, const plan::Outcome& outcome, const Names& names, const Style& style) {
  std::vector<Text> ways;
  if (outcome.held_still)
    ways.emplace_back("they grew in number: all were stopped first, then ended");
  for (const std::string& group : outcome.killed_groups)
    ways.emplace_back("cgroup.kill of " + prose(group, style));
  if (const std::vector<Pid>& groups = outcome.killed_process_groups; !groups.empty())
    ways.emplace_back(count_text(groups.size(), "process group", "process groups") +
                      " killed as a whole: " + std::to_string(groups.front().value()) +
                      (groups.size() > 1 ? ", ..." : ""));
  for (const std::string& group : outcome.thawed_groups)
    ways.emplace_back("thawed " + prose(group, style));
  for (const ProcessId id : outcome.released)
    ways.push_back(Text("process_mrelease of ").add(names.of(id)));
  for (const Text& each : ways) entry(page, &each == &ways.front() ? "Way" : "", each);
  if (outcome.may_have_missed)
    entry(page, "Not found",
          Text("they grew to the last of " + count_text(outcome.rounds) +
               " readings: some may live that were not seen"),
          Ink::yellow);
}

}  // namespace

std::string verdict_text(const plan::Forecast& forecast, const Verdict& verdict,
                         const Style& style) {
  Page page(style);
  const Names names(forecast, style);
  Account account(page, names);
  auto tell = [&](const char* label, Fate fate, Ink ink) {
    account.tell(label, items_of(verdict, fate, names, style), ink);
  };
  tell("Survived", Fate::survived, Ink::red);
  tell("Not permitted", Fate::not_permitted, Ink::red);
  tell("Ended", Fate::ended, Ink::green);
  tell("Ended before", Fate::already_ended, Ink::plain);
  // That a signal was sent to all of them is what the last line says.
  if (style.verbose) tell("Signalled", Fate::unknown, Ink::plain);
  account.tell("Unforeseen", items_of(verdict.unforeseen, style), Ink::yellow);
  way(page, verdict.outcome, names, style);
  freed(page, verdict.outcome.freed);
  std::string details = page.take();
  if (!details.empty()) details += '\n';
  Page last(style);
  last.line(verdict_sentence(forecast, verdict, names));
  return details + last.take();
}

}  // namespace knell::report
