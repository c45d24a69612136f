#pragma once

/// What may be typed: commands and options, what is said of them, and where their words go. Only
/// for this room's .cpp files: CLI11's header is a heavy one.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "knell/cli/options.hpp"

namespace knell::cli {

/// The words as CLI11 hands them over, before they mean anything.
struct Words {
  std::vector<std::string> targets;
  std::vector<std::string> users;
  std::vector<std::string> exclude;
  std::vector<int> parents;
  std::string older;
  std::string younger;
  std::string states;
  std::string signal;
  std::string steps;
  std::string wait = "10s";
  std::string colour = "auto";
  std::string version;
  std::string timeout;
  std::string grace;
  std::string enclosure = "auto";
  std::vector<std::string> command;     // of knell run: what knell's options end with
  std::span<const char* const> behind;  // of knell run: "--" and the rest
  std::int64_t until = 0;
  bool now = false;
  bool no_wait = false;
  bool plan_only = false;
  std::uint32_t android_uid = 0;
  std::int32_t android_pid = 0;
  std::string android_signal = "KILL";
  std::string android_way = "auto";
};

/// Its app writes to its other members when it parses, so it stays where it was made.
struct Grammar {
  /// With the options of all commands, or where it names one of them, only with its own: of the
  /// time that most commands take, making all would be a large part.
  explicit Grammar(std::string_view command);
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;
  ~Grammar() = default;

  Words words;
  Options options;
  CLI::App app;
};

}  // namespace knell::cli
