#pragma once

/// Numbers that look like chance and are the same for the same seed on every machine.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace knell::conform {

/// xoshiro256++ of Blackman and Vigna, seeded by splitmix64.
class Random {
public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  /// 0 to bound - 1; every one about equally likely, for bounds that are small beside 2^64.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// True in so many of a hundred cases.
  bool percent(unsigned chance) { return below(100) < chance; }

  template <class Value>
  const Value& one_of(std::span<const Value> values) {
    return values[static_cast<std::size_t>(below(values.size()))];
  }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return one_of(std::span<const Value>(values.begin(), values.size()));
  }

private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace knell::conform
