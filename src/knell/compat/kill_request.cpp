#include "knell/compat/kill_request.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "knell/compat/kill_messages.hpp"
#include "knell/compat/kill_options.hpp"
#include "knell/compat/kill_signals.hpp"
#include "knell/compat/typed_number.hpp"

namespace knell::compat {
namespace {

using report::Option;
using Action = KillRequest::Action;

using Done = std::expected<void, Misuse>;

class Parser {
public:
  Parser(Style style, std::span<char* const> words)
      : style_(style),
        options_(style),
        words_(words),
        permutes_(options_.as_getopt() && std::getenv("POSIXLY_CORRECT") == nullptr) {}

  std::expected<KillRequest, Misuse> parse() {
    while (next_ < words_.size() && !complete_) {
      const std::string_view word = words_[next_++];
      const Done done = take(word);
      if (!done) return std::unexpected(done.error());
    }
    request_.signal = named_.value_or(dashed_.value_or(signals::kTerm));
    if (const Done fine = check(); !fine) return std::unexpected(fine.error());
    return std::move(request_);
  }

private:
  /// Where options have to stand before operands, `kill 123 -s 0` would send TERM to 123 and to the
  /// caller's own group: what begins with a dash is refused there.
  Done take(std::string_view word) {
    const bool dashed = word.size() > 1 && word.front() == '-' && !dashes_seen_;
    if (dashed && all_digits(word.substr(1))) return take_number(word);
    if (dashed && only_operands_)
      return misuse("'" + std::string(word) + "' behind a process: options stand before it");
    if (!dashed) return take_operand(word);
    if (word == "--") return dashes_seen_ = only_operands_ = true, Done();
    if (word.starts_with("--")) return take_long(word.substr(2));
    if (names_signal(word.substr(1))) return take_name(word);
    return take_letters(word);
  }

  Done take_operand(std::string_view word) {
    request_.operands.push_back(word);
    only_operands_ = only_operands_ || !permutes_;
    return {};
  }

  // Signals.

  [[nodiscard]] bool has_signal() const {
    return style_ == Style::procps ? dashed_.has_value() : dashed_ || named_;
  }

  /// `-9` is a signal (POSIX), and with a signal already given a process group. Behind a process
  /// it may be meant as either: a signal that came late, or a group.
  Done take_number(std::string_view word) {
    if (has_signal() || request_.action != Action::send) return take_operand(word);
    const std::optional<long> number = typed_number<long>(word.substr(1));
    const bool could_be_signal = number && *number <= Signal::kLast;
    const bool late = !request_.operands.empty() && style_ != Style::procps;
    if (late && could_be_signal)
      return misuse("'" + std::string(word) +
                    "' behind a process: a signal stands before it, a process group behind '--'");
    if (late) return take_operand(word);
    const auto signal = signal_to_send(style_, word.substr(1));
    if (signal && (could_be_signal || style_ == Style::procps)) return dashed_ = signal, Done();
    if (style_ == Style::procps) return take_operand(word);
    std::string text = messages::invalid_dash_signal(style_, word.substr(1));
    if (style_ == Style::knell) text += " (process group: kill -- " + std::string(word) + ")";
    return misuse(text);
  }

  [[nodiscard]] bool names_signal(std::string_view name) const {
    if (style_ == Style::coreutils && (name.front() < 'A' || name.front() > 'Z')) return false;
    return named_signal(name).has_value();
  }

  Done take_name(std::string_view word) {
    if (!has_signal()) return dashed_ = named_signal(word.substr(1)), Done();
    if (style_ == Style::procps) return misuse(messages::unknown_option(style_, word, word[1]));
    return misuse(messages::second_signal(style_, word.substr(1)));
  }

  Done take_signal(std::string_view word) {
    if (style_ == Style::coreutils && has_signal())
      return misuse(messages::second_signal(style_, word));
    named_ = signal_to_send(style_, word);
    if (named_) return {};
    if (style_ != Style::procps) return misuse(messages::invalid_signal(style_, word));
    named_ = Signal(-1);  // procps lets the kernel refuse it
    return {};
  }

  // Options.

  Done take_letters(std::string_view word) {
    if (style_ == Style::coreutils && word[1] != 'L' && messages::starts_signal(word[1]))
      return misuse(messages::invalid_dash_signal(style_, word.substr(1)));
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Option* const option = options_.by_letter(word[i]);
      const bool alone = word.size() == 2 || (word[i + 1] == '=' && style_ == Style::util_linux);
      if (option == nullptr || (!options_.as_getopt() && !alone))
        return misuse(messages::unknown_option(style_, word, word[i]));
      if (option->value.empty() && (word.size() == 2 || options_.as_getopt())) {
        if (Done done = apply(*option, {}, std::nullopt); !done || complete_) return done;
        continue;
      }
      std::string_view rest = word.substr(i + 1);
      if (rest.starts_with('=') && style_ == Style::util_linux) rest.remove_prefix(1);
      if (!rest.empty() && option->optional && style_ == Style::coreutils)
        return misuse(messages::unknown_option(style_, word, rest.front()));
      return apply(*option, "-" + std::string(1, option->letter),
                   rest.empty() ? std::nullopt : std::optional(rest));
    }
    return {};
  }

  Done take_long(std::string_view word) {
    const std::size_t end = std::min(word.find('='), word.size());
    const Option* const option = options_.by_name(word.substr(0, end));
    const std::string dashed = "--" + std::string(word);
    if (option == nullptr) return misuse(messages::unknown_option(style_, dashed, 0));
    const bool valued = end < word.size();
    if (valued && (option->value.empty() || (option->optional && style_ == Style::coreutils)))
      return misuse("option '--" + option->name + "' doesn't allow an argument");
    return apply(*option, "--" + option->name,
                 valued ? std::optional(word.substr(end + 1)) : std::nullopt);
  }

  /// The value of an option that needs one: in the same word, or the next.
  std::expected<std::string_view, Misuse> value(const std::string& option,
                                                std::optional<std::string_view> given) {
    if (given) return *given;
    if (next_ == words_.size()) return misuse(messages::value_missing(style_, option));
    return words_[next_++];
  }

  /// `name` as it was typed; `given`: its value if it stood in the same word.
  Done apply(const Option& option, const std::string& name, std::optional<std::string_view> given) {
    if (option.name == "list" || option.name == "table" || option.letter == 't')
      return take_list(option, given);
    if (!option.value.empty()) {
      const auto word = value(name, given);
      return word ? take_value(option, *word) : std::unexpected(word.error());
    }
    if (option.name == "help") finish(Action::help);
    if (option.name == "version" || option.letter == 'v') finish(Action::version);
    if (option.name == "all") request_.all_users = true;
    if (option.name == "pid") request_.only_print = true;
    if (option.name == "require-handler") request_.only_handlers = true;
    if (option.name == "verbose") request_.verbose = true;
    return {};
  }

  void finish(Action action) {
    request_.action = action;
    complete_ = true;
  }

  Done take_value(const Option& option, std::string_view word) {
    if (option.letter == 's' || option.letter == 'n') return take_signal(word);
    if (option.name == "queue") return take_queue_value(word);
    if (option.name == "timeout") return take_follow_up(word);
    finish(Action::state);
    request_.operands.assign(1, word);
    return {};
  }

  Done take_queue_value(std::string_view word) {
    const auto number = typed_number<long>(word);
    if (!number || !std::in_range<int>(*number))
      return misuse(messages::value_invalid(style_, word), false);
    request_.value = static_cast<int>(*number);
    return {};
  }

  Done take_follow_up(std::string_view word) {
    const auto after = typed_number<long>(word);
    if (!after || *after < 0 || !std::in_range<int>(*after))
      return misuse(messages::value_invalid(style_, word), false);
    if (next_ == words_.size()) return misuse(messages::value_missing(style_, "--timeout"));
    const std::string_view name = words_[next_++];
    const auto signal = signal_to_send(style_, name);
    if (!signal) return misuse(messages::invalid_signal(style_, name));
    request_.follow_ups.push_back({std::chrono::milliseconds(*after), *signal});
    return {};
  }

  /// All but coreutils take no further options; procps one operand.
  Done take_list(const Option& option, std::optional<std::string_view> given) {
    if (style_ == Style::coreutils && request_.action != Action::send)
      return misuse("multiple -l or -t options specified");
    request_.action = option.name == "list" ? Action::list : Action::columns;
    if (option.letter == 't' || (option.letter == 'L' && style_ == Style::coreutils))
      request_.action = Action::table;
    if (style_ == Style::coreutils) return {};
    complete_ = true;
    request_.operands.clear();
    if (given) request_.operands.push_back(*given);
    if (given && style_ != Style::knell) return {};
    if (style_ == Style::knell && next_ < words_.size() && words_[next_] == std::string_view("--"))
      ++next_;
    while (next_ < words_.size()) request_.operands.emplace_back(words_[next_++]);
    if (style_ == Style::procps) keep_one_word();
    return {};
  }

  void keep_one_word() {
    if (request_.operands.size() > 1) request_.operands.resize(1);
    if (!request_.operands.empty() && request_.operands.front().starts_with('-'))
      request_.operands.clear();
  }

  // What does not go together.

  [[nodiscard]] Done check() const {
    const bool lists = request_.action == Action::list || request_.action == Action::table;
    if (style_ == Style::coreutils && lists && has_signal())
      return misuse("cannot combine signal with -l or -t");
    if (style_ == Style::util_linux) {
      if (lists && request_.operands.size() > 1) return misuse("too many arguments");
      if (request_.only_print && has_signal())
        return misuse("--pid and --signal are mutually exclusive");
      if (request_.only_print && request_.value)
        return misuse("--pid and --queue are mutually exclusive");
    }
    if (request_.action == Action::send && request_.operands.empty())
      return misuse(messages::nobody_named(style_));
    return {};
  }

  const Style style_;
  const KillOptions options_;
  const std::span<char* const> words_;
  const bool permutes_;  ///< options may stand behind operands
  std::size_t next_ = 0;
  bool only_operands_ = false;
  bool dashes_seen_ = false;      ///< "--": what begins with a dash is no mistake from here on
  bool complete_ = false;         ///< what is left of the words does not count
  std::optional<Signal> dashed_;  ///< -9, -KILL
  std::optional<Signal> named_;   ///< -s KILL: counts more
  KillRequest request_;
};

}  // namespace

std::expected<KillRequest, Misuse> parse_kill(Style style, std::span<char* const> words) {
  return Parser(style, words).parse();
}

}  // namespace knell::compat
