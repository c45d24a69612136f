#pragma once

/// A line of a scenario as words, and the small things that are written with one: numbers, signals,
/// errnos, spans of time. Only for this room's .cpp files.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "knell/script/script.hpp"
#include "knell/world/signal.hpp"

namespace knell::script {

/// What is wrong with a word, and a way out.
struct Mistake {
  Place at;
  std::string what;
  std::string hint;
};
template <class T = void>
using Understood = std::expected<T, Mistake>;

struct Word {
  std::string_view text;  ///< empty behind the last one
  Place at;
};

/// A line's words, read from left to right. Blanks divide them; ',' '{' '}', and '=' and "->" where
/// a word begins, stand for themselves; '#' where a word begins starts a comment.
class Line {
public:
  Line(std::string_view text, std::uint32_t number);

  [[nodiscard]] bool done() const { return at_ == words_.size(); }
  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] Word peek(std::size_t ahead = 0) const;
  Word next();
  /// Takes the next word if it is this one.
  bool take(std::string_view text);
  [[nodiscard]] std::optional<std::string_view> comment() const { return comment_; }

private:
  std::vector<Word> words_;
  std::size_t at_ = 0;
  std::optional<std::string_view> comment_;
  Word end_;
};

[[nodiscard]] std::unexpected<Mistake> mistake(const Word& word, std::string what,
                                               std::string hint = {});
/// "'foo'", or "the end of the line".
[[nodiscard]] std::string quoted(const Word& word);

/// A whole number, decimal or 0x.
[[nodiscard]] std::optional<std::int64_t> number_in(std::string_view text);
/// A signal by its name in capitals or its number, valid or not ("kill job 65" is an error of the
/// kernel's, not of the scenario's).
[[nodiscard]] std::optional<std::int64_t> signal_in(std::string_view text);
/// One of 1 to 64.
[[nodiscard]] std::optional<Signal> valid_signal_in(std::string_view text);
[[nodiscard]] std::optional<int> errno_in(std::string_view text);
/// An hour: a timer that fires every millisecond does so four million times in it.
inline constexpr std::int64_t kLongest = 3'600'000;
/// Milliseconds: "100ms", "2s", up to an hour.
[[nodiscard]] std::optional<std::int64_t> duration_in(std::string_view text);

[[nodiscard]] Understood<std::int64_t> take_number(Line& line, std::string_view what);
[[nodiscard]] Understood<Word> take_name(Line& line, std::string_view whose);
/// Signals as long as there are any; "none"; "all", or "all but" some.
[[nodiscard]] Understood<SigSet> take_set(Line& line);
[[nodiscard]] Understood<> at_end(const Line& line, std::string_view usage = {});

[[nodiscard]] std::string signal_text(std::int64_t number);
[[nodiscard]] std::string duration_text(std::int64_t milliseconds);

}  // namespace knell::script
