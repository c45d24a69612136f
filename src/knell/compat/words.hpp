#pragma once

/// The words of a command line, understood as getopt_long(3) does, from a command's manual:
/// clusters of letters, values in the same word or the next, long names that may be cut short,
/// `--`.

#include <string>
#include <string_view>
#include <vector>

#include "knell/report/manual.hpp"

namespace knell::compat {

/// An option as it was given.
struct Given {
  const report::Option* option = nullptr;  ///< of the manual
  std::string value;                       ///< "" where none was given
  [[nodiscard]] bool is(std::string_view name) const { return option->name == name; }
  [[nodiscard]] bool is(char letter) const { return option->letter == letter; }
};

struct Words {
  std::vector<Given> options;  ///< in the order of the command line, up to what is not understood
  std::vector<std::string> operands;
  bool understood = true;  ///< false: getopt_long(3) has said on standard error what was wrong
};

enum class Order : bool {
  any,           ///< options may stand after operands, unless POSIXLY_CORRECT is set
  options_first  ///< the first operand ends the options: what follows is another command's
};

enum class Dashes : bool {
  two,  ///< before a long name
  one   ///< are enough, and nothing is said of what is not understood: getopt_long_only(3)
};

/// `manual` must outlive the result. Not to be called by two threads at a time (getopt_long).
[[nodiscard]] Words parse(const report::Manual& manual, int argc, char** argv,
                          Order order = Order::any, Dashes dashes = Dashes::two);

}  // namespace knell::compat
