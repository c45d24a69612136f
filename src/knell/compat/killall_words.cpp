#include "knell/compat/killall_words.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "knell/compat/help.hpp"
#include "knell/compat/locale.hpp"
#include "knell/compat/misuse.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/style.hpp"
#include "knell/compat/typed_number.hpp"
#include "knell/compat/words.hpp"
#include "knell/live/accounts.hpp"

namespace knell::compat {
namespace {

template <class T>
using Understood = std::expected<T, Misuse>;

/// The numbers and names of all signals but the real-time ones, in lines of at most 80 columns.
std::string signal_list() {
  constexpr int kLastNamed = 31;
  constexpr std::size_t kColumns = 80;
  std::string list;
  std::size_t column = 0;
  for (int number = 1; number <= kLastNamed; ++number) {
    const std::string name = Signal(number) == signals::kIo ? "POLL" : Signal(number).name();
    if (column + name.size() + 1 > kColumns) {
      list += '\n';
      column = 0;
    }
    if (column > 0) list += ' ';
    list += name;
    column += name.size() + 1;
  }
  return list + "\n";
}

Understood<Signal> signal_of(std::string_view word) {
  if (const auto signal = Signal::parse(word)) return *signal;
  if (word.starts_with("SIG")) word.remove_prefix(3);
  return misuse(std::string(word) + ": unknown signal; killall -l lists signals.", false);
}

bool is_upper(char letter) {
  return letter >= 'A' && letter <= 'Z';
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

/// "-HUP", "-SIGHUP", "-9"; not "-I", "-V", nor "-ZREGEX".
bool is_signal_word(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  return is_digit(word[1]) || (is_upper(word[1]) && word[1] != 'Z' && word.size() > 2);
}

/// Whether the value of this option is the next word.
bool takes_next(const report::Manual& manual, std::string_view word) {
  if (word.size() < 2 || word[0] != '-' || word.contains('=')) return false;
  const bool two_dashes = word[1] == '-';
  const std::string_view name = word.substr(two_dashes ? 2 : 1);
  for (const report::Option& option : manual.options) {
    const bool named = (two_dashes || name.size() > 1) && option.name.starts_with(name);
    if (named) return !option.value.empty();
  }
  for (std::size_t place = 0; place < name.size() && !two_dashes; ++place)
    for (const report::Option& option : manual.options)
      if (option.letter == name[place] && !option.value.empty()) return place + 1 == name.size();
  return false;
}

/// What getopt_long_only(3) cannot read is taken out first: a signal that is an option by itself,
/// and "-ve", which could be cut short from two names and is meant for neither.
struct Prepared {
  std::vector<std::string> words;
  std::string signal;  ///< "": none
};
Prepared prepare(const report::Manual& manual, int argc, char** argv) {
  Prepared prepared;
  bool options = true;
  bool value = false;
  for (int place = 0; place < argc; ++place) {
    const std::string_view word = argv[place];
    if (place > 0 && options && !value) {
      options = word != "--";
      if (is_signal_word(word)) {
        prepared.signal = word.substr(1);
        continue;
      }
      if (word == "-ve" || word == "-ver") {
        prepared.words.insert(prepared.words.end(), {"-v", "-e"});
        continue;
      }
    }
    value = !value && place > 0 && options && takes_next(manual, word);
    prepared.words.emplace_back(word);
  }
  return prepared;
}

/// "5m"; only the first letter of the unit counts. A month has four weeks, a year twelve months.
Understood<std::int64_t> seconds_in(std::string_view word) {
  constexpr std::pair<char, std::int64_t> kUnits[] = {{'s', 1},       {'m', 60},     {'h', 3600},
                                                      {'d', 86400},   {'w', 604800}, {'M', 2419200},
                                                      {'y', 29030400}};
  std::int64_t number = 0;
  const auto [stopped, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc{} && number > 0 && stopped != word.data() + word.size())
    for (const auto& [letter, seconds] : kUnits)
      if (letter == *stopped && number <= INT64_MAX / seconds) return number * seconds;
  return misuse("Invalid time format");
}

Understood<Uid> uid_of(const std::string& name) {
  if (const auto uid = live::uid_of_user(name)) return *uid;
  return misuse("Cannot find user " + name, false);
}

Understood<Pid> namespace_of(std::string_view word) {
  const auto number = typed_number<std::int32_t>(word);
  if (!number || *number < 0) return misuse("Invalid namespace PID");
  return Pid(*number);
}

/// Puts the value where it belongs, or says what is wrong with it.
template <class To, class From>
Understood<void> put(To& to, Understood<From> value) {
  if (!value) return std::unexpected(value.error());
  to = std::move(*value);
  return {};
}

Understood<Pattern> context_of(const std::string& text) {
  auto pattern = Pattern::compile(text, false);
  if (!pattern) return misuse("Bad regular expression: " + text, false);
  return std::move(*pattern);
}

Understood<void> take_value(KillallRequest& request, const Given& given) {
  if (given.is("signal")) return put(request.signal, signal_of(given.value));
  if (given.is("user")) return put(request.user, uid_of(given.value));
  if (given.is("younger-than")) return put(request.younger, seconds_in(given.value));
  if (given.is("older-than")) return put(request.older, seconds_in(given.value));
  if (given.is("ns")) return put(request.like, namespace_of(given.value));
  if (given.is("context")) return put(request.context, context_of(given.value));
  return {};
}

void take_flag(KillallRequest& request, const Given& given) {
  constexpr std::pair<std::string_view, bool KillallRequest::*> kFlags[] = {
      {"exact", &KillallRequest::exact},          {"ignore-case", &KillallRequest::ignore_case},
      {"process-group", &KillallRequest::groups}, {"interactive", &KillallRequest::ask},
      {"quiet", &KillallRequest::quiet},          {"regexp", &KillallRequest::patterns},
      {"verbose", &KillallRequest::verbose},      {"wait", &KillallRequest::wait},
      {"ancestors", &KillallRequest::ancestors},
  };
  for (const auto& [name, flag] : kFlags)
    if (given.is(name)) request.*flag = true;
}

/// One bit a name is what the original has.
Understood<void> check(const KillallRequest& request) {
  constexpr std::size_t kMostNames = 64;
  if (request.names.empty() && !request.user && !request.context) return misuse("");
  if (style() != Style::procps) {
    if (request.patterns && std::ranges::find(request.names, "") != request.names.end())
      return misuse("killall: an empty expression would match every process; . matches every name",
                    false);
    return {};
  }
  if (request.names.size() > kMostNames)
    return misuse("killall: Maximum number of names is " + std::to_string(kMostNames), false);
  return {};
}

Understood<KillallRequest> understand(Words& words, const std::string& signal) {
  if (!words.understood) return misuse("");
  KillallRequest request;
  if (!signal.empty())
    if (auto taken = put(request.signal, signal_of(signal)); !taken)
      return std::unexpected(taken.error());
  for (const Given& given : words.options) {
    take_flag(request, given);
    if (auto taken = take_value(request, given); !taken) return std::unexpected(taken.error());
  }
  request.names = std::move(words.operands);
  if (auto checked = check(request); !checked) return std::unexpected(checked.error());
  return request;
}

/// What `--help`, `--version` and `--list` print; "": none of them was given.
std::string asked_text(const report::Manual& manual, const Words& words) {
  for (const Given& given : words.options) {
    if (given.is("help")) return help_text(manual);
    if (given.is("version")) return version_text(manual.name);
    if (given.is("list-signals")) return signal_list();
  }
  return {};
}

}  // namespace

std::expected<KillallRequest, int> killall_request(const report::Manual& manual, int argc,
                                                   char** argv) {
  Prepared prepared = prepare(manual, argc, argv);
  std::vector<char*> pointers;
  pointers.reserve(prepared.words.size() + 1);
  for (std::string& word : prepared.words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  Words words = parse(manual, static_cast<int>(prepared.words.size()), pointers.data(), Order::any,
                      Dashes::one);
  if (const std::string text = asked_text(manual, words); words.understood && !text.empty())
    return std::unexpected(print(manual.name, text) ? 0 : 1);
  auto request = understand(words, prepared.signal);
  if (request && request->ignore_case) use_locale();
  if (request) return std::move(*request);
  if (!request.error().text.empty()) tell(request.error().text + "\n");
  if (request.error().usage) tell(help_text(manual));
  return std::unexpected(1);
}

}  // namespace knell::compat
