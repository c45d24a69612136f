/// What holds for every text, whatever the processes are called.

#include <rapidcheck.h>

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "arbitrary.hpp"
#include "knell/report/text.hpp"
#include "knell/report/unicode.hpp"

namespace knell::report {
namespace {

template <class Function>
void for_lines(std::string_view text, Function function) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    RC_ASSERT(end != std::string_view::npos);  // the last line ends like every other
    function(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

/// The text without the few colours we use; any other escape stays in it.
std::string without_colour(std::string text) {
  for (const char* sgr : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
    for (std::size_t at = 0; (at = text.find(sgr, at)) != std::string::npos;)
      text.erase(at, std::string_view(sgr).size());
  }
  return text;
}

Style any_style() {
  Style style;
  style.colour = *rc::gen::arbitrary<bool>();
  style.unicode = *rc::gen::arbitrary<bool>();
  style.verbose = *rc::gen::arbitrary<bool>();
  style.width = *rc::gen::inRange<std::size_t>(40, 140);
  return style;
}

void is_harmless_and_fits(const std::string& printed, const Style& style) {
  if (!style.colour) RC_ASSERT(printed.find('\x1b') == std::string::npos);
  const std::string text = without_colour(printed);
  RC_ASSERT(is_utf8(text));
  for_lines(text, [&](std::string_view line) {
    for (char byte : line) {
      RC_ASSERT(static_cast<unsigned char>(byte) >= 0x20);
      RC_ASSERT(byte != '\x7f');
      if (!style.unicode) RC_ASSERT(static_cast<unsigned char>(byte) < 0x80);
    }
    RC_ASSERT(columns(line) <= style.width);
    RC_ASSERT(!line.ends_with(' '));
  });
}

TEST(EveryPlan, FitsItsTerminalAndPrintsNoControl) {
  EXPECT_TRUE(rc::check("any plan, any names, any width from 40", [] {
    const plan::Forecast forecast = samples::any_forecast();
    const Style style = any_style();
    is_harmless_and_fits(plan_text(forecast, style), style);
  }));
}

TEST(EveryVerdict, FitsItsTerminalAndPrintsNoControl) {
  EXPECT_TRUE(rc::check("any verdict, any names, any width from 40", [] {
    const plan::Forecast forecast = samples::any_forecast();
    const plan::Verdict verdict = samples::any_verdict(forecast);
    const Style style = any_style();
    is_harmless_and_fits(verdict_text(forecast, verdict, style), style);
  }));
}

TEST(EveryPlan, SaysTheSameWithoutColour) {
  EXPECT_TRUE(rc::check("colour adds nothing but colour", [] {
    const plan::Forecast forecast = samples::any_forecast();
    Style style = any_style();
    style.colour = true;
    const std::string coloured = plan_text(forecast, style);
    style.colour = false;
    RC_ASSERT(without_colour(coloured) == plan_text(forecast, style));
  }));
}

TEST(EveryPlan, NeverCutsANumber) {
  EXPECT_TRUE(rc::check("each process's pid stands whole in a verbose plan", [] {
    const plan::Forecast forecast = samples::any_forecast();
    Style style = any_style();
    style.colour = false;
    style.verbose = true;
    const std::string text = plan_text(forecast, style);
    for (const plan::ProcessForecast& process : forecast.processes) {
      std::string pid = std::to_string(process.id.pid.value());
      pid.insert(0, 1, ' ').push_back(' ');
      RC_ASSERT(text.find(pid) != std::string::npos);
    }
  }));
}

TEST(EveryProgressLine, IsNarrowerThanItsTerminal) {
  EXPECT_TRUE(rc::check("any width", [] {
    Style style = any_style();
    style.width = *rc::gen::inRange<std::size_t>(0, 100);
    act::Progress progress;
    progress.total = *rc::gen::arbitrary<std::size_t>();
    progress.ended = *rc::gen::arbitrary<std::size_t>();
    progress.signal = signals::kTerm;
    progress.next = signals::kKill;
    progress.until_next = std::chrono::milliseconds(*rc::gen::inRange(0, 1'000'000'000));
    const std::string line = progress_text(progress, style);
    RC_ASSERT(columns(line) + 1 <= std::max<std::size_t>(style.width, 1));
    RC_ASSERT(line.find('\n') == std::string::npos);
  }));
}

}  // namespace
}  // namespace knell::report
