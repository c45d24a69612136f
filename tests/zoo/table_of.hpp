#pragma once

/// The zoo's table, made by the program as a person would make it, for the tests.

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/program.hpp"

namespace knell::zoo {

/// The rows; `options` say which.
inline std::vector<nlohmann::json> table_of(const std::vector<std::string>& options) {
  std::vector<std::string> words{"--table", "--json", "--knell", KNELL_BINARY};
  words.insert(words.end(), options.begin(), options.end());
  const test::Ran ran = test::run_program(KNELL_ZOO, words);
  const nlohmann::json rows = nlohmann::json::parse(ran.out, nullptr, false);
  EXPECT_TRUE(rows.is_array()) << ran.out;
  EXPECT_EQ(ran.err, "");
  return rows.is_array() ? rows.get<std::vector<nlohmann::json>>() : std::vector<nlohmann::json>();
}

}  // namespace knell::zoo
