#include "knell/act/herd.hpp"

#include <gtest/gtest.h>

namespace knell::act {
namespace {

using Places = std::vector<std::size_t>;

/// Three generations, and one of the middle that has had another child since the plan.
std::vector<Doomed> family() {
  std::vector<Doomed> members(4);
  members[2].starts_others = true;
  return members;
}

TEST(SendingOrder, WhoStartsOthersComesFirst) {
  EXPECT_EQ(sending_order(family(), false), (Places{2, 0, 1, 3}));
}

TEST(SendingOrder, LeavesFirstIsFromTheLastToTheFirst) {
  EXPECT_EQ(sending_order(family(), true), (Places{3, 2, 1, 0}));
}

}  // namespace
}  // namespace knell::act
