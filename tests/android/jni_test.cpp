/// A Java program ends processes through the binding, in a real virtual machine.

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "own_root.hpp"
#include "support/program.hpp"

namespace knell::android {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Jni, AJavaProgramEndsProcessesAsOnAndroid) {
#ifndef KNELL_JAVA
  GTEST_SKIP()
      << "skipped: this build has no Java binding (no JDK was found: default-jdk-headless)";
#else
  const OwnRoot root(live::Cgroup::Version::v2);
  if (!root.made()) GTEST_SKIP() << "skipped: no cgroup v2 can be made here";
  const test::Ran ran = test::run_program(
      KNELL_JAVA,
      {"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", KNELL_JAR,
       std::string("-Dknell.jni=") + KNELL_JNI,
       KNELL_SOURCE_DIR "/tests/android/java/EndsProcesses.java"},
      {.before = [&] { ::setenv("KNELL_ANDROID_ROOT", root.path().c_str(), 1); }});
  EXPECT_EQ(ran.out,
            "killProcess 137\nkillProcessQuiet 137\n"
            "create 0\nsignal true\nkill 0\nended 137\nagain -1\n"
            "pid 0 -1\nexception uid is negative: -1\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("Sending signal. PID: "), HasSubstr("Removed cgroup "),
                             Not(HasSubstr("PID: 0 "))));
  EXPECT_THAT(root.cgroup().children().value(), IsEmpty());
#endif
}

}  // namespace
}  // namespace knell::android
