#include "knell/live/text.hpp"

#include <rapidcheck.h>

#include "gtest/gtest.h"

namespace knell::live {
namespace {

TEST(Text, WordsAreCutAtBlanksAndTabs) {
  std::string_view rest = "  one\ttwo";
  EXPECT_EQ(take_word(rest), "one");
  EXPECT_EQ(take_word(rest), "two");
  EXPECT_EQ(take_word(rest), "");
}

TEST(Text, TheLastPieceNeedsNoSeparator) {
  std::string_view rest = "a:b";
  EXPECT_EQ(take(rest, ':'), "a");
  EXPECT_EQ(take(rest, ':'), "b");
  EXPECT_EQ(take(rest, ':'), "");
}

TEST(Text, ANumberIsAllOfItsText) {
  EXPECT_EQ(number<int>("12"), 12);
  EXPECT_EQ(number<int>("-1"), -1);
  EXPECT_EQ(number<int>("ff", 16), 255);
  EXPECT_EQ(number<int>("12x"), std::nullopt);
  EXPECT_EQ(number<int>(""), std::nullopt);
  EXPECT_EQ(number<unsigned>("-1"), std::nullopt);
  EXPECT_EQ(number<std::uint8_t>("256"), std::nullopt);
}

TEST(Text, OctalEscapesAreUndoneAsMangledPathsHaveThem) {
  EXPECT_EQ(unescape_octal("/a\\040b\\012c\\134d"), "/a b\nc\\d");
  EXPECT_EQ(unescape_octal("\\777"), "\\777") << "is no byte";
  EXPECT_EQ(unescape_octal("\\04"), "\\04");
  EXPECT_EQ(unescape_octal("\\"), "\\");
}

TEST(Text, WhatWasEscapedComesBackWhole) {
  EXPECT_TRUE(rc::check([](const std::string& plain) {
    std::string escaped;
    for (const char byte : plain) {  // the set mangle_path() gets for mounts: " \t\n\\"
      if (byte == ' ')
        escaped += "\\040";
      else if (byte == '\t')
        escaped += "\\011";
      else if (byte == '\n')
        escaped += "\\012";
      else if (byte == '\\')
        escaped += "\\134";
      else
        escaped += byte;
    }
    RC_ASSERT(unescape_octal(escaped) == plain);
  }));
}

}  // namespace
}  // namespace knell::live
