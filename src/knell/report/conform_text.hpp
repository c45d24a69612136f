#pragma once

/// What a comparison with the running kernel came to, as text and as JSON.

#include <cstdint>
#include <string>
#include <vector>

#include "knell/conform/campaign.hpp"
#include "knell/conform/comparison.hpp"
#include "knell/report/text.hpp"

namespace knell::report {

/// A scenario from a file, and what came of it.
struct ComparedFile {
  std::string file;
  conform::Compared compared;
};

/// "fork.scenario: 12 steps, no difference", or the differences; what was left out below it.
[[nodiscard]] std::string compared_text(const ComparedFile& file, const Style& style);

/// A campaign of random scenarios, over or under way.
struct CampaignReport {
  conform::Campaign campaign;
  conform::Progress progress;
  double seconds = 0;
  std::string left_out;  ///< what this machine or user does not allow; empty: nothing
};
[[nodiscard]] std::string campaign_text(const CampaignReport& report, const Style& style);
/// One line, without a newline, no wider than `style.width - 1`.
[[nodiscard]] std::string campaign_progress_text(const CampaignReport& report, const Style& style);

/// One document, with a newline at its end. docs/conform.md tells its members.
[[nodiscard]] std::string campaign_json(const CampaignReport& report);
[[nodiscard]] std::string compared_json(const std::vector<ComparedFile>& files);

}  // namespace knell::report
