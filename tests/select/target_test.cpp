#include "knell/select/target.hpp"

#include <rapidcheck.h>

#include <cerrno>

#include <gtest/gtest.h>

namespace knell::select {
namespace {

using Kind = Target::Kind;
using namespace std::string_literals;

Target parsed(std::string_view typed) {
  Result<Target> target = parse_target(typed);
  EXPECT_TRUE(target) << typed << ": " << target.error().message();
  return target.value_or(Target{});
}
Error refused(std::string_view typed) {
  const Result<Target> target = parse_target(typed);
  EXPECT_FALSE(target) << typed << " was understood";
  return target ? Error{} : target.error();
}

TEST(Target, BareDigitsAreAPid) {
  EXPECT_EQ(parsed("1234"), (Target{.kind = Kind::pid, .typed = "1234", .number = 1234}));
  EXPECT_EQ(parsed("1").number, 1);
  EXPECT_EQ(parsed("4194304").number, 4194304);
  EXPECT_EQ(parsed("pid:77"), (Target{.kind = Kind::pid, .typed = "pid:77", .number = 77}));
}

TEST(Target, NumbersThatKillTakesForGroupsOrEverythingAreRefused) {
  for (const std::string_view word : {"0", "00", "-1", "-5", "-1234", "4194305",
                                      "99999999999999999999", "pid:0", "pid:-1", "pid:x", "pid:"}) {
    const Error error = refused(word);
    EXPECT_EQ(error.number, EINVAL) << word;
    EXPECT_EQ(error.object, "'" + std::string(word) + "'");
  }
  EXPECT_NE(refused("0").hint.find("knell has no 'everything'"), std::string::npos);
  EXPECT_NE(refused("-1").hint.find("group:PGID"), std::string::npos);
  EXPECT_NE(refused("-1234").hint.find("group:1234"), std::string::npos);
}

TEST(Target, AnyOtherBareWordIsAName) {
  for (const std::string_view word :
       {"nginx", "a", "-bash", "+5", "12a", "1 2", "1.5", "a/b", "a\nb", "\x1b[31m", "\xff\xfe"})
    EXPECT_EQ(parsed(word),
              (Target{.kind = Kind::name, .typed = std::string(word), .text = std::string(word)}));
}

TEST(Target, ANameThatLooksLikeSomethingElseIsGivenWithItsPrefix) {
  EXPECT_EQ(parsed("name:1234"),
            (Target{.kind = Kind::name, .typed = "name:1234", .text = "1234"}));
  EXPECT_EQ(parsed("name:kworker/0:1").text, "kworker/0:1");
  EXPECT_EQ(parsed("name:/x/").text, "/x/");
}

TEST(Target, AnUnknownPrefixIsAnErrorThatListsTheKnownOnes) {
  for (const std::string_view word : {"prot:80", ":80", "kworker/0:1", "PORT:80", "regex:x"}) {
    const Error error = refused(word);
    EXPECT_EQ(error.number, EINVAL);
    for (const std::string_view prefix : {"pid:", "name:", "user:", "group:", "session:", "tty:",
                                          "port:", "file:", "cgroup:", "unit:", "pidfile:", "exe:"})
      EXPECT_NE(error.hint.find(prefix), std::string::npos) << word << " " << prefix;
  }
}

TEST(Target, NothingAndNothingBehindAPrefixAreRefused) {
  for (const std::string_view word : {"", "name:", "user:", "file:", "exe:", "pidfile:", "unit:",
                                      "cgroup:", "tty:", "tty:/dev/", "port:", "group:"})
    EXPECT_EQ(refused(word).number, EINVAL) << word;
}

TEST(Target, ANulByteIsRefusedEverywhere) {
  for (const std::string& word : {"\0"s, "a\0b"s, "/a\0b/"s, "file:/a\0b"s, "name:\0"s})
    EXPECT_EQ(refused(word).number, EINVAL);
}

TEST(Target, APatternStandsBetweenSlashes) {
  EXPECT_EQ(parsed("/ng.*x/"), (Target{.kind = Kind::regex, .typed = "/ng.*x/", .text = "ng.*x"}));
  EXPECT_EQ(parsed("/a:b/").text, "a:b");
  EXPECT_EQ(parsed("/a\\/b/").text, "a/b");
  EXPECT_EQ(parsed("/a\\.b/").text, "a\\.b");
  EXPECT_EQ(parsed("/a\\\\/").text, "a\\\\");
  EXPECT_EQ(parsed("/a\\\\\\/b/").text, "a\\\\/b");
}

TEST(Target, APathIsNotTakenForAPattern) {
  for (const std::string_view word : {"/usr/bin/", "/usr/bin/x", "/x", "/", "//", "/a\\/", "/a\\"})
    EXPECT_EQ(refused(word).number, EINVAL) << word;
  EXPECT_NE(refused("/usr/bin/x").hint.find("exe:"), std::string::npos);
}

TEST(Target, APortIsTcpUnlessItSaysUdp) {
  EXPECT_EQ(parsed("port:8080"),
            (Target{.kind = Kind::port, .typed = "port:8080", .number = 8080}));
  EXPECT_FALSE(parsed("port:8080/tcp").udp);
  EXPECT_EQ(parsed("port:8080/tcp").number, 8080);
  EXPECT_EQ(parsed("port:53/udp"),
            (Target{.kind = Kind::port, .typed = "port:53/udp", .number = 53, .udp = true}));
  EXPECT_EQ(parsed("port:1").number, 1);
  EXPECT_EQ(parsed("port:65535").number, 65535);
  for (const std::string_view word : {"port:0", "port:65536", "port:http", "port:80/",
                                      "port:80/sctp", "port:-1", "port:80 ", "port:/udp"})
    EXPECT_EQ(refused(word).number, EINVAL) << word;
}

TEST(Target, GroupsAndSessionsAreNumbersFromOne) {
  EXPECT_EQ(parsed("group:12"), (Target{.kind = Kind::group, .typed = "group:12", .number = 12}));
  EXPECT_EQ(parsed("session:12").kind, Kind::session);
  for (const std::string_view word : {"group:0", "group:-1", "session:0", "group:x", "session:1x"})
    EXPECT_EQ(refused(word).number, EINVAL) << word;
}

TEST(Target, ATerminalIsNamedWithOrWithoutDev) {
  EXPECT_EQ(parsed("tty:pts/3").text, "pts/3");
  EXPECT_EQ(parsed("tty:/dev/pts/3").text, "pts/3");
  EXPECT_EQ(parsed("tty:tty1"),
            (Target{.kind = Kind::terminal, .typed = "tty:tty1", .text = "tty1"}));
}

TEST(Target, AUnitWithoutAnEndingIsAService) {
  EXPECT_EQ(parsed("unit:nginx").text, "nginx.service");
  EXPECT_EQ(parsed("unit:php8.2-fpm").text, "php8.2-fpm.service");
  EXPECT_EQ(parsed("unit:getty@tty1").text, "getty@tty1.service");
  for (const std::string_view unit :
       {"nginx.service", "session-2.scope", "user.slice", "a.socket", "tmp.mount", "dev-sda2.swap"})
    EXPECT_EQ(parsed("unit:" + std::string(unit)).text, unit);
  EXPECT_EQ(refused("unit:apt-daily.timer").number, EINVAL);
  EXPECT_EQ(refused("unit:a/b").number, EINVAL);
}

TEST(Target, ACgroupIsAnAbsolutePathAndNotTheRoot) {
  EXPECT_EQ(parsed("cgroup:/a/b").text, "/a/b");
  EXPECT_EQ(parsed("cgroup:/a//b/").text, "/a/b");
  for (const std::string_view word : {"cgroup:a/b", "cgroup:/", "cgroup://"})
    EXPECT_EQ(refused(word).number, EINVAL) << word;
}

TEST(Target, PathsAreKeptAsTheyAre) {
  EXPECT_EQ(parsed("file:/a:b"),
            (Target{.kind = Kind::file, .typed = "file:/a:b", .text = "/a:b"}));
  EXPECT_EQ(parsed("pidfile:/run/x.pid").text, "/run/x.pid");
  EXPECT_EQ(parsed("exe:./x").text, "./x");
  EXPECT_EQ(parsed("user:1000"),
            (Target{.kind = Kind::user, .typed = "user:1000", .text = "1000"}));
}

TEST(Target, AnyBytesAreEitherUnderstoodOrRefusedWithAReason) {
  const auto holds = rc::check("any bytes, with and without a prefix", [] {
    const auto prefix = *rc::gen::element<std::string>(
        "", "/", "port:", "group:", "unit:", "cgroup:/", "tty:", "name:", "-", "pid:");
    const auto ending = *rc::gen::element<std::string>("", "/", "\\/", "/udp");
    const std::string typed = prefix + *rc::gen::string<std::string>() + ending;
    const Result<Target> target = parse_target(typed);
    if (target) {
      RC_ASSERT(target->typed == typed);
      RC_ASSERT(!target->text.empty() || target->number > 0);
      RC_ASSERT(*parse_target(target->typed) == *target);
    } else {
      RC_ASSERT(target.error().number == EINVAL);
      RC_ASSERT(!target.error().hint.empty());
    }
  });
  EXPECT_TRUE(holds);
}

TEST(Target, EveryNumberOfDigitsIsAPidInRangeOrNothing) {
  const auto holds = rc::check("decimal numbers", [] {
    const auto number = *rc::gen::arbitrary<std::uint64_t>();
    const Result<Target> target = parse_target(std::to_string(number));
    RC_ASSERT(target.has_value() == (number >= 1 && number <= 4194304));
    const auto small = *rc::gen::inRange(1, 4194305);
    RC_ASSERT(parse_target(std::to_string(small))->number == small);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace knell::select
