#pragma once

/// Makes up scenarios: step by step, from a seed, and towards the hard corners.

#include <cstdint>
#include <optional>
#include <vector>

#include "knell/conform/random.hpp"
#include "knell/conform/scene.hpp"
#include "knell/script/run.hpp"
#include "knell/script/script.hpp"

namespace knell::conform {

/// What may be made up.
struct Allowed {
  bool users = true;  ///< setresuid to other users
};

/// Each author has habits of its own, drawn from its seed: a few signals it likes, so that they
/// meet, and kinds of steps that it takes often, or never. So every scenario goes deep somewhere.
class Author {
public:
  explicit Author(std::uint64_t seed, Allowed allowed = {});

  /// The scenario before its first step.
  [[nodiscard]] script::Script beginning() const;
  /// A step that can be taken now. None: nobody can do anything any more.
  [[nodiscard]] std::optional<script::Step> next(const script::Run& run);

private:
  struct Habit {
    Writer writer;
    unsigned weight;
  };
  void adopt(std::span<const Writer> writers, unsigned least = 0);
  [[nodiscard]] const Habit* choose(const Scene& scene);

  std::uint64_t seed_;
  Random random_;
  std::vector<Signal> signals_;
  std::vector<Habit> habits_;
  std::vector<const Habit*> possible_;  // of `choose`, kept for its memory
  bool time_has_to_pass_ = false;
};

}  // namespace knell::conform
