#pragma once

/// Processes that are hard to end. Each is started by `knell-zoo --bare NAME`, whose process it is.

#include <cstdint>
#include <string>
#include <vector>

#include "zoo/life.hpp"

namespace knell::zoo {

/// What stands around an animal; its keeper builds it, and takes it down again.
enum class Enclosure : std::uint8_t {
  none,
  group,      ///< a control group (v2) of its own, as a service has
  frozen_v2,  ///< such a group, frozen
  frozen_v1,  ///< a group of the v1 freezer, frozen
  starved,    ///< a busy process of the same session on the animal's CPU
  disk,       ///< an ext4 of its own, frozen (FIFREEZE of ioctl_fs(2))
  deaf_init,  ///< a pid 1 that does not wait for those it inherits
};

[[nodiscard]] constexpr bool is_frozen(Enclosure enclosure) {
  return enclosure == Enclosure::frozen_v1 || enclosure == Enclosure::frozen_v2 ||
         enclosure == Enclosure::disk;
}

/// What shows, after it has said so itself, that the animal stands.
enum class Sign : std::uint8_t { none, stopped, traced, uninterruptible, zombie, dumping };

/// Who can be such an animal.
enum class Who : std::uint8_t { anybody, only_root };

struct Animal {
  std::string name;
  std::string what;  ///< what it is
  std::string must;  ///< what is to be achieved
  void (*live)(const Life&) = nullptr;
  Enclosure enclosure = Enclosure::none;
  Sign sign = Sign::none;
  Who who = Who::anybody;
  std::uint64_t count = 0;  ///< see Life::Terms::count
  std::string comm;         ///< its name in the kernel; empty: "zoo-" and its name
  /// No signal ends it before its enclosure is opened, whoever sends it.
  bool kernel_holds_it = false;
  bool takes_long = false;       ///< in a demonstration: shown only if it is asked for
  bool part_of_another = false;  ///< none to be shown, but a program that another one runs
};

/// comm, as the kernel cuts it (15 bytes).
[[nodiscard]] std::string comm_of(const Animal& animal);
[[nodiscard]] const std::vector<Animal>& animals();
/// Null: there is none of that name.
[[nodiscard]] const Animal* find_animal(const std::string& name);

// The families, one a file.
[[nodiscard]] std::vector<Animal> breeding();
[[nodiscard]] std::vector<Animal> growing();
[[nodiscard]] std::vector<Animal> straying();
[[nodiscard]] std::vector<Animal> deaf();
[[nodiscard]] std::vector<Animal> halted();
[[nodiscard]] std::vector<Animal> waiting();
[[nodiscard]] std::vector<Animal> undead();
[[nodiscard]] std::vector<Animal> contained();
[[nodiscard]] std::vector<Animal> changing();
[[nodiscard]] std::vector<Animal> named();
[[nodiscard]] std::vector<Animal> stuck();
[[nodiscard]] std::vector<Animal> heavy();

}  // namespace knell::zoo
