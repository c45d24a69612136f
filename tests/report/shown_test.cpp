#include <rapidcheck.h>

#include <clocale>
#include <cstddef>
#include <cwchar>
#include <cwctype>
#include <string>

#include <gtest/gtest.h>

#include "arbitrary.hpp"
#include "knell/report/foreign.hpp"
#include "knell/report/text.hpp"
#include "knell/report/unicode.hpp"

namespace knell::report {
namespace {

TEST(Shown, LeavesOrdinaryNamesAlone) {
  EXPECT_EQ(shown("nginx: worker (1/4)"), "nginx: worker (1/4)");
  EXPECT_EQ(shown("möbel-日本-🔔"), "möbel-日本-🔔");
  EXPECT_EQ(shown(""), "");
}

TEST(Shown, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(shown("a\nb\tc\rd"), R"(a\nb\tc\rd)");
  EXPECT_EQ(shown("\x1b[2J"), R"(\x1b[2J)");
  EXPECT_EQ(shown("\x7f"), R"(\x7f)");
  EXPECT_EQ(shown(std::string_view("\0", 1)), R"(\x00)");
  EXPECT_EQ(shown("\xc2\x9b"), R"(\xc2\x9b)");  // U+009B, the one-character CSI
}

TEST(Shown, EscapesABackslashSoThatEscapesCannotBeForged) {
  EXPECT_EQ(shown("a\\nb"), R"(a\\nb)");
  EXPECT_EQ(shown("\\x1b"), R"(\\x1b)");
}

TEST(Shown, EscapesWhatTurnsOrHidesText) {
  EXPECT_EQ(shown("\u202Etxt"), R"(\xe2\x80\xaetxt)");  // RIGHT-TO-LEFT OVERRIDE
  EXPECT_EQ(shown("\u2066"), R"(\xe2\x81\xa6)");        // LEFT-TO-RIGHT ISOLATE
  EXPECT_EQ(shown("a\u200Bb"), R"(a\xe2\x80\x8bb)");    // ZERO WIDTH SPACE
  EXPECT_EQ(shown("\uFEFF"), R"(\xef\xbb\xbf)");
  EXPECT_EQ(shown("\u00A0"), R"(\xc2\xa0)");      // NO-BREAK SPACE
  EXPECT_EQ(shown("\u2028"), R"(\xe2\x80\xa8)");  // LINE SEPARATOR
}

// RFC 3629, 3 and 4.
TEST(Shown, EscapesEveryByteThatIsNotUtf8) {
  EXPECT_EQ(shown("\xff"), R"(\xff)");
  EXPECT_EQ(shown("a\x80z"), R"(a\x80z)");                      // continuation alone
  EXPECT_EQ(shown("\xc3"), R"(\xc3)");                          // cut short
  EXPECT_EQ(shown("\xc0\xaf"), R"(\xc0\xaf)");                  // overlong '/'
  EXPECT_EQ(shown("\xe0\x80\xaf"), R"(\xe0\x80\xaf)");          // overlong '/'
  EXPECT_EQ(shown("\xed\xa0\x80"), R"(\xed\xa0\x80)");          // surrogate U+D800
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), R"(\xf4\x90\x80\x80)");  // U+110000
  EXPECT_EQ(shown("\xf8\x90\x80\x80"), R"(\xf8\x90\x80\x80)");  // begins no character
  EXPECT_EQ(shown("\xf8\x88\x80\x80\x80"), R"(\xf8\x88\x80\x80\x80)");
}

TEST(Shown, LetsNoMoreThanThreeMarksStandOnALetter) {
  EXPECT_EQ(shown("e\u0301\u0302\u0303\u0304"), "e\u0301\u0302\u0303\\xcc\\x84");
  EXPECT_EQ(shown("\u0301e"), "\\xcc\\x81e");  // a mark with no letter of its own
}

/// The inverse of shown(), written from its description.
std::string unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'n':
        bytes += '\n';
        break;
      case 't':
        bytes += '\t';
        break;
      case 'r':
        bytes += '\r';
        break;
      case 'x':
        bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
        break;
      default:
        bytes += text[i];
    }
  }
  return bytes;
}

TEST(Shown, ShowsNoTwoNamesAlike) {
  EXPECT_TRUE(rc::check("the bytes can be told from what is shown", [] {
    const std::string bytes = *samples::bytes();
    RC_ASSERT(unescaped(shown(bytes)) == bytes);
  }));
}

class InUtf8Locale : public testing::Test {
protected:
  void SetUp() override {
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr)
      GTEST_SKIP() << "there is no locale C.UTF-8 to compare with";
  }
  void TearDown() override { std::setlocale(LC_CTYPE, "C"); }
};

TEST_F(InUtf8Locale, WhatIsShownIsTextForTheCLibraryToo) {
  EXPECT_TRUE(rc::check("mbrtowc takes it, and finds no control in it", [] {
    const std::string text = shown(*samples::bytes());
    std::mbstate_t state{};
    for (std::size_t at = 0; at < text.size();) {
      wchar_t letter = 0;
      const std::size_t length = std::mbrtowc(&letter, &text[at], text.size() - at, &state);
      RC_ASSERT(length >= 1U && length <= 4U);
      RC_ASSERT(std::iswcntrl(static_cast<std::wint_t>(letter)) == 0);
      at += length;
    }
  }));
}

TEST_F(InUtf8Locale, CharactersAreAsWideAsTheCLibrarySays) {
  for (char32_t code = 0x20; code < 0x110000; ++code) {
    const int theirs = wcwidth(static_cast<wchar_t>(code));
    if (theirs < 0 || !printable(code)) continue;
    const auto ours = static_cast<int>(columns(code));
    // A rare mark counted as a letter makes a line shorter than it could be, never longer.
    if (theirs == 0) {
      ASSERT_LE(ours, 1) << "U+" << std::hex << static_cast<unsigned>(code);
    } else {
      ASSERT_EQ(ours, theirs) << "U+" << std::hex << static_cast<unsigned>(code);
    }
  }
}

TEST(Cut, KeepsWhatFitsAndSaysThatItCut) {
  const Style unicode;
  Style ascii;
  ascii.unicode = false;
  EXPECT_EQ(cut("nginx", 5, unicode), "nginx");
  EXPECT_EQ(cut("nginxx", 5, unicode), "ngin…");
  EXPECT_EQ(cut("nginxx", 5, ascii), "ng...");
  EXPECT_EQ(cut("日本語", 5, unicode), "日本…");
  EXPECT_EQ(cut("日本語", 4, unicode), "日…");
  EXPECT_EQ(cut("/var/lib/x/y.lock", 11, unicode, Keep::both_ends), "/var/….lock");
}

TEST(Cut, NeverCutsAnEscapeInTwo) {
  const Style style;
  EXPECT_EQ(cut(R"(ab\x1bcd)", 5, style), "ab…");
  EXPECT_EQ(cut(R"(ab\x1bcd)", 7, style), R"(ab\x1b…)");
  EXPECT_EQ(cut(R"(a\\bc)", 4, style), R"(a\\…)");
  EXPECT_EQ(cut("e\u0301e\u0301e\u0301", 2, style), "e\u0301…");
}

TEST(ForeignName, CannotForgeTheGapBetweenColumns) {
  const Style style;
  EXPECT_EQ(foreign_name("Web Content", style), "Web Content");
  EXPECT_EQ(foreign_name("x   dies", style), R"(x \x20\x20dies)");
  EXPECT_EQ(foreign_name(" x ", style), R"(\x20x\x20)");
  EXPECT_EQ(foreign_name("", style), "(no name)");
}

TEST(Foreign, IsAsciiWhereTheStyleIs) {
  Style ascii;
  ascii.unicode = false;
  EXPECT_EQ(foreign("m\u00f6bel", ascii), R"(m\xc3\xb6bel)");
  EXPECT_EQ(prose("starts it when …", ascii), "starts it when ...");
}

}  // namespace
}  // namespace knell::report
