#include <gtest/gtest.h>

#include "worlds.hpp"

namespace knell::select {
namespace {

const Error kNoFile{ENOENT, "stat", "/gone", ""};

OpenFile file(std::uint64_t device, std::uint64_t inode) {
  return {.fd = 3, .kind = FileKind::regular, .id = {device, inode}};
}
OpenFile socket(std::uint64_t inode) {
  return {.fd = 3, .kind = FileKind::socket, .id = {0, inode}};
}

TEST(Find, APidIsThatProcess) {
  Machine machine;
  machine.process(1, "init");
  machine.process(10, "a");
  EXPECT_EQ(machine.pids({"10"}), Pids{10});
  EXPECT_EQ(machine.pids({"pid:1"}), Pids{1});
  EXPECT_EQ(machine.pids({"11"}), Pids{});
}

TEST(Find, AUserIsWhoseEffectiveUidItIs) {
  Machine machine;
  machine.answers.users = {{"www-data", Uid(33)}, {"0", Uid(0)}};
  machine.runs_as(machine.process(10, "a"), 33, 33);
  machine.runs_as(machine.process(11, "setuid"), 33, 0);
  machine.runs_as(machine.process(12, "b"), 0, 33);
  machine.process(13, "unknown");
  EXPECT_EQ(machine.pids({"user:www-data"}), (Pids{10, 12}));
  EXPECT_EQ(machine.pids({"user:0"}), Pids{11}) << "what is not known is not root";
}

TEST(Find, AGroupAndASessionAreTheirNumbers) {
  Machine machine;
  const TaskIndex job = machine.process(11, "job");
  machine.process(10, "shell");
  machine.world.signal_of(job).session = Sid(10);
  EXPECT_EQ(machine.pids({"group:10"}), Pids{10});
  EXPECT_EQ(machine.pids({"group:11"}), Pids{11});
  EXPECT_EQ(machine.pids({"session:10"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"session:11"}), Pids{});
}

TEST(Find, ATerminalIsTheControllingOne) {
  Machine machine;
  machine.answers.terminals = {{"pts/3", 136U * 256 + 3}, {"null", 0U}};
  machine.world.signal_of(machine.process(10, "bash")).tty = 136 * 256 + 3;
  machine.world.signal_of(machine.process(11, "bash")).tty = 136 * 256 + 4;
  machine.process(12, "daemon");
  EXPECT_EQ(machine.pids({"tty:pts/3"}), Pids{10});
  EXPECT_EQ(machine.pids({"tty:/dev/pts/3"}), Pids{10});
  EXPECT_EQ(machine.pids({"tty:null"}), Pids{}) << "0 is to have no terminal";
}

struct Ports : testing::Test {
  Machine machine;
  Ports() {
    const auto socket_of = [](std::uint64_t inode, Protocol protocol, SocketState state,
                              std::uint16_t port) {
      return Socket{
          .inode = Inode(inode), .protocol = protocol, .state = state, .local_port = port};
    };
    machine.world.sockets = {socket_of(0, Protocol::tcp, SocketState::other, 8080),
                             socket_of(100, Protocol::tcp, SocketState::listening, 8080),
                             socket_of(101, Protocol::tcp6, SocketState::listening, 8080),
                             socket_of(102, Protocol::tcp, SocketState::established, 8080),
                             socket_of(103, Protocol::udp, SocketState::other, 53),
                             socket_of(104, Protocol::udp6, SocketState::other, 53),
                             socket_of(105, Protocol::tcp, SocketState::listening, 9000)};
    int pid = 10;
    for (const std::uint64_t inode : {100U, 101U, 102U, 103U, 104U})
      machine.open(machine.process(pid++, "server"), socket(inode));
    machine.open(machine.process(20, "reader"), file(1, 100));
    machine.process(21, "without");
  }
};

TEST_F(Ports, ATcpPortIsWhoeverListensOnIt) {
  EXPECT_EQ(machine.pids({"port:8080"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"port:8080/tcp"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"port:8080/udp"}), Pids{});
}

TEST_F(Ports, AUdpPortIsWhoeverIsBoundToIt) {
  EXPECT_EQ(machine.pids({"port:53/udp"}), (Pids{13, 14}));
  EXPECT_EQ(machine.pids({"port:53"}), Pids{});
}

TEST_F(Ports, EveryProcessThatSharesAListeningSocketIsMeant) {
  const TaskIndex worker = machine.process(30, "worker");
  machine.open(worker, file(1, 2));
  machine.open(worker, socket(100));
  EXPECT_EQ(machine.pids({"port:8080"}), (Pids{10, 11, 30}));
}

TEST_F(Ports, WithoutListenersSayWhatIsThereInstead) {
  EXPECT_EQ(machine.miss("port:81").object, "no process listens on tcp port 81");
  EXPECT_EQ(machine.miss("port:81").hint, "");
  EXPECT_EQ(machine.miss("port:53").hint, "one does on port:53/udp");
  EXPECT_EQ(machine.miss("port:8080/udp").hint, "one does on port:8080/tcp");
  EXPECT_EQ(machine.miss("port:9000").object,
            "something listens on tcp port 9000, but no process that could be looked into has it "
            "open");
}

TEST(Find, AFileIsOpenOrMapped) {
  Machine machine;
  machine.answers.files = {{"/lib/libc.so.6", FileId{1, 7}},
                           {"/gone", std::unexpected(kNoFile)},
                           {"/nothing", FileId{}}};
  machine.open(machine.process(10, "reader"), file(1, 7));
  machine.map(machine.process(11, "user"), file(1, 7));
  machine.open(machine.process(12, "other file system"), file(2, 7));
  machine.open(machine.process(13, "other file"), file(1, 8));
  machine.open(machine.process(14, "socket"), socket(0));
  machine.process(15, "nothing");
  EXPECT_EQ(machine.pids({"file:/lib/libc.so.6"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"file:/nothing"}), Pids{});
  EXPECT_EQ(machine.miss("file:/gone"), kNoFile);
}

TEST(Find, AnExecutableIsThePathOrTheSameFileUnderAnotherName) {
  Machine machine;
  machine.answers.files = {{"/usr/bin/python3", FileId{1, 7}}};
  const TaskIndex versioned = machine.program(10, "python3", "/usr/bin/python3.11", "");
  machine.world.details_of(versioned).exe_id = {1, 7};
  machine.program(11, "python3", "/usr/bin/python3", "");
  machine.program(12, "python3", "/opt/bin/python3", "");
  machine.process(13, "python3");
  EXPECT_EQ(machine.pids({"exe:/usr/bin/python3"}), (Pids{10, 11}));
}

TEST(Find, ADeletedExecutableIsFoundByThePathItHad) {
  Machine machine;
  machine.answers.files = {{"/gone", std::unexpected(kNoFile)}};
  machine.world.details_of(machine.program(10, "x", "/gone", "")).exe_deleted = true;
  EXPECT_EQ(machine.pids({"exe:/gone"}), Pids{10});
  machine.world.details_of(machine.world.find(Pid(10))).exe = "/other";
  EXPECT_EQ(machine.miss("exe:/gone"), kNoFile);
}

TEST(Find, ACgroupIsItselfAndAllBelow) {
  Machine machine;
  machine.in_cgroup(10, "/system.slice/a.service");
  machine.in_cgroup(11, "/system.slice/a.service/worker");
  machine.in_cgroup(12, "/system.slice/a.service2");
  machine.in_cgroup(13, "/system.slice");
  machine.in_cgroup(14, "");
  machine.in_cgroup(15, "/");
  EXPECT_EQ(machine.pids({"cgroup:/system.slice/a.service"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"cgroup:/system.slice/a.service/"}), (Pids{10, 11}));
  EXPECT_EQ(machine.pids({"cgroup:/system.slice"}), (Pids{10, 11, 12, 13}));
}

TEST(Find, AUnitIsItsCgroup) {
  Machine machine;
  const Error not_running{ENOENT, "find", "the cgroup of x.service", "is the unit running?"};
  machine.answers.units = {{"a.service", "/system.slice/a.service"},
                           {"x.service", std::unexpected(not_running)},
                           {"-.slice", "/"}};
  machine.in_cgroup(10, "/system.slice/a.service");
  machine.in_cgroup(11, "/system.slice/a.service/worker");
  machine.in_cgroup(12, "/system.slice/b.service");
  EXPECT_EQ(machine.pids({"unit:a"}), (Pids{10, 11}));
  EXPECT_EQ(machine.miss("unit:x"), not_running);
  EXPECT_EQ(machine.pids({"unit:-.slice"}), Pids{}) << "knell has no 'everything'";
}

TEST(Find, APidFileIsTheProcessThatWasThereWhenItWasWritten) {
  Machine machine;
  machine.world.signal_of(machine.process(77, "daemon")).start = StartTime(5000);
  const auto written = [&](std::uint64_t tick) {
    machine.answers.pidfiles = {{"/run/x.pid", PidFile{Pid(77), StartTime(tick)}}};
    return machine.pids({"pidfile:/run/x.pid"});
  };
  EXPECT_EQ(written(900'000), Pids{77});
  EXPECT_EQ(written(5000), Pids{77});
  EXPECT_EQ(written(4999), Pids{77}) << "one tick is rounding";
  EXPECT_EQ(written(4998), Pids{});
  EXPECT_EQ(machine.miss("pidfile:/run/x.pid").object,
            "/run/x.pid is stale: process 77 started after it was written");
}

TEST(Find, APidFileWithoutItsProcessIsStale) {
  Machine machine;
  const Error unreadable{EACCES, "open", "/run/z.pid", ""};
  machine.answers.pidfiles = {{"/run/x.pid", PidFile{Pid(77), StartTime(5000)}},
                              {"/run/y.pid", PidFile{Pid(0), StartTime(5000)}},
                              {"/run/z.pid", std::unexpected(unreadable)}};
  EXPECT_EQ(machine.miss("pidfile:/run/x.pid").object,
            "/run/x.pid is stale: there is no process 77");
  EXPECT_EQ(machine.pids({"pidfile:/run/y.pid"}), Pids{});
  EXPECT_EQ(machine.miss("pidfile:/run/z.pid"), unreadable);
  machine.world.add_thread(Pid(77), machine.process(70, "other"));
  EXPECT_EQ(machine.miss("pidfile:/run/x.pid").object,
            "/run/x.pid is stale: 77 is a thread by now");
}

TEST(Find, AThreadsNumberNamesNoProcessButSaysWhose) {
  Machine machine;
  machine.world.add_thread(Pid(11), machine.process(10, "server"));
  EXPECT_EQ(machine.pids({"10"}), Pids{10});
  EXPECT_EQ(machine.pids({"server"}), Pids{10});
  EXPECT_EQ(machine.pids({"11"}), Pids{});
  const Error error = machine.miss("11");
  EXPECT_EQ(error.number, ESRCH);
  EXPECT_EQ(error.object, "11 is a thread of process 10");
}

TEST(Find, WhatWasNeverAskedIsSaidAndNotGuessed) {
  Machine machine;
  machine.process(10, "a");
  for (const std::string_view word :
       {"user:root", "file:/x", "unit:x", "tty:pts/1", "pidfile:/x", "exe:/x"}) {
    EXPECT_EQ(machine.pids({word}), Pids{}) << word;
    EXPECT_EQ(machine.miss(word).action, "look up") << word;
  }
}

}  // namespace
}  // namespace knell::select
