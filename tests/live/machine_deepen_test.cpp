// Machine::deepen: files, sockets, locks, memory, cgroups, and those that are gone.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "gtest/gtest.h"
#include "in_child.hpp"
#include "knell/live/machine.hpp"
#include "support/behaviour.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/temporary_directory.hpp"

namespace knell::live {
namespace {

using knell::test::Child;
using knell::test::Handshake;
namespace behaviour = knell::test::behaviour;

struct Looked {
  World world;
  TaskIndex task;
  [[nodiscard]] const FilesStruct& files() const { return world[world[task].files]; }
  [[nodiscard]] const OpenFile* open(int fd) const {
    const auto found = std::ranges::find(files().open, fd, &OpenFile::fd);
    return found != files().open.end() ? &*found : nullptr;
  }
};

Looked look(const Child& child, Known depth) {
  const auto machine = Machine::open();
  const std::vector pids{child.id().pid};
  auto world = machine->read_some(pids, Known::stat);
  EXPECT_TRUE(world);
  const std::vector tasks{world->find(child.id())};
  EXPECT_TRUE(tasks[0]);
  const auto deepened = machine->deepen(*world, tasks, depth);
  EXPECT_TRUE(deepened);
  return {std::move(*world), tasks[0]};
}

FileId id_of(const std::string& path) {
  struct stat about{};
  EXPECT_EQ(stat(path.c_str(), &about), 0) << path;
  return {.device = about.st_dev, .inode = about.st_ino};
}

TEST(MachineDeepen, OpenFilesAreTheChilds) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "a file\n";
  const Child child([&](const Handshake& test) {
    dup2(open(path.c_str(), O_CREAT | O_RDWR, 0600), 100);
    dup2(open(directory.path().c_str(), O_RDONLY | O_DIRECTORY), 101);
    dup2(open("/dev/null", O_RDONLY), 102);
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) _exit(1);
    dup2(pipe_ends[0], 103);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Looked looked = look(child, Known::files);
  ASSERT_TRUE(looked.world[looked.task].files);
  ASSERT_NE(looked.open(100), nullptr);
  EXPECT_EQ(looked.open(100)->path, path);
  EXPECT_EQ(looked.open(100)->id, id_of(path));
  EXPECT_EQ(looked.open(100)->kind, FileKind::regular);
  EXPECT_EQ(looked.open(101)->kind, FileKind::directory);
  EXPECT_EQ(looked.open(102)->kind, FileKind::device);
  EXPECT_EQ(looked.open(103)->kind, FileKind::pipe);
  EXPECT_NE(looked.open(103)->id.inode, 0U);
  EXPECT_TRUE(has(looked.world[looked.task].known, Known::files));
}

TEST(MachineDeepen, AnUnlinkedFileThatIsMappedIsTold) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "map me";
  std::ofstream(path) << std::string(4096, 'x');
  const FileId id = id_of(path);
  const Child child([&](const Handshake& test) {
    const int fd = open(path.c_str(), O_RDONLY);
    if (mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED) _exit(1);
    close(fd);
    unlink(path.c_str());
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Looked looked = look(child, Known::maps);
  const auto& mapped = looked.files().mapped;
  const auto found = std::ranges::find(mapped, id, &OpenFile::id);
  ASSERT_NE(found, mapped.end());
  EXPECT_EQ(found->path, path + " (deleted)");
  EXPECT_NE(std::ranges::find(mapped, id_of("/proc/self/exe"), &OpenFile::id), mapped.end());
}

// What maps shows for overlayfs is a device that stat(2) shows nowhere.
TEST(MachineDeepen, AMappedFileHasTheDeviceThatStatShows) {
  if (!test::is_root()) GTEST_SKIP() << "needs root";
  const knell::test::TemporaryDirectory directory;
  EXPECT_EQ(test::in_child([&] {
              KNELL_CHECK(unshare(CLONE_NEWNS) == 0);
              KNELL_CHECK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
              const std::string root = directory.path();
              KNELL_CHECK(mount("tmpfs", root.c_str(), "tmpfs", 0, nullptr) == 0);
              for (const char* name : {"/lower", "/upper", "/work", "/whole"})
                KNELL_CHECK(mkdir((root + name).c_str(), 0700) == 0);
              std::ofstream(root + "/lower/file") << std::string(4096, 'x');
              const std::string options = "lowerdir=" + root + "/lower,upperdir=" + root +
                                          "/upper,workdir=" + root + "/work";
              if (mount("o", (root + "/whole").c_str(), "overlay", 0, options.c_str()) != 0)
                return true;
              const std::string path = root + "/whole/file";
              const int fd = open(path.c_str(), O_RDONLY);
              KNELL_CHECK(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
              const auto machine = Machine::open();
              KNELL_CHECK(machine);
              auto world = machine->read_some({}, Known::stat);
              KNELL_CHECK(world);
              const std::vector tasks{world->find(Pid(getpid()))};
              KNELL_CHECK(machine->deepen(*world, tasks, Known::maps));
              const auto& mapped = (*world)[(*world)[tasks[0]].files].mapped;
              KNELL_CHECK(std::ranges::find(mapped, id_of(path), &OpenFile::id) != mapped.end());
              return true;
            }),
            0);
}

/// Listens on a port, which it tells, in a network namespace of its own if so wished.
void listen_on_a_port(const Handshake& test, bool elsewhere) {
  if (elsewhere && unshare(CLONE_NEWNET) != 0) _exit(1);
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{.sin_family = AF_INET};
  socklen_t size = sizeof address;
  if (bind(server, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(server, 1) != 0 ||
      getsockname(server, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    _exit(1);
  test.tell(ntohs(address.sin_port));
  behaviour::sleep_for_ever();
}

TEST(MachineDeepen, SocketsAreThoseOfTheNamespaceTheProcessLivesIn) {
  for (const bool elsewhere : {false, true}) {
    if (elsewhere && !test::is_root()) continue;
    const Child child([&](const Handshake& test) { listen_on_a_port(test, elsewhere); });
    const Looked looked = look(child, Known::files);
    ASSERT_EQ(std::ranges::count(looked.world.sockets, SocketState::listening, &Socket::state), 1);
    const Socket& socket =
        *std::ranges::find(looked.world.sockets, SocketState::listening, &Socket::state);
    EXPECT_EQ(socket.local_port, child.first());
    EXPECT_EQ(socket.local_address, "0.0.0.0");
    EXPECT_EQ(looked.world.find_socket(socket.inode), &socket);
    EXPECT_TRUE(std::ranges::any_of(looked.files().open, [&](const OpenFile& file) {
      return file.kind == FileKind::socket && Inode(file.id.inode) == socket.inode;
    }));
  }
}

TEST(MachineDeepen, TheMachinesSocketsAndTheirHoldersAreFoundAmongAll) {
  const Child child([](const Handshake& test) { listen_on_a_port(test, false); });
  const auto machine = Machine::open();
  auto world = machine->read({.sockets = true});
  ASSERT_TRUE(world);
  EXPECT_TRUE(std::ranges::is_sorted(world->sockets, {}, &Socket::inode));
  const auto socket = std::ranges::find_if(world->sockets, [&](const Socket& each) {
    return each.local_port == child.first() && each.state == SocketState::listening;
  });
  ASSERT_NE(socket, world->sockets.end());
  const std::vector wanted{socket->inode};
  const auto holders = machine->socket_holders(*world, wanted);
  ASSERT_EQ(holders.size(), 1U);
  EXPECT_EQ(holders[0].socket, socket->inode);
  EXPECT_EQ(world->id(holders[0].task), child.id());
}

TEST(MachineDeepen, ALockIsItsHolders) {
  const knell::test::TemporaryDirectory directory;
  const std::string path = directory.path() / "lock";
  std::ofstream(path) << "x";
  const Child child([&](const Handshake& test) {
    if (flock(open(path.c_str(), O_RDWR), LOCK_EX) != 0) _exit(1);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Child other(behaviour::sleeping());
  const Looked looked = look(child, Known::files);
  ASSERT_EQ(looked.world.locks.size(), 1U);
  EXPECT_EQ(looked.world.locks[0], (FileLock{.type = FileLock::Type::flock,
                                             .write = true,
                                             .holder = child.id().pid,
                                             .file = id_of(path)}));
  EXPECT_TRUE(look(other, Known::files).world.locks.empty()) << "another's";
}

TEST(MachineDeepen, MemoryItTouchedIsItsAlone) {
  constexpr std::size_t kSize = 16 << 20;
  const Child small(behaviour::sleeping());
  const Child big([](const Handshake& test) {
    if (mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
             0) == MAP_FAILED)
      _exit(1);
    test.ready();
    behaviour::sleep_for_ever();
  });
  const Looked one = look(small, Known::memory);
  const Looked two = look(big, Known::memory);
  ASSERT_TRUE(one.world[one.task].mm && two.world[two.task].mm);
  const std::uint64_t less = one.world[one.world[one.task].mm].private_bytes;
  const std::uint64_t more = two.world[two.world[two.task].mm].private_bytes;
  EXPECT_GE(more, less + kSize - (2 << 20));
  EXPECT_LE(more, less + kSize + (2 << 20));
}

TEST(MachineDeepen, EnvironmentIsWhatItWasStartedWith) {
  const Child child([](const Handshake& test) {
    const pid_t sleeper = behaviour::fork_bound();
    if (sleeper == 0) {
      execle("/bin/sleep", "sleep", "1000", nullptr,
             std::array<const char*, 3>{"KNELL=test\nx", "B=", nullptr}.data());
    }
    test.introduce(sleeper);
    behaviour::sleep_for_ever();
  });
  const auto machine = Machine::open();
  const std::string expected("KNELL=test\nx\0B=\0", 16);
  EXPECT_TRUE(knell::test::eventually([&] {  // it takes its moment to become sleep(1)
    const std::vector pids{child.first_process().pid};
    auto world = machine->read_some(pids, Known::stat);
    const std::vector tasks{world->find(pids[0])};
    return machine->deepen(*world, tasks, Known::environ) &&
           world->details_of(tasks[0]).environ == expected;
  }));
}

/// fork(2) copies what execve(2) made; another program's is another one.
TEST(MachineDeepen, KnowsAForkByItsImage) {
  const Child child(behaviour::sleeping());
  const auto machine = Machine::open();
  const std::vector pids{child.id().pid, Pid(getpid()), Pid(getppid())};
  auto world = machine->read_some(pids, Known::stat);
  std::vector<TaskIndex> tasks;
  for (const Pid pid : pids) tasks.push_back(world->find(pid));
  ASSERT_TRUE(machine->deepen(*world, tasks, Known::image));
  const std::string& own = world->details_of(tasks[1]).image;
  EXPECT_FALSE(own.empty());
  EXPECT_EQ(world->details_of(tasks[0]).image, own);
  EXPECT_NE(world->details_of(tasks[2]).image, own);
  EXPECT_TRUE((*world)[tasks[0]].fork_no_exec);
  EXPECT_FALSE((*world)[tasks[1]].fork_no_exec);
}

TEST(MachineDeepen, CountsBirths) {
  const auto machine = Machine::open();
  const auto before = machine->births();
  const Child child(behaviour::sleeping());
  const auto after = machine->births();
  ASSERT_TRUE(before && after);
  EXPECT_NE(*before, *after);
}

TEST(MachineDeepen, AZombieIsKnownToHaveNothing) {
  const Child child(behaviour::keeping_a_zombie());
  const auto machine = Machine::open();
  const std::vector pids{child.first_process().pid};
  auto world = machine->read_some(pids, Known::stat);
  const std::vector tasks{world->find(pids[0])};
  const Known depth = Known::status | Known::threads | Known::files | Known::maps | Known::memory |
                      Known::cgroup | Known::environ;
  ASSERT_TRUE(machine->deepen(*world, tasks, depth));
  EXPECT_EQ((*world)[tasks[0]].state, TaskState::zombie);
  EXPECT_TRUE(has((*world)[tasks[0]].known, depth));
  EXPECT_FALSE((*world)[tasks[0]].mm);
  EXPECT_TRUE(world->unread.empty());
}

TEST(MachineDeepen, EachProcessIsPinnedByTheInodeOfItsPidfd) {
  const Child child(behaviour::sleeping());
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, child.pid(), 0));
  const int own = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  struct stat childs{}, mine{};
  fstat(pidfd, &childs);
  fstat(own, &mine);
  close(pidfd);
  close(own);
  const Looked looked = look(child, Known::stat);
  if (childs.st_ino == mine.st_ino)  // before Linux 6.9
    EXPECT_EQ(looked.world.signal_of(looked.task).pidfd, Inode{});
  else
    EXPECT_EQ(looked.world.signal_of(looked.task).pidfd, Inode(childs.st_ino));
}

TEST(MachineDeepen, WhoHasEndedIsReleased) {
  const auto machine = Machine::open();
  std::optional<Child> child(std::in_place, behaviour::sleeping());
  auto world = machine->read({});
  const std::vector tasks{world->find(child->id())};
  child.reset();
  ASSERT_TRUE(machine->deepen(*world, tasks, Known::status | Known::surroundings));
  EXPECT_EQ((*world)[tasks[0]].state, TaskState::released);
  EXPECT_FALSE(world->find((*world)[tasks[0]].pid));
}

TEST(MachineDeepen, WhoseNumberIsAnothersIsReleased) {
  const auto machine = Machine::open();
  std::optional<Child> first(std::in_place, behaviour::sleeping());
  const pid_t pid = first->pid();
  const StartTime start = first->id().start;
  auto world = machine->read({});
  const std::vector tasks{world->find(first->id())};
  first.reset();
  EXPECT_TRUE(knell::test::eventually([&] {
    const auto second = Child::with_pid(pid, behaviour::sleeping());
    if (!second || second->id().start == start) return !second;  // until the clock has ticked
    EXPECT_TRUE(machine->deepen(*world, tasks, Known::status | Known::files));
    EXPECT_EQ((*world)[tasks[0]].state, TaskState::released);
    return true;
  }));
  if ((*world)[tasks[0]].state != TaskState::released)
    GTEST_SKIP() << "clone3 with set_tid is not permitted";
}

TEST(MachineDeepen, OrphansOfOneWhoEndedHaveTheParentTheyHaveByNow) {
  const knell::test::Subreaper subreaper;
  const auto machine = Machine::open();
  std::optional<Child> child(std::in_place, [](const Handshake& test) {
    const pid_t grandchild = fork();
    if (grandchild == 0) behaviour::sleep_for_ever();
    test.introduce(grandchild);
    behaviour::sleep_for_ever();
  });
  const knell::test::Guard grandchild(child->first_process());
  auto world = machine->read({});
  const std::vector tasks{world->find(child->id())};
  const TaskIndex orphan = world->find(child->first_process().pid);
  ASSERT_EQ((*world)[orphan].real_parent, tasks[0]);
  child.reset();
  ASSERT_TRUE(machine->deepen(*world, tasks, Known::status | Known::surroundings));
  EXPECT_EQ((*world)[tasks[0]].state, TaskState::released);
  EXPECT_EQ((*world)[(*world)[orphan].real_parent].pid, Pid(getpid()));
}

TEST(MachineDeepen, WithoutDescriptorsNothingIsChanged) {
  EXPECT_EQ(test::in_child([] {
              const auto machine = Machine::open();
              auto world = machine->read({});
              KNELL_CHECK(world);
              const World before = *world;
              const int next = dup(0);
              close(next);
              for (const int left : {0, 1}) {  // one: enough for the pidfd
                const rlimit limit{.rlim_cur = static_cast<rlim_t>(next + left),
                                   .rlim_max = static_cast<rlim_t>(next + 1)};
                KNELL_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
                const std::vector tasks{world->find(Pid(getppid()))};
                const auto deepened = machine->deepen(*world, tasks, Known::files);
                KNELL_CHECK(!deepened && deepened.error().number == EMFILE);
                KNELL_CHECK(*world == before);
              }
              return true;
            }),
            0);
}

}  // namespace
}  // namespace knell::live
