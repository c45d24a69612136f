#pragma once

/// What came of each process, and of all, in words.

#include "knell/plan/verdict.hpp"
#include "knell/report/page.hpp"
#include "knell/report/plan_words.hpp"

namespace knell::report {

struct Tally {
  std::size_t total = 0, ended = 0, already_ended = 0, survived = 0, not_permitted = 0, unknown = 0,
              zombies = 0;
  [[nodiscard]] std::size_t gone() const { return ended + already_ended; }
};
[[nodiscard]] Tally tally(const plan::Outcome& outcome);

/// How it ended, or what keeps it, as far as its heading leaves it open: "killed by TERM", "in
/// uninterruptible sleep". May be empty. Processes that met the same end have the same words.
[[nodiscard]] std::string fate_text(const plan::ProcessOutcome& process, const Style& style);
/// "still a zombie (300 lazy has not waited for it)"; empty if it does not.
[[nodiscard]] Text zombie_text(const plan::ProcessOutcome& process, const Names& names);

/// "Gone: 5 of 5 in 2.1 s." One sentence, whatever came.
[[nodiscard]] Text verdict_sentence(const plan::Forecast& forecast, const plan::Verdict& verdict,
                                    const Names& names);

}  // namespace knell::report
