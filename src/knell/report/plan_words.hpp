#pragma once

/// What a plan says of one process, in words.

#include <string>
#include <unordered_map>

#include "knell/plan/forecast.hpp"
#include "knell/report/page.hpp"

namespace knell::report {

/// Names of processes, in the plan and about it.
class Names {
public:
  Names(const plan::Forecast& forecast, const Style& style);

  /// "4242 web-parent"; only the number where the name is not known. Names longer than `room`
  /// columns are cut.
  [[nodiscard]] Text of(ProcessId id, Ink ink = Ink::plain) const;
  [[nodiscard]] Text of(ProcessId id, const std::string& name, Ink ink = Ink::plain) const;
  /// Its place in Forecast::processes, where it has one.
  [[nodiscard]] std::optional<std::size_t> place(ProcessId id) const;

private:
  const plan::Forecast& forecast_;
  const Style& style_;
  std::unordered_map<ProcessId, std::size_t> places_;
};

/// How long a name may be within a sentence.
inline constexpr std::size_t kNameRoom = 32;

/// "TERM, KILL after 10 s": the times are counted from the first signal.
[[nodiscard]] std::string steps_text(const std::vector<plan::Step>& steps);

/// What becomes of it, over all steps: "ignores TERM; dies of KILL after 10 s". It says for certain
/// what is certain, and who decides what is not.
[[nodiscard]] Text effect_text(const plan::Forecast& forecast, const plan::ProcessForecast& process,
                               const Style& style);

/// What is peculiar to it beside that: "its leader ended, 3 threads live", what ties it to the
/// plan. Empty for most.
[[nodiscard]] Text note_text(const plan::ProcessForecast& process, const Style& style);

}  // namespace knell::report
