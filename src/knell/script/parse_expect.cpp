/// The facts behind `expect`.

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/parts.hpp"
#include "knell/script/phrases.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

using Kind = Fact::Kind;
using Subject = ExpectStep::Subject;

class Facts {
public:
  Facts(Line& line, std::span<const User> users, Subject subject)
      : line_(line), users_(users), subject_(subject) {}

  Understood<Fact> fact() {
    Fact fact{.at = line_.peek().at};
    fact.negated = line_.take("not");
    const Phrase* phrase = this->phrase();
    if (phrase == nullptr) return no_fact();
    fact.kind = phrase->kind;
    KNELL_TRY(rest(phrase->rest, fact));
    return fact;
  }

private:
  const Phrase* phrase() {
    for (const Phrase& phrase : phrases_of(subject_)) {
      if (line_.peek().text != phrase.first) continue;
      if (!phrase.second.empty() && line_.peek(1).text != phrase.second) continue;
      line_.next();
      if (!phrase.second.empty()) line_.next();
      return &phrase;
    }
    return nullptr;
  }

  std::unexpected<Mistake> no_fact() const {
    std::string all;
    std::vector<std::string_view> words;
    for (const Phrase& phrase : phrases_of(subject_)) {
      words.push_back(phrase.first);
      all += fmt::format("{}{}", all.empty() ? "" : ", ", phrase.first);
      if (!phrase.second.empty()) all += fmt::format(" {}", phrase.second);
    }
    const std::string_view meant = nearest(line_.peek().text, words);
    return mistake(line_.peek(), fmt::format("{} is nothing to expect here", quoted(line_.peek())),
                   meant.empty() ? fmt::format("one can expect: {}", all)
                                 : fmt::format("did you mean {}?", meant));
  }

  Understood<> rest(Rest rest, Fact& fact) {
    switch (rest) {
      case Rest::nothing:
        return {};
      case Rest::call:
        return call(fact);
      case Rest::may_signal:
        if (!valid_signal_in(line_.peek().text)) return {};
        [[fallthrough]];
      case Rest::signal:
        return signal(fact);
      case Rest::status:
        return status(fact);
      case Rest::task:
        return task(fact);
      case Rest::may_number:
        if (line_.take("none")) return fact.number = -1, Understood<>();
        [[fallthrough]];
      case Rest::number:
        return number(fact);
      case Rest::task_or_number:
        return number_in(line_.peek().text) ? number(fact) : task(fact);
      case Rest::user:
        return user(fact);
      case Rest::set:
        return set(fact);
      case Rest::queued:
        KNELL_TRY(signal(fact));
        return number(fact);
      case Rest::handled:
        return handled(fact);
      case Rest::result:
        return result(fact);
    }
    return {};
  }

  Understood<> call(Fact& fact) {
    const Word word = line_.next();
    const auto nr = call_named(word.text);
    if (!nr) return mistake(word, fmt::format("{} is no call", quoted(word)));
    fact.call = *nr;
    return {};
  }

  Understood<> signal(Fact& fact) {
    const Word word = line_.next();
    const auto signal = valid_signal_in(word.text);
    if (!signal) return mistake(word, fmt::format("{} is no signal", quoted(word)));
    fact.signal = *signal;
    return {};
  }

  Understood<> status(Fact& fact) {
    const Word word = line_.peek();
    const std::optional<int> status = KNELL_TRY(take_status(line_));
    if (status && (*status & 0x7f) == 0x7f)
      return mistake(word, fmt::format("{} is not how a process ends", quoted(word)));
    fact.number = status.value_or(-1);
    return {};
  }

  Understood<> task(Fact& fact) {
    if (line_.take("nobody")) {
      fact.name = "nobody";
      return {};
    }
    fact.name_at = line_.peek().at;
    fact.name = KNELL_TRY(take_name(line_, "a task's name")).text;
    return {};
  }

  Understood<> number(Fact& fact) {
    fact.number = KNELL_TRY(take_number(line_, "a number"));
    return {};
  }

  Understood<> user(Fact& fact) {
    Argument user = KNELL_TRY(take_user(line_, users_));
    fact.number = user.value;
    fact.name = std::move(user.name);
    return {};
  }

  Understood<> set(Fact& fact) {
    fact.set = KNELL_TRY(take_set(line_));
    return {};
  }

  Understood<> result(Fact& fact) {
    fact.result = KNELL_TRY(take_result(line_));
    return {};
  }

  /// The order counts here, and a signal may come twice.
  Understood<> handled(Fact& fact) {
    if (line_.take("none")) return {};
    const Word first = line_.peek();
    for (; const auto signal = valid_signal_in(line_.peek().text); line_.next())
      fact.signals.push_back(*signal);
    if (fact.signals.empty())
      return mistake(first, fmt::format("{} is no signal", quoted(first)),
                     "it goes: handled TERM INT, or handled TERM from shell");
    const Word word = line_.peek();
    if (word.text != "from" && word.text != "value") return {};
    if (fact.signals.size() != 1)
      return mistake(word, "only of one signal can be said who sent it");
    return told(fact);
  }

  Understood<> told(Fact& fact) {
    fact.kind = Kind::told;
    fact.signal = fact.signals.front();
    fact.signals.clear();
    if (line_.take("from")) {
      const std::string_view who = line_.peek().text;
      fact.name_at = line_.peek().at;
      if (who == "kernel" || who == "outside")
        fact.name = line_.next().text;
      else
        fact.name = KNELL_TRY(take_name(line_, "a task's name, kernel or outside")).text;
    }
    if (line_.take("value")) fact.value = KNELL_TRY(take_number(line_, "a number"));
    return {};
  }

  Line& line_;
  std::span<const User> users_;
  Subject subject_;
};

Understood<std::uint32_t> take_index(Line& line, std::uint32_t count, std::string_view what) {
  const Word word = line.peek();
  const std::int64_t number = KNELL_TRY(take_number(line, fmt::format("the number of a {}", what)));
  if (number < 0 || number >= count)
    return mistake(word, fmt::format("there are {} {}s, 0 to {}", count, what, count - 1));
  return static_cast<std::uint32_t>(number);
}

/// job | tty [N] | lock N | semaphore N | segment
Understood<> take_subject(Line& line, ExpectStep& expect) {
  constexpr std::uint32_t ttys = 8, locks = 8, semaphores = 4;  // as call.hpp has them
  expect.subject_at = line.peek().at;
  if (line.take("tty")) {
    expect.subject = Subject::tty;
    if (number_in(line.peek().text)) expect.number = KNELL_TRY(take_index(line, ttys, "tty"));
  } else if (line.take("lock")) {
    expect.subject = Subject::lock;
    expect.number = KNELL_TRY(take_index(line, locks, "lock"));
  } else if (line.take("semaphore")) {
    expect.subject = Subject::semaphore;
    expect.number = KNELL_TRY(take_index(line, semaphores, "semaphore"));
  } else if (line.take("segment")) {
    expect.subject = Subject::segment;
  } else {
    expect.task = KNELL_TRY(take_name(line, "a task's name")).text;
  }
  return {};
}

}  // namespace

Understood<ExpectStep> take_expect(Line& line, std::span<const User> users) {
  ExpectStep expect;
  KNELL_TRY(take_subject(line, expect));
  Facts facts(line, users, expect.subject);
  do expect.facts.push_back(KNELL_TRY(facts.fact()));
  while (line.take(","));
  KNELL_TRY(at_end(line, "expect NAME FACT, FACT"));
  return expect;
}

}  // namespace knell::script
