/// Names: which words can be one, where a step uses one, and which was probably meant.

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "knell/script/parts.hpp"

namespace knell::script {
namespace {

constexpr std::array<std::string_view, 34> kReserved = {
    "any",    "all",       "none",     "nobody",    "kernel",   "outside", "same",
    "sleeps", "nohang",    "untraced", "stopped",   "exited",   "nowait",  "killed",
    "wall",   "wclone",    "nothread", "continued", "exitkill", "not",     "tty",
    "lock",   "semaphore", "segment",  "expect",    "type",     "hangup",  "oom",
    "pass",   "user",      "version",  "from",      "signal",   "but"};

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_in_name(char c) {
  return is_small(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Collects the names; a mention with an empty name, or a word that is reserved, is none.
class Collector {
public:
  void add(const std::string& name, Place at) {
    if (!name.empty() && !is_reserved(name)) all_.push_back({&name, at});
  }
  void operator()(const CallStep& step, Place at) {
    add(step.actor, at);
    for (const Argument& argument : step.arguments)
      if (argument.kind != Argument::Kind::user) add(argument.name, argument.at);
    if (step.result) add(step.result->name, step.result->at);
  }
  void operator()(const OomStep& step, Place /*at*/) { add(step.victim, step.victim_at); }
  void operator()(const ExpectStep& step, Place /*at*/) {
    add(step.task, step.subject_at);
    for (const Fact& fact : step.facts) {
      if (fact.kind != Fact::Kind::user) add(fact.name, fact.name_at);
      if (fact.result) add(fact.result->name, fact.result->at);
    }
  }
  template <class Other>
  void operator()(const Other& /*step*/, Place /*at*/) {}

  std::vector<Mention> take() { return std::move(all_); }

private:
  std::vector<Mention> all_;
};

/// How many letters to change, add, take away or swap with their neighbour (optimal string
/// alignment).
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> before;  // the row above `last`
  std::vector<std::size_t> last(other.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::vector<std::size_t> row(other.size() + 1, i);
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const bool same = one[i - 1] == other[j - 1];
      row[j] = std::min({last[j - 1] + (same ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, std::move(row));
  }
  return last.back();
}

}  // namespace

bool is_reserved(std::string_view word) {
  return std::ranges::find(kReserved, word) != kReserved.end();
}

bool is_name(std::string_view word) {
  return !word.empty() && is_small(word.front()) && std::ranges::all_of(word, is_in_name) &&
         !is_reserved(word);
}

std::vector<Mention> mentions(const Step& step) {
  Collector collector;
  std::visit([&](const auto& what) { collector(what, step.at); }, step.what);
  return collector.take();
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> among) {
  constexpr std::size_t longest = 32;  // nobody mistypes more, and the distance takes its time
  if (word.size() > longest) return {};
  std::string_view best;
  std::size_t least = word.size() < 4 ? 2 : 3;  // so far and no farther is it a slip of the hand
  for (const std::string_view candidate : among) {
    if (candidate.size() > longest) continue;
    const std::size_t far = distance(word, candidate);
    if (far < least) best = candidate, least = far;
  }
  return best;
}

}  // namespace knell::script
