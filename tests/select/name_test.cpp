#include <gtest/gtest.h>

#include "worlds.hpp"

namespace knell::select {
namespace {

TEST(Name, IsTheCommOrTheExecutablesOrArgvZerosBaseName) {
  Machine machine;
  machine.program(10, "worker", "/usr/sbin/nginx", "/opt/www/server\0-g\0"s);
  for (const std::string_view name : {"worker", "nginx", "server"})
    EXPECT_EQ(machine.pids({name}), Pids{10}) << name;
}

TEST(Name, IsNeverAPartOfAnother) {
  Machine machine;
  machine.program(10, "nginx", "/usr/sbin/nginx", "nginx: master process\0"s);
  for (const std::string_view name :
       {"ngin", "ginx", "nginx2", "NGINX", "sbin", "master", "nginx:", "-g"})
    EXPECT_EQ(machine.pids({"name:" + std::string(name)}), Pids{}) << name;
}

TEST(Name, OfFifteenBytesMatchesItsOwnFifteenBytesOnly) {
  Machine machine;
  machine.process(10, "abcdefghijklmno");  // what the kernel leaves of a longer name, too
  EXPECT_EQ(machine.pids({"abcdefghijklmno"}), Pids{10});
  EXPECT_EQ(machine.pids({"abcdefghijklmn"}), Pids{});
  EXPECT_EQ(machine.pids({"abcdefghijklmnop"}), Pids{});
}

TEST(Name, OfSixteenBytesIsSaidByTheExecutableOrArgvZero) {
  Machine machine;
  machine.program(10, "abcdefghijklmno", "/bin/abcdefghijklmnop", "");
  machine.program(11, "abcdefghijklmno", "/bin/abcdefghijklmnoq", "");
  machine.program(12, "abcdefghijklmno", "", "./abcdefghijklmnop\0x\0"s);
  EXPECT_EQ(machine.pids({"abcdefghijklmnop"}), (Pids{10, 12}));
  EXPECT_EQ(machine.pids({"abcdefghijklmnoq"}), Pids{11});
  EXPECT_EQ(machine.pids({"abcdefghijklmno"}), (Pids{10, 11, 12}));
}

TEST(Name, OfAKernelThreadMayBeLongerThanFifteenBytes) {
  Machine machine;
  machine.world[machine.process(10, "kworker/u8:2-events_unbound")].kernel_thread = true;
  EXPECT_EQ(machine.pids({"name:kworker/u8:2-events_unbound"}), Pids{10});
  EXPECT_EQ(machine.pids({"name:kworker/u8:2-e"}), Pids{});
}

TEST(Name, OfARenamedProcessIsOldAndNew) {
  Machine machine;
  machine.program(10, "pool-1", "/usr/bin/python3.11", "python3\0app.py\0"s);  // prctl PR_SET_NAME
  for (const std::string_view name : {"pool-1", "python3.11", "python3"})
    EXPECT_EQ(machine.pids({name}), Pids{10}) << name;
  EXPECT_EQ(machine.pids({"app.py"}), Pids{}) << "an argument is no name";
}

TEST(Name, OfALoginShellIsKnownWithAndWithoutItsDash) {
  Machine machine;
  machine.program(10, "busybox", "/bin/busybox", "-bash\0"s);
  EXPECT_EQ(machine.pids({"bash"}), Pids{10});
  EXPECT_EQ(machine.pids({"-bash"}), Pids{10});
  EXPECT_EQ(machine.pids({"--bash"}), Pids{});
}

TEST(Name, OfAScriptIsItsOwnAndItsInterpreters) {
  Machine machine;
  machine.program(10, "backup.sh", "/usr/bin/dash", "/bin/sh\0./backup.sh\0"s);
  for (const std::string_view name : {"backup.sh", "dash", "sh"})
    EXPECT_EQ(machine.pids({name}), Pids{10}) << name;
}

TEST(Name, OfAScriptThatIsTooLongForACommIsSaidByTheInterpretersArguments) {
  Machine machine;
  machine.program(10, "backup-database", "/usr/bin/dash",
                  "/bin/sh\0/opt/backup-databases.sh\0-v\0"s);
  machine.program(11, "backup-database", "/usr/bin/dash",
                  "/bin/sh\0-e\0/opt/backup-databases.sh\0"s);
  // A shell that was given the script's path as an argument is no script: its comm says so.
  machine.program(12, "sh", "/usr/bin/dash", "/bin/sh\0/opt/backup-databases.sh\0"s);
  machine.program(13, "backup-database", "/usr/bin/dash",
                  "/bin/sh\0-e\0x\0/opt/backup-databases.sh\0"s);
  machine.program(14, "backup", "/usr/bin/dash", "/bin/sh\0/opt/backup-databases.sh\0"s);
  EXPECT_EQ(machine.pids({"backup-databases.sh"}), (Pids{10, 11}));
}

TEST(Name, IsBytesWhateverTheyAre) {
  Machine machine;
  int pid = 10;
  for (const std::string& name :
       {"a\nb"s, "x) R 1 (y"s, "\x1b[2J"s, "\xff\xfe"s, "m\xc3\xbcsli"s, "two words"s, "("s}) {
    machine.process(pid, name);
    EXPECT_EQ(machine.pids({"name:" + name}), Pids{pid});
    ++pid;
  }
  EXPECT_EQ(machine.pids({"a"}), Pids{});
  EXPECT_EQ(machine.pids({"name:m\xc3"}), Pids{});
}

TEST(Name, OfAZombieIsItsComm) {
  Machine machine;
  const TaskIndex zombie = machine.process(10, "worker");
  machine.world[zombie].state = TaskState::zombie;
  EXPECT_EQ(machine.pids({"worker"}), Pids{10});
}

TEST(Name, OfADeletedExecutableStillCounts) {
  Machine machine;
  const TaskIndex task = machine.program(10, "x", "/usr/bin/upgraded", "x\0"s);
  machine.world.details_of(task).exe_deleted = true;
  EXPECT_EQ(machine.pids({"upgraded"}), Pids{10});
}

TEST(Pattern, IsFoundAnywhereInAnyOfTheThreeNames) {
  Machine machine;
  machine.program(10, "worker", "/usr/sbin/nginx", "/opt/www/server\0-g\0"s);
  for (const std::string_view word : {"/ork/", "/^nginx$/", "/r$/", "/^(server|x)$/", "/wo?rker+/"})
    EXPECT_EQ(machine.pids({word}), Pids{10}) << word;
  for (const std::string_view word : {"/sbin/", "/opt/", "/-g/", "/NGINX/", "/^orker/"})
    EXPECT_EQ(machine.pids({word}), Pids{}) << word;
}

TEST(Pattern, LooksAtTheWholeCommandLineWhenToldTo) {
  Machine machine;
  machine.filter.full = true;
  machine.program(10, "java", "/usr/bin/java", "java\0-jar\0/srv/app.jar\0"s);
  EXPECT_EQ(machine.pids({"/^java -jar \\/srv\\/app\\.jar$/"}), Pids{10});
  EXPECT_EQ(machine.pids({"/bin/"}), Pids{}) << "the executable is not in the command line";
}

TEST(Pattern, LooksAtTheCommWhereThereIsNoCommandLine) {
  Machine machine;
  machine.filter.full = true;
  machine.world[machine.process(2, "kthreadd")].kernel_thread = true;
  const TaskIndex zombie = machine.process(10, "worker");
  machine.world[zombie].state = TaskState::zombie;
  machine.program(11, "emptied", "/bin/x", "\0\0\0"s);
  EXPECT_EQ(machine.pids({"/^kthreadd$/"}), Pids{2});
  EXPECT_EQ(machine.pids({"/^\\[/"}), Pids{}) << "the brackets are ps's, not the kernel's";
  EXPECT_EQ(machine.pids({"/^worker$/"}), Pids{10});
  EXPECT_EQ(machine.pids({"/^emptied$/"}), Pids{11});
}

TEST(Pattern, SeesTheLineFeedInANameAsAByteLikeAnother) {
  Machine machine;
  machine.process(10, "evil\nsshd");
  machine.process(11, "sshd");
  EXPECT_EQ(machine.pids({"/^sshd$/"}), Pids{11});
  EXPECT_EQ(machine.pids({"/evil.sshd/"}), Pids{10});
}

TEST(Pattern, ThatIsNoRegularExpressionIsAnErrorWithItsReason) {
  const Machine machine;
  for (const std::string_view word : {"/(/", "/[/", "/a{2,1}/", "/[[:nothing:]]/"}) {
    const auto selection = machine.selection({word});
    ASSERT_FALSE(selection) << word;
    EXPECT_EQ(selection.error().number, EINVAL);
    EXPECT_FALSE(selection.error().hint.empty());
  }
}

}  // namespace
}  // namespace knell::select
