#pragma once

/// One row of the zoo's table: who is to end which animal, and what came of it.

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "zoo/animal.hpp"

namespace knell::zoo {

enum class Killer : std::uint8_t {
  nobody,
  knell,
  knell_run,
  kill,
  pkill,
  killall,
  timeout,
  cgroup_kill,
};

/// What a killer may be told.
struct Manner {
  std::string steps;               ///< `--steps` of knell; empty: as it does by default
  std::string enclosure = "auto";  ///< `--enclosure` of knell-run
  std::string limit;        ///< seconds until those act that start what they end; empty: enough
  std::string grace = "2";  ///< seconds that these give it then, before SIGKILL
};

struct Job {
  const Animal* animal = nullptr;
  Killer killer = Killer::nobody;
  uid_t user = 0;           ///< the animal, its neighbours and the killer are this user's
  std::uint64_t count = 0;  ///< see Life::Terms::count
  std::int64_t life = 0;    ///< milliseconds after which the animal ends by itself
  std::int64_t settle = 0;  ///< milliseconds that the last may take once the killer has returned
  std::string self;         ///< this program
  std::string knell;        ///< the knell program
  Manner manner;
};

struct Outcome {
  std::string skipped;  ///< why there is nothing to tell; empty: there is
  int processes = 0;    ///< that the animal had when it stood
  int left = 0;         ///< of them, or of those they started, alive at the end
  int zombies = 0;
  int hit = 0;         ///< innocents that were alive before and are not now
  double seconds = 0;  ///< until the killer had returned and, if `left` is 0, all were gone
  int status = -1;     ///< the killer's exit status; -1: not known
  std::string said;    ///< by the killer on both of its outputs, or on the one error output of it
                       ///< and the animal that it started
  std::string states;  ///< of those left, as in ps
  int left_after_opening = 0;  ///< as `left`, once the enclosure was opened
};

}  // namespace knell::zoo
