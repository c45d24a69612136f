#include "knell/script/parse.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "knell/script/parts.hpp"

namespace knell::script {
namespace {

constexpr std::int64_t kMostTtys = 8;
constexpr std::int64_t kLastUid = 0xfffffffe;  // 2^32-1 means "unchanged" to setresuid(2)

/// A comment as it is kept: without the one blank behind '#', and none at its end.
std::string comment_text(std::string_view comment) {
  if (comment.starts_with(' ')) comment.remove_prefix(1);
  return std::string(comment.substr(0, comment.find_last_not_of(" \t\r") + 1));
}

class Reader {
public:
  explicit Reader(std::string_view file) : file_(file) {}

  void line(std::string_view text) {
    Line line(text, ++number_);
    if (line.empty()) return remark_or_blank(line);
    in_story_ = false;
    if (Understood<> read = header_or_step(line); !read) enter(read.error());
  }

  Parsed take() {
    if (std::ranges::all_of(parsed_.script.story, &std::string::empty))
      parsed_.script.story.clear();
    parsed_.script.last_remarks = std::move(remarks_);
    return std::move(parsed_);
  }

private:
  struct Known {
    std::string name;
    std::uint32_t line;
  };

  /// The first comment of the file is its story; a blank line or a step ends it.
  void remark_or_blank(const Line& line) {
    if (!line.comment()) {
      in_story_ = in_story_ && parsed_.script.story.empty();
      return;
    }
    (in_story_ ? parsed_.script.story : remarks_).push_back(comment_text(*line.comment()));
  }

  Understood<> header_or_step(Line& line) {
    const Word word = line.peek();
    if (line.take("version")) return version(line, word);
    if (line.take("user")) return user(line, word);
    if (line.take("tty")) return tty(line, word);
    Step step = KNELL_TRY(take_step(line, parsed_.script.users));
    step.remarks = std::exchange(remarks_, {});
    check_names(step);
    check_tty(step);
    parsed_.script.steps.push_back(std::move(step));
    return {};
  }

  Understood<> before_steps(const Word& word) const {
    if (parsed_.script.steps.empty()) return {};
    return mistake(word, fmt::format("'{}' stands before the first step", word.text));
  }

  Understood<> version(Line& line, const Word& word) {
    KNELL_TRY(before_steps(word));
    const Word number = line.next();
    parsed_.script.version = kernel::parse_version(number.text);
    if (!parsed_.script.version)
      return mistake(number,
                     fmt::format("{} is no version of Linux that knell models", quoted(number)),
                     fmt::format("these are: {}", fmt::join(kernel::kVersionNames, ", ")));
    return at_end(line, "version 6.12");
  }

  Understood<> user(Line& line, const Word& word) {
    KNELL_TRY(before_steps(word));
    const Word name = KNELL_TRY(take_name(line, "a user's name"));
    const Word number = line.peek();
    const std::int64_t uid = KNELL_TRY(take_number(line, "a uid"));
    if (uid < 0 || uid > kLastUid)
      return mistake(number, fmt::format("a uid is 0 to {}", kLastUid));
    std::vector<User>& users = parsed_.script.users;
    if (std::ranges::find(users, name.text, &User::name) != users.end())
      return mistake(name, fmt::format("there is a user '{}' already", name.text));
    users.push_back({std::string(name.text), Uid(static_cast<std::uint32_t>(uid))});
    return at_end(line, "user NAME UID");
  }

  /// tty, or tty COUNT
  Understood<> tty(Line& line, const Word& word) {
    KNELL_TRY(before_steps(word));
    const Word count = line.peek();
    const std::int64_t ttys = line.done() ? 1 : KNELL_TRY(take_number(line, "a number"));
    if (ttys < 1 || ttys > kMostTtys)
      return mistake(count, fmt::format("there can be 1 to {} terminals", kMostTtys));
    parsed_.script.ttys = static_cast<std::uint32_t>(ttys);
    return at_end(line, "tty [COUNT]");
  }

  /// Every name was given in a line above (or is given in this one), and to one task.
  void check_names(const Step& step) {
    if (const auto* call = std::get_if<CallStep>(&step.what); call && !call->makes.empty())
      enter_name(*call);
    for (const Mention& mention : mentions(step))
      if (!known(*mention.name)) enter(nobody(*mention.name, mention.at));
  }

  void enter_name(const CallStep& call) {
    const Known* other = known(call.makes);
    if (other == nullptr) return names_.push_back({call.makes, number_});
    enter({call.call_at, fmt::format("there is a task '{}' already", call.makes),
           other->line == 0 ? "it is the first one" : fmt::format("since line {}", other->line)});
  }

  void check_tty(const Step& step) {
    std::optional<std::uint32_t> tty;
    if (const auto* key = std::get_if<KeyStep>(&step.what)) tty = key->tty;
    if (const auto* hangup = std::get_if<HangUpStep>(&step.what)) tty = hangup->tty;
    if (const auto* expect = std::get_if<ExpectStep>(&step.what))
      if (expect->subject == ExpectStep::Subject::tty) tty = expect->number;
    if (tty && *tty >= parsed_.script.ttys)
      enter({step.at, fmt::format("there is no terminal {}", *tty),
             fmt::format("before the first step: {}",
                         *tty == 0 ? "tty" : fmt::format("tty {}", *tty + 1))});
  }

  [[nodiscard]] const Known* known(std::string_view name) const {
    const auto found = std::ranges::find(names_, name, &Known::name);
    return found == names_.end() ? nullptr : &*found;
  }

  [[nodiscard]] Mistake nobody(std::string_view name, Place at) const {
    std::vector<std::string_view> all;
    all.reserve(names_.size());
    for (const Known& each : names_) all.emplace_back(each.name);
    const std::string_view meant = nearest(name, all);
    return {at, fmt::format("nobody is called '{}'", name),
            meant.empty() ? "a task is named when it is made: shell: fork -> job"
                          : fmt::format("did you mean {}?", meant)};
  }

  void enter(const Mistake& mistake) {
    parsed_.errors.push_back(
        {0, "",
         fmt::format("{}:{}:{}: {}", file_, mistake.at.line, mistake.at.column, mistake.what),
         mistake.hint});
  }

  std::string_view file_;
  std::uint32_t number_ = 0;
  Parsed parsed_;
  bool in_story_ = true;
  std::vector<std::string> remarks_;
  std::vector<Known> names_ = {{kInit, 0}};
};

}  // namespace

Parsed parse_all(std::string_view text, std::string_view file) {
  Reader reader(file);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

Result<Script> parse(std::string_view text, std::string_view file) {
  Parsed parsed = parse_all(text, file);
  if (!parsed.errors.empty()) return std::unexpected(std::move(parsed.errors.front()));
  return std::move(parsed.script);
}

std::string step_line(std::string_view text, std::uint32_t number) {
  for (std::uint32_t i = 1; i < number && !text.empty(); ++i)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const Line line(text.substr(0, text.find('\n')), number);
  std::string code;
  const auto blank = [](const Word& before, const Word& word) {
    return before.at.column + before.text.size() != word.at.column;
  };
  for (std::size_t i = 0; !line.peek(i).text.empty(); ++i) {
    if (i > 0 && blank(line.peek(i - 1), line.peek(i))) code += ' ';
    code += line.peek(i).text;
  }
  return code;
}

}  // namespace knell::script
