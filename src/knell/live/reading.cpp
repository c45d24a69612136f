#include "knell/live/reading.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "knell/live/proc_memory.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

constexpr std::size_t kRandomBytes = 16;  // what AT_RANDOM points to (getauxval(3))

/// What AT_RANDOM of the vector names, in the memory of that process. ENOENT: it names nothing.
std::expected<std::string, int> random_bytes(const ProcReader& proc, const ProcPath& mem,
                                             std::string_view auxv) {
  std::array<std::uint64_t, 2> entry{};
  while (auxv.size() >= sizeof entry) {
    std::memcpy(entry.data(), auxv.data(), sizeof entry);
    auxv.remove_prefix(sizeof entry);
    if (entry[0] != AT_RANDOM) continue;
    const Fd memory(::openat(proc.root(), mem.c_str(), O_RDONLY | O_CLOEXEC));
    if (!memory.valid()) return std::unexpected(errno);
    std::string bytes(kRandomBytes, '\0');
    const auto got =
        ::pread(memory.get(), bytes.data(), bytes.size(), static_cast<off_t>(entry[1]));
    if (got < 0) return std::unexpected(errno);
    if (got != static_cast<ssize_t>(bytes.size())) return std::unexpected(EIO);
    return bytes;
  }
  return std::unexpected(ENOENT);
}

/// One process being read. Each part notes what it read in `known`, or why it could not.
class Reader {
public:
  Reader(ProcReader& proc, Reading& reading)
      : proc_(proc), reading_(reading), body_(proc, reading.stat) {
    not_got("threads", body_.error());
  }

  void names(bool with_id);
  void cmdline();
  void status(bool deep);
  void threads();
  void files();
  void maps();
  void memory();
  void cgroup();
  void environ();
  void namespaces();
  void label();
  void thread_starts();
  void image();
  void wchan();

private:
  [[nodiscard]] Pid pid() const { return reading_.stat.pid; }
  void got(Known part) { reading_.known = reading_.known | part; }
  /// ENOENT and ESRCH are neither: it has no such thing, or ends just now.
  void not_got(const char* what, int number) {
    if (exhausted(number)) reading_.error = number;
    if (number == EACCES || number == EPERM) reading_.refused.push_back({what, number});
  }
  /// For files that every process has and everybody may read.
  void ended_or_not_got(const char* what, int number) {
    if (number == ENOENT || number == ESRCH) reading_.error = ESRCH;
    not_got(what, number);
  }
  bool read_cmdline();
  NamespaceId name_space(const char* which, std::string_view kind);
  void read_parent_pid_ns();
  void read_tracer_process();

  ProcReader& proc_;
  Reading& reading_;
  Body body_;
};

void Reader::names(bool with_id) {
  if (!body_.alive()) return got(Known::names);
  Details& details = reading_.details;
  if (auto exe = proc_.link(body_.path("exe").c_str())) {
    details.exe_deleted = take_ending(*exe, kDeleted);
    details.exe = *exe;
  } else if (with_id || exhausted(exe.error())) {
    // Of others' processes it may not be read, but their command lines may, and name them too.
    not_got("executables", exe.error());
  }
  if (with_id)
    if (const auto file = look_at(proc_.root(), body_.path("exe").c_str()))
      details.exe_id = file->id;
  if (read_cmdline()) got(Known::names);
}

void Reader::cmdline() {
  if (!body_.alive() || read_cmdline()) got(Known::cmdline);
}

bool Reader::read_cmdline() {
  const auto text = proc_.record(body_.path("cmdline").c_str());
  if (text)
    reading_.details.cmdline = *text;
  else
    ended_or_not_got("command lines", text.error());
  return text.has_value();
}

void Reader::status(bool deep) {
  const auto text = proc_.record(ProcPath(pid(), "status").c_str());
  if (!text) return ended_or_not_got("status", text.error());
  reading_.status = parse_status(*text);
  if (!reading_.status) return ended_or_not_got("status", ESRCH);
  got(Known::status);
  Details& details = reading_.details;
  details.ns_pids = reading_.status->ns_pids;
  details.core_dumping = reading_.status->core_dumping;
  details.tracer = reading_.status->tracer;
  if (details.tracer != Pid{}) read_tracer_process();
  if (deep) reading_.user_ns = name_space("ns/user", "user");
  if (deep || details.ns_pids.size() > 1) details.pid_ns = name_space("ns/pid", "pid");
  if (details.ns_pids.size() > 2) read_parent_pid_ns();
}

/// A tracer is a thread, and in a World its process may be known by its leader alone.
void Reader::read_tracer_process() {
  const auto text = proc_.record(ProcPath(reading_.details.tracer, "status").c_str());
  if (!text) return not_got("tracers", text.error());
  if (const auto tracer = parse_status(*text)) reading_.tracer_process = tracer->tgid;
}

NamespaceId Reader::name_space(const char* which, std::string_view kind) {
  const auto link = proc_.link(ProcPath(pid(), which).c_str());
  return NamespaceId(link ? inode_in_link(*link, kind) : 0);
}

void Reader::read_parent_pid_ns() {
  const Fd own(::openat(proc_.root(), ProcPath(pid(), "ns/pid").c_str(), O_RDONLY | O_CLOEXEC));
  if (!own.valid()) return;
  const Fd parent(::ioctl(own.get(), NS_GET_PARENT));
  struct stat about{};
  if (parent.valid() && ::fstat(parent.get(), &about) == 0)
    reading_.parent_pid_ns = NamespaceId(about.st_ino);
}

void Reader::threads() {
  const auto tasks = proc_.directory(ProcPath(pid(), "task").c_str());
  if (!tasks) return not_got("threads", tasks.error());
  got(Known::threads);
  for (const std::int32_t tid : tasks->numbers) {
    if (Pid(tid) == pid()) continue;
    const auto text = proc_.record(ProcPath(pid(), Pid(tid), "status").c_str());
    if (!text) {
      not_got("threads", text.error());
    } else if (auto status = parse_status(*text)) {
      reading_.threads.push_back(std::move(*status));
    }
  }
}

void Reader::files() {
  if (!reading_.files) reading_.files.emplace();
  if (!body_.alive()) return got(Known::files);
  auto open = read_open_files(proc_, body_);
  if (!open) return not_got("open files", open.error());
  reading_.files->open = std::move(*open);
  reading_.details.net_ns = name_space("ns/net", "net");
  got(Known::files);
}

void Reader::maps() {
  if (!reading_.files) reading_.files.emplace();
  if (!body_.alive()) return got(Known::maps);
  auto mapped = read_mapped_files(proc_, body_);
  if (!mapped) return not_got("mapped files", mapped.error());
  reading_.files->mapped = std::move(*mapped);
  got(Known::maps);
}

void Reader::memory() {
  if (!body_.alive()) return got(Known::memory);
  const auto text = proc_.record(body_.path("smaps_rollup").c_str());
  if (!text) return not_got("memory", text.error());
  reading_.mm = parse_smaps_rollup(*text);
  got(Known::memory);
}

void Reader::cgroup() {
  const auto text = proc_.record(ProcPath(pid(), "cgroup").c_str());
  if (!text) return not_got("cgroup", text.error());
  reading_.cgroup = parse_cgroup(*text);
  reading_.details.cgroup = reading_.cgroup.path;
  got(Known::cgroup);
}

void Reader::environ() {
  if (!body_.alive()) return got(Known::environ);
  const auto text = proc_.record(body_.path("environ").c_str());
  if (!text) return not_got("environment", text.error());
  reading_.details.environ = *text;
  got(Known::environ);
}

void Reader::namespaces() {
  const auto link = proc_.link(ProcPath(pid(), "ns/ipc").c_str());
  if (!link) return not_got("namespaces", link.error());
  Namespaces& own = reading_.details.namespaces;
  own.ipc = NamespaceId(inode_in_link(*link, "ipc"));
  own.mnt = name_space("ns/mnt", "mnt");
  own.net = name_space("ns/net", "net");
  own.pid = name_space("ns/pid", "pid");
  own.user = name_space("ns/user", "user");
  own.uts = name_space("ns/uts", "uts");
  got(Known::namespaces);
}

/// EINVAL: no security module is there that would say anything.
void Reader::label() {
  const auto text = proc_.record(ProcPath(pid(), "attr/current").c_str());
  if (!text) return not_got("security contexts", text.error());
  std::string_view label = text->substr(0, text->find('\0'));
  take_ending(label, "\n");
  reading_.details.label = label;
  got(Known::label);
}

void Reader::thread_starts() {
  const auto tasks = proc_.directory(ProcPath(pid(), "task").c_str());
  if (!tasks) return not_got("threads", tasks.error());
  for (const std::int32_t tid : tasks->numbers) {
    if (Pid(tid) == pid()) continue;
    const auto text = proc_.record(ProcPath(pid(), Pid(tid), "stat").c_str());
    if (const auto stat = text ? parse_stat(*text) : std::nullopt)
      reading_.details.thread_starts.push_back({.pid = Pid(tid), .start = stat->start});
  }
  got(Known::thread_starts);
}

/// /proc/PID/auxv, and from /proc/PID/mem the bytes that AT_RANDOM points to.
void Reader::image() {
  if (!body_.alive()) return;
  const auto text = proc_.record(body_.path("auxv").c_str());
  if (!text) return not_got("program image", text.error());
  std::string image(*text);
  const auto random = random_bytes(proc_, body_.path("mem"), image);
  if (!random) return not_got("program image", random.error());
  reading_.details.image = image + *random;
  got(Known::image);
}

/// "0" where it sleeps in none, or where the reader may not know.
void Reader::wchan() {
  const auto text = proc_.record(ProcPath(pid(), "wchan").c_str());
  if (text && *text != "0") reading_.details.wchan = *text;
}

/// What is read in one way only, in this order.
struct Part {
  Known part;
  void (Reader::*read)();
};
constexpr Part kParts[] = {
    {Known::threads, &Reader::threads},
    {Known::files, &Reader::files},
    {Known::maps, &Reader::maps},
    {Known::memory, &Reader::memory},
    {Known::cgroup, &Reader::cgroup},
    {Known::environ, &Reader::environ},
    {Known::namespaces, &Reader::namespaces},
    {Known::label, &Reader::label},
    {Known::thread_starts, &Reader::thread_starts},
    {Known::image, &Reader::image},
};

}  // namespace

void read_process(ProcReader& proc, Pid pid, const Wanted& wanted, Reading& reading) {
  const auto text = proc.record(ProcPath(pid, "stat").c_str());
  auto stat = text ? parse_stat(*text) : std::nullopt;
  if (!stat || stat->state == TaskState::dead) {
    reading.error = text || text.error() == ENOENT ? ESRCH : text.error();
    return;
  }
  reading.stat = std::move(*stat);
  reading.known = Known::stat;
  if (wanted.depth == Known::stat && !wanted.exe_id && !wanted.deep) return;

  Reader reader(proc, reading);
  const auto wants = [&](Known part) {
    const bool also = part == Known::status && has(wanted.depth, Known::threads);
    return reading.error == 0 && (also || has(wanted.depth, part));
  };
  const bool told =
      wanted.telling_comms != nullptr && wanted.telling_comms->contains(reading.stat.comm);
  if ((wants(Known::names) && !told) || wanted.exe_id)
    reader.names(wanted.exe_id);
  else if (wants(Known::cmdline))
    reader.cmdline();
  if (wants(Known::status)) reader.status(wanted.deep);
  for (const auto& [part, read] : kParts)
    if (wants(part)) (reader.*read)();
  if (wants(Known::status) && wanted.deep) reader.wchan();
}

Body::Body(ProcReader& proc, const ProcStat& stat) : pid_(stat.pid) {
  if (stat.kernel_thread) {
    alive_ = false;
  } else if (stat.state == TaskState::zombie) {
    alive_ = false;
    if (stat.num_threads <= 1) return;
    const auto tasks = proc.directory(ProcPath(pid_, "task").c_str());
    if (!tasks) {
      error_ = tasks.error();
      return;
    }
    for (const std::int32_t tid : tasks->numbers) {
      const auto text = proc.record(ProcPath(pid_, Pid(tid), "stat").c_str());
      const auto thread = text ? parse_stat(*text) : std::nullopt;
      if (!thread || thread->state == TaskState::zombie || thread->exiting) continue;
      thread_ = Pid(tid);
      alive_ = true;
      return;
    }
  }
}

}  // namespace knell::live
