/// The versions that can be told apart, and which of them stands for another.

#include "knell/kernel/version.hpp"

#include <gtest/gtest.h>

namespace knell::test {
namespace {

using kernel::KernelVersion;

TEST(KernelVersion, IsReadAsItIsWritten) {
  EXPECT_EQ(kernel::parse_version("3.10"), KernelVersion::v3_10);
  EXPECT_EQ(kernel::parse_version("6.18"), KernelVersion::v6_18);
  EXPECT_EQ(kernel::parse_version("2.6"), std::nullopt);
  EXPECT_EQ(kernel::parse_version(""), std::nullopt);
}

TEST(KernelVersion, IsTheNewestThatIsNotNewer) {
  EXPECT_EQ(kernel::version_of(2, 6), KernelVersion::v3_10);  // nothing older is there
  EXPECT_EQ(kernel::version_of(3, 10), KernelVersion::v3_10);
  EXPECT_EQ(kernel::version_of(4, 19), KernelVersion::v3_16);
  EXPECT_EQ(kernel::version_of(5, 10), KernelVersion::v5_10);
  EXPECT_EQ(kernel::version_of(6, 0), KernelVersion::v5_10);
  EXPECT_EQ(kernel::version_of(6, 13), KernelVersion::v6_12);
  EXPECT_EQ(kernel::version_of(6, 18, 43), KernelVersion::v6_18);
  EXPECT_EQ(kernel::version_of(6, 18, 44), KernelVersion::v6_18_44);
  EXPECT_EQ(kernel::version_of(7, 1), KernelVersion::v6_18_44);
}

}  // namespace
}  // namespace knell::test
