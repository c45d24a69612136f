#include "knell/script/words.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>

#include <fmt/format.h>

#include "knell/script/print.hpp"
#include "knell/world/error.hpp"

namespace knell::script {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kAlone = ",{}";
constexpr int kLastErrno = 133;  // EHWPOISON, include/uapi/asm-generic/errno.h

/// Where the word that begins at `from` ends.
std::size_t end_of_word(std::string_view text, std::size_t from) {
  if (kAlone.contains(text[from]) || text[from] == '=') return from + 1;
  if (text.substr(from).starts_with("->")) return from + 2;
  const std::size_t end = text.find_first_of(",{} \t\r", from);
  return end == text.npos ? text.size() : end;
}

/// In a script, what is in capitals is Linux' and what begins with a small letter is the writer's.
bool in_capitals(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

Understood<SigSet> take_signals(Line& line) {
  SigSet set;
  for (; const auto signal = valid_signal_in(line.peek().text); line.next()) set.add(*signal);
  if (set.empty())
    return mistake(line.peek(), fmt::format("{} is no signal", quoted(line.peek())),
                   "signals are written TERM, RTMIN+1, 34; or none, or all");
  return set;
}

}  // namespace

Line::Line(std::string_view text, std::uint32_t number) {
  const auto place = [&](std::size_t offset) {
    return Place{number, static_cast<std::uint32_t>(offset + 1)};
  };
  std::size_t at = 0;
  for (;;) {
    at = std::min(text.find_first_not_of(kBlanks, at), text.size());
    if (at == text.size()) break;
    if (text[at] == '#') {
      comment_ = text.substr(at + 1);
      break;
    }
    const std::size_t end = end_of_word(text, at);
    words_.push_back({text.substr(at, end - at), place(at)});
    at = end;
  }
  end_.at = place(at);
}

Word Line::peek(std::size_t ahead) const {
  return at_ + ahead < words_.size() ? words_[at_ + ahead] : end_;
}

Word Line::next() {
  const Word word = peek();
  if (!done()) ++at_;
  return word;
}

bool Line::take(std::string_view text) {
  if (done() || peek().text != text) return false;
  ++at_;
  return true;
}

std::unexpected<Mistake> mistake(const Word& word, std::string what, std::string hint) {
  return std::unexpected(Mistake{word.at, std::move(what), std::move(hint)});
}

std::string quoted(const Word& word) {
  return word.text.empty() ? "the end of the line" : fmt::format("'{}'", word.text);
}

std::optional<std::int64_t> number_in(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  const bool hexadecimal = digits.starts_with("0x");
  if (hexadecimal) digits.remove_prefix(2);
  if (digits.empty() || digits.front() == '-') return {};
  const std::string whole = fmt::format("{}{}", negative ? "-" : "", digits);
  std::int64_t value = 0;
  const char* const end = whole.data() + whole.size();
  const auto read = std::from_chars(whole.data(), end, value, hexadecimal ? 16 : 10);
  if (read.ec != std::errc{} || read.ptr != end) return {};
  return value;
}

std::optional<std::int64_t> signal_in(std::string_view text) {
  if (const auto number = number_in(text)) return number;
  if (!in_capitals(text)) return {};
  if (const auto signal = Signal::parse(text)) return signal->number();
  return {};
}

std::optional<Signal> valid_signal_in(std::string_view text) {
  const auto number = signal_in(text);
  if (!number || *number < 1 || *number > Signal::kLast) return {};
  return Signal(static_cast<int>(*number));
}

std::optional<int> errno_in(std::string_view text) {
  if (!text.starts_with('E')) return {};
  if (text == "EWOULDBLOCK") return EAGAIN;
  for (int number = 1; number <= kLastErrno; ++number)
    if (errno_name(number) == text) return number;
  return {};
}

std::optional<std::int64_t> duration_in(std::string_view text) {
  const bool milliseconds = text.ends_with("ms");
  if (!milliseconds && !text.ends_with('s')) return {};
  text.remove_suffix(milliseconds ? 2 : 1);
  const auto number = number_in(text);
  if (!number || *number < 0 || *number > kLongest) return {};
  const std::int64_t value = milliseconds ? *number : *number * 1000;
  return value <= kLongest ? std::optional(value) : std::nullopt;
}

Understood<std::int64_t> take_number(Line& line, std::string_view what) {
  const Word word = line.next();
  if (const auto number = number_in(word.text)) return *number;
  return mistake(word, fmt::format("{} is not {}", quoted(word), what));
}

Understood<Word> take_name(Line& line, std::string_view whose) {
  const Word word = line.next();
  if (is_name(word.text)) return word;
  if (is_reserved(word.text))
    return mistake(word, fmt::format("'{}' cannot be {}", word.text, whose),
                   "the word means something itself");
  return mistake(word, fmt::format("{} is not {}", quoted(word), whose),
                 "a name begins with a small letter; letters, digits, _ and - follow");
}

Understood<SigSet> take_set(Line& line) {
  if (line.take("none")) return SigSet();
  if (!line.take("all")) return take_signals(line);
  if (!line.take("but")) return ~SigSet();
  return ~KNELL_TRY(take_signals(line));
}

Understood<> at_end(const Line& line, std::string_view usage) {
  if (line.done()) return {};
  return mistake(line.peek(), fmt::format("{} is too much", quoted(line.peek())),
                 usage.empty() ? std::string() : fmt::format("it goes: {}", usage));
}

std::string signal_text(std::int64_t number) {
  if (number < 1 || number > Signal::kLast) return fmt::format("{}", number);
  return Signal(static_cast<int>(number)).name();
}

std::string set_text(SigSet set) {
  constexpr int many = 56;  // what is left out is told then
  if (set.empty()) return "none";
  if ((~set).empty()) return "all";
  if (std::popcount(set.bits()) >= many) return "all but " + set_text(~set);
  std::string text;
  for (SigSet left = set; !left.empty(); left.remove(left.lowest()))
    text += fmt::format("{}{}", text.empty() ? "" : " ", left.lowest().name());
  return text;
}

std::string duration_text(std::int64_t milliseconds) {
  if (milliseconds != 0 && milliseconds % 1000 == 0) return fmt::format("{}s", milliseconds / 1000);
  return fmt::format("{}ms", milliseconds);
}

}  // namespace knell::script
