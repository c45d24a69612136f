#include "knell/compat/killall_match.hpp"

#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "knell/compat/locale.hpp"
#include "knell/compat/output.hpp"
#include "knell/compat/printed.hpp"

namespace knell::compat {
namespace {

constexpr std::string_view kName = "killall";
/// Names that may go on where Linux keeps no more of them: a process's, and a kernel thread's.
constexpr std::size_t kCut[] = {kCommLength, 63};

/// A name to look for, made ready.
struct Wanted {
  std::string name;
  std::optional<Pattern> pattern;
  std::optional<FileId> file;
};

bool may_be_cut(std::string_view comm) {
  return std::ranges::find(kCut, comm.size()) != std::end(kCut);
}

/// The argument, without its folders, that begins as the name does: for a program, the first; for a
/// script, one behind its interpreter. None: no argument does.
std::optional<std::string> whole_name(std::string_view cmdline, std::string_view comm) {
  while (!cmdline.empty()) {
    std::string_view argument = cmdline.substr(0, cmdline.find('\0'));
    cmdline.remove_prefix(std::min(argument.size() + 1, cmdline.size()));
    if (argument.empty()) return std::nullopt;
    argument.remove_prefix(argument.rfind('/') + 1);
    if (argument.starts_with(comm)) return std::string(argument);
  }
  return std::nullopt;
}

std::expected<std::vector<Wanted>, std::string> prepare(const KillallRequest& request) {
  std::vector<Wanted> all;
  for (const std::string& name : request.names) {
    Wanted& wanted = all.emplace_back(Wanted{.name = name});
    if (request.patterns) {
      auto pattern = Pattern::compile(name, request.ignore_case);
      if (!pattern) return std::unexpected("killall: Bad regular expression: " + name);
      wanted.pattern = std::move(*pattern);
    } else if (name.contains('/')) {
      struct stat about{};
      if (::stat(name.c_str(), &about) != 0) return std::unexpected(name + ": " + reason_of(errno));
      wanted.file = FileId{.device = about.st_dev, .inode = about.st_ino};
    }
  }
  return all;
}

Questions questions_of(const KillallRequest& request, const std::vector<Wanted>& wanted) {
  Questions questions;
  const auto need = [&](bool needed, Known part) {
    if (needed) questions.of_all = questions.of_all | part;
  };
  need(request.user.has_value(), Known::status);
  need(request.like != Pid{}, Known::namespaces);
  need(request.context.has_value(), Known::label);
  questions.exe_ids =
      std::ranges::any_of(wanted, [](const Wanted& one) { return one.file.has_value(); });
  return questions;
}

/// Whether a name that Linux has cut short matters: a shorter one that is looked for cannot be it.
bool needs_whole_names(const KillallRequest& request) {
  return request.exact || request.verbose || request.patterns ||
         std::ranges::any_of(request.names,
                             [](const std::string& name) { return name.size() >= kCommLength; });
}

/// Whether a name is all that tells who is meant.
bool goes_by_name(const KillallRequest& request, const Questions& questions) {
  return !request.names.empty() && !request.exact && !request.groups && request.like == Pid{} &&
         !questions.exe_ids;
}

bool equal(const KillallRequest& request, const std::string& one, const std::string& other) {
  return request.ignore_case ? ::strcasecmp(one.c_str(), other.c_str()) == 0 : one == other;
}

Result<World> read_world(const live::Machine& machine, const KillallRequest& request,
                         const std::vector<Wanted>& wanted) {
  const Questions questions = questions_of(request, wanted);
  if (!goes_by_name(request, questions)) return machine.read(questions);
  const bool whole = needs_whole_names(request);
  return machine.read_fitting(questions, [&](std::string_view comm) {
    if (whole && may_be_cut(comm)) return true;
    const std::string name(comm);
    return std::ranges::any_of(wanted, [&](const Wanted& one) {
      return one.pattern ? one.pattern->matches(name) : equal(request, one.name, name);
    });
  });
}

Result<void> read_whole_names(const live::Machine& machine, World& world) {
  std::vector<TaskIndex> cut;
  for (const TaskIndex task : world.processes())
    if (may_be_cut(world[task].comm)) cut.push_back(task);
  if (cut.empty()) return {};
  return machine.deepen(world, cut, Known::cmdline);
}

class Matcher {
public:
  Matcher(const World& world, const KillallRequest& request, const std::vector<Wanted>& wanted)
      : world_(world), request_(request), wanted_(wanted) {}

  [[nodiscard]] std::optional<Meant> match(TaskIndex task) const;

private:
  [[nodiscard]] bool is_candidate(TaskIndex task) const;
  [[nodiscard]] bool has_age(TaskIndex task) const;
  [[nodiscard]] bool is(const Wanted& wanted, TaskIndex task,
                        const std::optional<std::string>& whole) const;
  [[nodiscard]] bool runs(const Wanted& wanted, TaskIndex task) const;

  const World& world_;
  const KillallRequest& request_;
  const std::vector<Wanted>& wanted_;
};

bool Matcher::has_age(TaskIndex task) const {
  const auto start = static_cast<double>(world_.signal_of(task).start.value());
  const double age = std::max(0.0, (static_cast<double>(world_.now.value()) - start) /
                                       static_cast<double>(world_.ticks_per_second));
  return (!request_.younger || age <= static_cast<double>(*request_.younger)) &&
         (!request_.older || age >= static_cast<double>(*request_.older));
}

/// What is not known is never taken for a match.
bool Matcher::is_candidate(TaskIndex task) const {
  if (request_.user && (!world_[task].cred || world_[world_[task].cred].uid != *request_.user))
    return false;
  const Details& details = world_.details_of(task);
  if (request_.like != Pid{}) {
    const TaskIndex like = world_.find(request_.like);
    const NamespaceId own = details.namespaces.pid;
    if (!like || own == NamespaceId{} || own != world_.details_of(like).namespaces.pid)
      return false;
  }
  if (request_.context && (details.label.empty() || !request_.context->matches(details.label)))
    return false;
  return has_age(task);
}

bool Matcher::runs(const Wanted& wanted, TaskIndex task) const {
  const Details& details = world_.details_of(task);
  if (details.exe_id != FileId{} && details.exe_id == *wanted.file) return true;
  return !details.exe_deleted && details.exe == wanted.name;
}

bool Matcher::is(const Wanted& wanted, TaskIndex task,
                 const std::optional<std::string>& whole) const {
  if (wanted.file) return runs(wanted, task);
  const std::string& comm = world_[task].comm;
  if (wanted.pattern) return wanted.pattern->matches(whole.value_or(comm));
  if (whole) return equal(request_, wanted.name, *whole);
  if (may_be_cut(comm) && wanted.name.size() >= comm.size())
    return equal(request_, wanted.name.substr(0, comm.size()), comm);
  return equal(request_, wanted.name, comm);
}

std::optional<Meant> Matcher::match(TaskIndex task) const {
  if (!is_candidate(task)) return std::nullopt;
  const std::string& comm = world_[task].comm;
  std::optional<std::string> whole;
  if (may_be_cut(comm)) {
    whole = whole_name(world_.details_of(task).cmdline, comm);
    if (!whole && request_.exact) {
      if (request_.verbose)
        complain(kName, "skipping partial match " + printed(comm) + "(" +
                            std::to_string(world_[task].pid.value()) + ")");
      return std::nullopt;
    }
  }
  Meant meant{.task = task, .name = {}, .called = printed(whole.value_or(comm))};
  if (wanted_.empty()) return meant;
  for (std::size_t place = 0; place < wanted_.size(); ++place) {
    if (!is(wanted_[place], task, whole)) continue;
    meant.name = place;
    return meant;
  }
  return std::nullopt;
}

Result<KillallChoice> read(const KillallRequest& request, const std::vector<Wanted>& wanted) {
  live::Machine machine = KNELL_TRY(live::Machine::open());
  World world = KNELL_TRY(read_world(machine, request, wanted));
  if (request.like != Pid{}) {
    const TaskIndex like = world.find(request.like);
    if (!like || world.details_of(like).namespaces.pid == NamespaceId{})
      return failure(ESRCH, "read", "the pid namespace of " + std::to_string(request.like.value()));
  }
  if (needs_whole_names(request)) KNELL_TRY(read_whole_names(machine, world));
  return KillallChoice{std::move(machine), std::move(world), {}};
}

}  // namespace

std::expected<KillallChoice, int> who_is_meant(const KillallRequest& request) {
  const auto wanted = prepare(request);
  if (!wanted) return tell(wanted.error() + "\n"), std::unexpected(1);
  Result<KillallChoice> choice = read(request, *wanted);
  if (!choice) return complain(kName, choice.error().message()), std::unexpected(1);
  const Matcher matcher(choice->world, request, *wanted);
  for (const TaskIndex task : choice->world.processes()) {
    if (choice->world[task].pid == Pid(::getpid())) continue;
    if (auto meant = matcher.match(task)) choice->meant.push_back(std::move(*meant));
  }
  return std::move(*choice);
}

}  // namespace knell::compat
