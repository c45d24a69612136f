#include "knell/compat/request.hpp"

#include <string_view>

#include "knell/compat/help.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/pid_file.hpp"
#include "knell/compat/request_lists.hpp"
#include "knell/compat/signal_word.hpp"
#include "knell/compat/typed_number.hpp"
#include "knell/compat/words.hpp"
#include "knell/select/selection.hpp"

namespace knell::compat {
namespace {

struct Flag {
  std::string_view option;
  bool Request::* flag;
};
constexpr Flag kFlags[] = {
    {"count", &Request::count},      {"list-name", &Request::names},
    {"list-full", &Request::lines},  {"shell-quote", &Request::quotes},
    {"quiet", &Request::quiet},      {"echo", &Request::echo},
    {"mrelease", &Request::release}, {"ancestors", &Request::ancestors},
};

std::optional<Space> space_named(std::string_view name) {
  constexpr std::string_view kNames[] = {"ipc", "mnt", "net", "pid", "user", "uts"};
  for (std::size_t place = 0; place < std::size(kNames); ++place)
    if (kNames[place] == name) return static_cast<Space>(place);
  return std::nullopt;
}

/// Takes the options one after the other.
class Reader {
public:
  explicit Reader(std::optional<Signal> signal) {
    if (signal) request_.signal = *signal;
  }

  Understood<void> take(const Given& given);
  Understood<Request> finish(const Words& words);

private:
  Understood<void> take_switch(const Given& given);
  Understood<void> take_value(const Given& given);
  Understood<void> take_spaces(const std::string& list);
  Understood<void> take_one(Criteria::Some some);
  Understood<void> read_pid_file();
  Understood<void> take_pattern(const Words& words);

  Request request_;
  std::optional<std::string> pid_file_;
  bool locked_ = false;
  bool handled_ = false;
  bool exact_ = false;
  bool ignore_case_ = false;
  bool chooses_ = false;  ///< by something else than a pattern
};

Understood<void> Reader::take(const Given& given) {
  const auto listed = take_list(request_.criteria, given);
  if (!listed) return std::unexpected(listed.error());
  if (*listed) {
    chooses_ = true;
    return {};
  }
  for (const Flag& flag : kFlags)
    if (given.is(flag.option)) request_.*flag.flag = true;
  return given.option->value.empty() ? take_switch(given) : take_value(given);
}

Understood<void> Reader::take_one(Criteria::Some some) {
  Criteria& criteria = request_.criteria;
  if (criteria.some != Criteria::Some::all || criteria.inverse) return needs_help();
  criteria.some = some;
  chooses_ = true;
  return {};
}

Understood<void> Reader::take_switch(const Given& given) {
  Criteria& criteria = request_.criteria;
  if (given.is("newest")) return take_one(Criteria::Some::newest);
  if (given.is("oldest")) return take_one(Criteria::Some::oldest);
  if (given.is("inverse")) {
    if (criteria.inverse || criteria.some != Criteria::Some::all) return needs_help();
    criteria.inverse = true;
  }
  if (given.is("full")) criteria.full = true;
  if (given.is("exact")) exact_ = true;
  if (given.is("ignore-case")) ignore_case_ = true;
  if (given.is("lightweight")) criteria.threads = true;
  if (given.is("ignore-ancestors")) criteria.strangers = true;
  if (given.is("logpidfile")) locked_ = true;
  if (given.is("require-handler")) chooses_ = handled_ = true;
  return {};
}

Understood<void> Reader::take_value(const Given& given) {
  Criteria& criteria = request_.criteria;
  const std::string& value = given.value;
  if (given.is("delimiter")) request_.delimiter = value;
  if (given.is("nslist")) return take_spaces(value);
  if (given.is("pidfile")) pid_file_ = value;
  if (given.is("runstates")) criteria.states = value;
  chooses_ = chooses_ || given.is("pidfile") || given.is("runstates") || given.is("ns") ||
             given.is("older");
  if (given.is("older")) {
    criteria.older = typed_number<std::int64_t>(value);
    if (!criteria.older) return wrong("not a number: " + value);
  }
  if (given.is("queue")) {
    request_.value = typed_number<int>(value);
    if (!request_.value) return wrong("not a number: " + value);
  }
  if (given.is("ns")) {
    const auto pid = typed_number<std::int32_t>(value);
    if (!pid || *pid <= 0) return wrong("not a process number: " + value);
    criteria.like = Pid(*pid);
  }
  if (given.is("signal")) {
    const auto signal = procps_signal(value);
    if (!signal) return needs_help("Unknown signal \"" + value + "\".");
    request_.signal = *signal;
  }
  if (given.is("timeout")) {
    const auto timeout = select::parse_duration(value);
    if (!timeout) return wrong("not a span of time: " + value);
    request_.timeout = *timeout;
  }
  return {};
}

Understood<void> Reader::take_spaces(const std::string& list) {
  const auto texts = texts_in(list);
  if (!texts) return std::unexpected(texts.error());
  request_.criteria.spaces.clear();
  for (const std::string& text : *texts) {
    const auto space = space_named(text);
    if (!space) return wrong("not a kind of namespace: " + text);
    request_.criteria.spaces.push_back(*space);
  }
  return {};
}

Understood<void> Reader::read_pid_file() {
  if (!pid_file_) {
    if (locked_) return wrong_use("-L without -F makes no sense");
    return {};
  }
  if (!request_.criteria.pids.empty())
    return wrong_use("cannot use --pidfile and --pid together", kNoneMatched);
  const auto pid = pid_in_file(*pid_file_, locked_);
  if (!pid) return wrong_use(pid.error(), kNoneMatched);
  request_.criteria.pids = {*pid};
  if (*pid_file_ != "-") request_.pid_file = *pid_file_;
  return {};
}

Understood<void> Reader::take_pattern(const Words& words) {
  if (words.operands.size() > 1) return wrong_use("only one pattern can be provided");
  if (words.operands.empty()) {
    if (!chooses_) return wrong_use("no matching criteria specified");
    return {};
  }
  const std::string& typed = request_.typed = words.operands.front();
  auto pattern = Pattern::compile(exact_ ? "^(" + typed + ")$" : typed, ignore_case_);
  if (!pattern) return wrong("regex error: " + pattern.error());
  request_.criteria.pattern = std::move(*pattern);
  return {};
}

Understood<Request> Reader::finish(const Words& words) {
  if (auto read = read_pid_file(); !read) return std::unexpected(read.error());
  if (request_.quiet && (request_.names || request_.lines))
    return wrong_use("cannot use --quiet and a list together");
  if (auto taken = take_pattern(words); !taken) return std::unexpected(taken.error());
  if (handled_) request_.criteria.handled = request_.signal;
  return std::move(request_);
}

Understood<Request> understand(const Words& words, std::optional<Signal> signal) {
  Reader reader(signal);
  for (const Given& given : words.options)
    if (auto taken = reader.take(given); !taken) return std::unexpected(taken.error());
  return reader.finish(words);
}

int refuse(const report::Manual& manual, const Wrong& wrong) {
  const std::string hint = "\nTry `" + manual.name + " --help' for more information.";
  if (!wrong.text.empty())
    complain(manual.name, wrong.text + (wrong.also == Wrong::Also::hint ? hint : ""));
  if (wrong.also == Wrong::Also::help) tell(help_text(manual));
  return wrong.status;
}

}  // namespace

std::expected<Request, int> request_of(const report::Manual& manual, int argc, char** argv,
                                       std::optional<Signal> signal) {
  const Words words = parse(manual, argc, argv);
  if (!words.understood) {
    tell(help_text(manual));
    return std::unexpected(kWrongWords);
  }
  for (const Given& given : words.options) {
    if (!given.is("help") && !given.is("version")) continue;
    const bool said =
        print(manual.name, given.is("help") ? help_text(manual) : version_text(manual.name));
    return std::unexpected(said ? kMatched : kNoneMatched);
  }
  auto request = understand(words, signal);
  if (!request) return std::unexpected(refuse(manual, request.error()));
  return std::move(*request);
}

}  // namespace knell::compat
