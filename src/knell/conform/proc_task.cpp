#include "knell/conform/proc_task.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "knell/live/text.hpp"

namespace knell::conform {
namespace {

using live::number_or_zero;
using live::take;
using live::take_line;
using live::take_word;

template <class Id>
Id id_in(std::string_view value) {
  return Id(number_or_zero<typename Id::rep>(take_word(value)));
}

SigSet signals_in(std::string_view value) {
  return SigSet(number_or_zero<std::uint64_t>(take_word(value), 16));
}

void take_uids(std::string_view value, Look& look) {
  look.seen.uid = id_in<Uid>(take_word(value));
  look.seen.euid = id_in<Uid>(take_word(value));
  look.seen.suid = id_in<Uid>(take_word(value));
}

/// Every puppet gives itself this name (puppet/begin.cpp). execve(2) had named it after the file.
constexpr std::string_view kPuppetName = "knell-puppet";

struct Field {
  std::string_view key;
  void (*take)(std::string_view value, Look& look);
};

/// proc(5), proc_pid_status.
constexpr std::array kFields{
    Field{"Name", [](auto value, Look& look) { look.has_begun = value == kPuppetName; }},
    Field{"State", [](auto value, Look& look) { look.state = value.empty() ? 'R' : value[0]; }},
    Field{"Tgid", [](auto value, Look& look) { look.seen.tgid = id_in<Pid>(value); }},
    Field{"Pid", [](auto value, Look& look) { look.seen.pid = id_in<Pid>(value); }},
    Field{"PPid", [](auto value, Look& look) { look.seen.parent = id_in<Pid>(value); }},
    Field{"TracerPid", [](auto value, Look& look) { look.seen.tracer = id_in<Pid>(value); }},
    Field{"Uid", [](auto value, Look& look) { take_uids(value, look); }},
    Field{"NSpgid", [](auto value, Look& look) { look.seen.pgrp = id_in<Pgid>(value); }},
    Field{"NSsid", [](auto value, Look& look) { look.seen.session = id_in<Sid>(value); }},
    Field{"VmSize", [](auto, Look& look) { look.has_memory = true; }},
    Field{"Threads",
          [](auto value, Look& look) { look.seen.threads = number_or_zero<std::uint32_t>(value); }},
    Field{"SigPnd", [](auto value, Look& look) { look.seen.pending = signals_in(value); }},
    Field{"ShdPnd", [](auto value, Look& look) { look.seen.shared_pending = signals_in(value); }},
    Field{"SigBlk", [](auto value, Look& look) { look.seen.blocked = signals_in(value); }},
    Field{"SigIgn", [](auto value, Look& look) { look.seen.ignored = signals_in(value); }},
    Field{"SigCgt", [](auto value, Look& look) { look.seen.caught = signals_in(value); }},
    Field{"voluntary_ctxt_switches",
          [](auto value, Look& look) { look.switches += number_or_zero<std::uint64_t>(value); }},
    Field{"nonvoluntary_ctxt_switches",
          [](auto value, Look& look) { look.switches += number_or_zero<std::uint64_t>(value); }},
};

live::Fd open_file(int proc, Pid pid, const char* name) {
  const std::string path = std::to_string(pid.value()) + '/' + name;
  return live::Fd(::openat(proc, path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::string_view read_file(const live::Fd& file, std::span<char> buffer) {
  const ssize_t size = ::pread(file.get(), buffer.data(), buffer.size(), 0);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::uint64_t hexadecimal(std::string_view word) {
  if (word.starts_with("0x")) word.remove_prefix(2);
  return number_or_zero<std::uint64_t>(word, 16);
}

}  // namespace

std::optional<Look> parse_look(std::string_view status) {
  Look look;
  while (!status.empty()) {
    std::string_view value = take_line(status);
    const std::string_view key = take(value, ':');
    if (value.starts_with('\t')) value.remove_prefix(1);
    for (const Field& field : kFields)
      if (!key.empty() && field.key[0] == key[0] && field.key == key) field.take(value, look);
  }
  if (look.seen.pid == Pid{}) return std::nullopt;
  return look;
}

std::optional<Asleep> parse_asleep(std::string_view syscall) {
  std::string_view line = take_line(syscall);
  const auto call = live::number<long>(take_word(line));
  if (!call) return std::nullopt;
  Asleep asleep{.call = *call};
  std::string_view word = take_word(line);
  if (*call >= 0) asleep.argument = hexadecimal(word);
  for (; !word.empty(); word = take_word(line)) asleep.instruction = hexadecimal(word);
  return asleep;
}

ProcTask::ProcTask(int proc, Pid pid)
    : status_(open_file(proc, pid, "status")),
      syscall_(open_file(proc, pid, "syscall")),
      schedstat_(open_file(proc, pid, "schedstat")) {
}

std::optional<Look> ProcTask::look() const {
  std::array<char, 4096> buffer;
  return parse_look(read_file(status_, buffer));
}

/// /proc/TID/schedstat has the time it spent on processors, and how often it came to one. It is
/// nothing but zeros where the kernel was built without; then the status has to do, which takes ten
/// times as long to read.
std::optional<Ran> ProcTask::ran() const {
  Ran ran;
  const std::string_view told = read_file(schedstat_, ran.text);
  if (!told.empty() && told != "0 0 0\n") return ran;
  const auto status = look();
  if (!status) return std::nullopt;
  const auto end = std::to_chars(ran.text.begin(), ran.text.end(), status->switches).ptr;
  std::fill(end, ran.text.end(), status->state);
  return ran;
}

std::vector<Pid> ProcTask::numbers() const {
  std::array<char, 4096> buffer;
  std::string_view status = read_file(status_, buffer);
  std::vector<Pid> numbers;
  while (!status.empty()) {
    std::string_view line = take_line(status);
    if (take(line, ':') != "NSpid") continue;
    for (auto word = take_word(line); !word.empty(); word = take_word(line))
      numbers.push_back(id_in<Pid>(word));
  }
  return numbers;
}

std::optional<Asleep> ProcTask::asleep() const {
  std::array<char, 256> buffer;
  return parse_asleep(read_file(syscall_, buffer));
}

std::string function_it_sleeps_in(int proc, Pid pid) {
  std::array<char, 128> buffer;
  return std::string(read_file(open_file(proc, pid, "wchan"), buffer));
}

}  // namespace knell::conform
