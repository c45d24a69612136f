/// A call and its arguments, by the table of forms.hpp.

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/parts.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

using Kind = Argument::Kind;

const Choice* choice_of(std::span<const Choice> choices, std::string_view word) {
  const auto found = std::ranges::find(choices, word, &Choice::word);
  return found == choices.end() ? nullptr : &*found;
}

std::string list_of(std::span<const Choice> choices) {
  std::string text;
  for (const Choice& choice : choices)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", choice.word);
  return text;
}

/// NAME, -NAME, group:NAME, -group:NAME, session:NAME; nothing for another word.
std::optional<Argument> task_number(const Word& word) {
  const auto named = [&](Kind kind, std::size_t prefix) -> std::optional<Argument> {
    const std::string_view name = word.text.substr(prefix);
    if (!is_name(name)) return {};
    return Argument{kind, 0, std::string(name), word.at};
  };
  if (word.text.starts_with("-group:")) return named(Kind::minus_group, 7);
  if (word.text.starts_with("group:")) return named(Kind::group, 6);
  if (word.text.starts_with("session:")) return named(Kind::session, 8);
  if (word.text.starts_with('-')) return named(Kind::minus_task, 1);
  return named(Kind::task, 0);
}

class Call {
public:
  Call(Line& line, std::span<const User> users, const Form& form)
      : line_(line), users_(users), form_(form) {}

  Understood<Argument> argument(const Slot& slot) {
    if (slot.keyword.ends_with('=')) return joined(slot);
    if (!slot.keyword.empty() && !line_.take(slot.keyword)) {
      if (slot.otherwise) return number(*slot.otherwise);
      return wrong(fmt::format("{} is not '{}'", quoted(line_.peek()), slot.keyword));
    }
    return value(slot);
  }

private:
  Argument number(std::int64_t value) const { return {Kind::number, value, {}, line_.peek().at}; }

  std::unexpected<Mistake> wrong(std::string what, std::string hint = {}) const {
    if (hint.empty()) hint = fmt::format("it goes: {} {}", form_.word, form_.usage);
    return mistake(line_.peek(), std::move(what), std::move(hint));
  }

  /// exit=USR1
  Understood<Argument> joined(const Slot& slot) {
    const Word word = line_.peek();
    if (!word.text.starts_with(slot.keyword)) return number(*slot.otherwise);
    const auto signal = signal_in(word.text.substr(slot.keyword.size()));
    if (!signal) return wrong(fmt::format("{} names no signal", quoted(word)));
    line_.next();
    return Argument{Kind::number, *signal, {}, word.at};
  }

  Understood<Argument> value(const Slot& slot) {
    switch (slot.kind) {
      case Slot::Kind::flags:
        return flags(slot);
      case Slot::Kind::set:
        return set();
      case Slot::Kind::user:
        return take_user(line_, users_);
      default:
        return one_word(slot);
    }
  }

  Understood<Argument> set() {
    const Place at = line_.peek().at;
    const SigSet signals = KNELL_TRY(take_set(line_));
    return Argument{Kind::number, static_cast<std::int64_t>(signals.bits()), {}, at};
  }

  Understood<Argument> flags(const Slot& slot) {
    Argument argument = number(0);
    bool any = false;
    for (; const Choice* flag = choice_of(slot.choices, line_.peek().text); any = true) {
      argument.value |= flag->value;
      line_.next();
    }
    if (!any && !slot.otherwise)
      return wrong(fmt::format("{} is none of {}", quoted(line_.peek()), list_of(slot.choices)));
    return argument;
  }

  Understood<Argument> one_word(const Slot& slot) {
    const Word word = line_.peek();
    if (auto argument = understood(slot, word)) {
      line_.next();
      argument->at = word.at;
      return *argument;
    }
    if (slot.otherwise) return number(*slot.otherwise);
    return wrong(fmt::format("{} is {}", quoted(word), is_not(slot)));
  }

  std::optional<Argument> understood(const Slot& slot, const Word& word) const {
    if (const Choice* choice = choice_of(slot.choices, word.text)) return number(choice->value);
    std::optional<std::int64_t> value;
    if (slot.kind == Slot::Kind::target) {
      if (auto task = task_number(word)) return task;
      value = number_in(word.text);
    }
    if (slot.kind == Slot::Kind::signal) value = signal_in(word.text);
    if (slot.kind == Slot::Kind::number) value = number_in(word.text);
    if (slot.kind == Slot::Kind::duration) value = duration_in(word.text);
    return value ? std::optional(number(*value)) : std::nullopt;
  }

  static std::string is_not(const Slot& slot) {
    switch (slot.kind) {
      case Slot::Kind::target:
        return "neither a task's name nor a number";
      case Slot::Kind::signal:
        return "no signal";
      case Slot::Kind::duration:
        return "no span of time such as 100ms or 2s";
      case Slot::Kind::choice:
        return "none of " + list_of(slot.choices);
      default:
        return "no number";
    }
  }

  Line& line_;
  std::span<const User> users_;
  const Form& form_;
};

/// raw NAME ARG...: five arguments at most, each a number or a task's.
Understood<> take_raw(Line& line, CallStep& step) {
  const Word name = line.next();
  const auto nr = call_named(name.text);
  if (!nr || name_of(*nr) != name.text)
    return mistake(name, fmt::format("{} is no call of Linux'", quoted(name)));
  step.nr = *nr;
  for (Argument& argument : step.arguments) {
    const Word word = line.peek();
    if (word.text.empty() || word.text == "->" || word.text == "=") break;
    if (const auto value = number_in(word.text))
      argument = {Kind::number, *value, {}, word.at};
    else if (auto task = task_number(word))
      argument = *task;
    else
      return mistake(word, fmt::format("{} is neither a task's name nor a number", quoted(word)));
    line.next();
  }
  return {};
}

std::unexpected<Mistake> no_such_call(const Word& word) {
  std::vector<std::string_view> words;
  for (const Form& form : forms()) words.push_back(form.word);
  const std::string_view meant = nearest(word.text, words);
  return mistake(
      word, fmt::format("{} is no call", quoted(word)),
      meant.empty() ? "docs/scenario.md lists them" : fmt::format("did you mean {}?", meant));
}

}  // namespace

Understood<Argument> take_user(Line& line, std::span<const User> users) {
  const Word word = line.next();
  if (word.text == "same") return Argument{Kind::number, -1, {}, word.at};
  if (const auto number = number_in(word.text)) return Argument{Kind::number, *number, {}, word.at};
  const auto found = std::ranges::find(users, word.text, &User::name);
  if (found == users.end())
    return mistake(word, fmt::format("{} is no user", quoted(word)),
                   "a user is named before the first step: user alice 1001");
  return Argument{Kind::user, found->uid.value(), found->name, word.at};
}

Understood<> take_call(Line& line, std::span<const User> users, CallStep& step) {
  const Word word = line.next();
  step.call_at = word.at;
  if (word.text == kRaw) return take_raw(line, step);
  const Form* form = form_of(word.text);
  if (form == nullptr) return no_such_call(word);
  step.nr = form->nr;
  for (std::size_t i = 0; i < form->fixed.size(); ++i)
    step.arguments[i].value = form->fixed[i].value_or(0);
  Call call(line, users, *form);
  for (const Slot& slot : form->slots)
    if (slot.kind != Slot::Kind::none)
      step.arguments[slot.argument] = KNELL_TRY(call.argument(slot));
  return {};
}

}  // namespace knell::script
