#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace knell::live::test {

/// Pieces of what the kernel writes in all orders, with any bytes between: nearer to a parser's
/// dark corners than noise alone.
inline rc::Gen<std::string> mangled(const std::vector<std::string>& pieces) {
  const auto piece = rc::gen::oneOf(rc::gen::elementOf(pieces), rc::gen::string<std::string>());
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& parts) {
                        std::string whole;
                        for (const std::string& part : parts) whole += part;
                        return whole;
                      });
}

}  // namespace knell::live::test
