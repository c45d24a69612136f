#include "knell/script/print.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/parts.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

/// Of a task's number; anything else is told by its slot.
std::string argument_text(const Argument& argument) {
  switch (argument.kind) {
    case Argument::Kind::number:
      return fmt::format("{}", argument.value);
    case Argument::Kind::task:
    case Argument::Kind::user:
      return argument.name;
    case Argument::Kind::minus_task:
      return "-" + argument.name;
    case Argument::Kind::group:
      return "group:" + argument.name;
    case Argument::Kind::minus_group:
      return "-group:" + argument.name;
    case Argument::Kind::session:
      return "session:" + argument.name;
  }
  return {};
}

std::optional<std::string> choice_text(const Slot& slot, std::int64_t value) {
  const auto found = std::ranges::find(slot.choices, value, &Choice::value);
  if (found == slot.choices.end()) return {};
  return std::string(found->word);
}

/// Nothing if some bit has no word.
std::optional<std::string> flags_text(const Slot& slot, std::int64_t value) {
  std::string text;
  for (const Choice& choice : slot.choices) {
    if ((value & choice.value) == 0) continue;
    text += fmt::format("{}{}", text.empty() ? "" : " ", choice.word);
    value &= ~choice.value;
  }
  if (value != 0 || text.empty()) return {};
  return text;
}

std::optional<std::string> number_text(const Slot& slot, std::int64_t value) {
  if (auto choice = choice_text(slot, value)) return choice;
  switch (slot.kind) {
    case Slot::Kind::signal:
      return signal_text(value);
    case Slot::Kind::set:
      return set_text(SigSet(static_cast<std::uint64_t>(value)));
    case Slot::Kind::flags:
      return flags_text(slot, value);
    case Slot::Kind::duration:
      if (value < 0 || value > kLongest) return {};
      return duration_text(value);
    case Slot::Kind::user:
      return value == -1 ? "same" : fmt::format("{}", value);
    case Slot::Kind::target:
    case Slot::Kind::number:
      return fmt::format("{}", value);
    default:
      return {};
  }
}

/// One argument with what stands before it, and a blank; nothing where the slot cannot say it.
std::optional<std::string> slot_text(const Slot& slot, const Argument& argument) {
  const bool number = argument.kind == Argument::Kind::number;
  if (number && slot.otherwise == argument.value) return "";
  std::optional<std::string> text;
  if (number)
    text = number_text(slot, argument.value);
  else if ((slot.kind == Slot::Kind::user) == (argument.kind == Argument::Kind::user) &&
           (slot.kind == Slot::Kind::user || slot.kind == Slot::Kind::target))
    text = argument_text(argument);
  if (!text) return {};
  const bool joined = slot.keyword.empty() || slot.keyword.ends_with('=');
  return fmt::format(" {}{}{}", slot.keyword, joined ? "" : " ", *text);
}

std::optional<std::string> form_text(const Form& form, const CallStep& step) {
  std::array<bool, 5> told{};
  std::string text(form.word);
  for (const Slot& slot : form.slots) {
    if (slot.kind == Slot::Kind::none) break;
    const auto more = slot_text(slot, step.arguments[slot.argument]);
    if (!more) return {};
    text += *more;
    told[slot.argument] = true;
  }
  for (std::size_t i = 0; i < told.size(); ++i)
    if (!told[i] && step.arguments[i] != Argument{.value = form.fixed[i].value_or(0)}) return {};
  return text;
}

/// With as many arguments as are not 0.
std::string raw_text(const CallStep& step) {
  std::string text = fmt::format("{} {}", kRaw, name_of(step.nr));
  std::size_t count = step.arguments.size();
  while (count > 0 && step.arguments[count - 1] == Argument{}) --count;
  for (std::size_t i = 0; i < count; ++i) text += " " + argument_text(step.arguments[i]);
  return text;
}

std::string tty_text(std::uint32_t tty) {
  return tty == 0 ? "" : fmt::format(" tty {}", tty);
}

std::string_view key_text(kernel::Key key) {
  switch (key) {
    case kernel::Key::intr:
      return "^C";
    case kernel::Key::quit:
      return "^\\";
    case kernel::Key::susp:
      return "^Z";
    case kernel::Key::line:
      return "line";
  }
  return "";
}

std::string subject_text(const ExpectStep& expect) {
  switch (expect.subject) {
    case ExpectStep::Subject::task:
      return expect.task;
    case ExpectStep::Subject::tty:
      return "tty" + (expect.number == 0 ? "" : fmt::format(" {}", expect.number));
    case ExpectStep::Subject::lock:
      return fmt::format("lock {}", expect.number);
    case ExpectStep::Subject::semaphore:
      return fmt::format("semaphore {}", expect.number);
    case ExpectStep::Subject::segment:
      return "segment";
  }
  return "";
}

struct Printer {
  std::string operator()(const CallStep& step) const {
    std::string text = fmt::format("{}: {}", step.actor, print(step));
    if (!step.makes.empty()) text += " -> " + step.makes;
    if (step.result) text += " = " + print(*step.result);
    return text;
  }
  std::string operator()(const KeyStep& step) const {
    return fmt::format("type {}{}", key_text(step.key), tty_text(step.tty));
  }
  std::string operator()(const HangUpStep& step) const { return "hangup" + tty_text(step.tty); }
  std::string operator()(const OomStep& step) const { return "oom " + step.victim; }
  std::string operator()(const PassStep& step) const {
    return "pass " + duration_text(static_cast<std::int64_t>(step.milliseconds));
  }
  std::string operator()(const ExpectStep& expect) const {
    std::string text = "expect " + subject_text(expect);
    for (const Fact& fact : expect.facts)
      text += fmt::format("{} {}", &fact == expect.facts.data() ? "" : ",", print(fact));
    return text;
  }
};

std::string remark_text(const std::vector<std::string>& remarks) {
  std::string text;
  for (const std::string& remark : remarks)
    text += remark.empty() ? "#\n" : fmt::format("# {}\n", remark);
  return text;
}

std::string header_text(const Script& script) {
  std::string text;
  if (script.version)
    text += fmt::format("version {}\n",
                        kernel::kVersionNames[static_cast<std::size_t>(*script.version)]);
  for (const User& user : script.users)
    text += fmt::format("user {} {}\n", user.name, user.uid.value());
  if (script.ttys == 1) text += "tty\n";
  if (script.ttys > 1) text += fmt::format("tty {}\n", script.ttys);
  return text;
}

}  // namespace

std::string print(const CallStep& step) {
  for (const Form& form : forms())
    if (form.nr == step.nr)
      if (const auto text = form_text(form, step)) return *text;
  return raw_text(step);
}

std::string print(const Step& step) {
  std::string text = std::visit(Printer(), step.what);
  if (!step.aside.empty()) text += "  # " + step.aside;
  return text;
}

std::string print(const Script& script) {
  const bool remark_is_first =
      !script.steps.empty() ? !script.steps.front().remarks.empty() : !script.last_remarks.empty();
  std::string text = remark_text(script.story);
  if (text.empty() && remark_is_first) text = "#\n";  // or it would be the story
  if (!text.empty()) text += "\n";
  const std::string header = header_text(script);
  text += header;
  if (!header.empty()) text += "\n";
  for (const Step& step : script.steps) {
    const bool first = &step == script.steps.data();
    if (!step.remarks.empty() && !first) text += "\n";
    text += remark_text(step.remarks) + print(step) + "\n";
  }
  if (!script.last_remarks.empty()) text += "\n" + remark_text(script.last_remarks);
  return text;
}

}  // namespace knell::script
