/// Names that break what prints or parses them: escapes for a terminal, line ends, what looks like
/// the rest of a line of /proc/PID/stat, bytes that are no UTF-8, nothing at all.

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

constexpr const char* kWorst = ") S 1 (\n\x1b[31mX";

struct Name {
  const char* comm;
  std::string_view arguments;
};

constexpr std::array<Name, 5> kNames{{{kWorst, "\x1b]0;owned\a\x1b[2J"},
                                      {"a\nb\tc", "first\nsecond\r\n"},
                                      {"((((((((()", "(x) Z 1 1 1"},
                                      {"\xff\xfe\xc0", "\xff\xe2\x80"},
                                      {"", ""}}};

void take(const Name& name) {
  ::prctl(PR_SET_NAME, name.comm);
  show_arguments(name.arguments);
}

void live_named(const Life& life) {
  const Muster muster;
  for (std::size_t i = 1; i < kNames.size(); ++i)
    start([&] {
      take(kNames[i]);
      muster.here();
      life.rest();
    });
  take(kNames[0]);
  muster.wait_for(kNames.size() - 1);
  life.stands(::getpid());
  life.rest();
}

}  // namespace

std::vector<Animal> named() {
  return {{.name = "names",
           .what = "five with escapes, line ends, parentheses, no UTF-8, nothing for a name",
           .must = "all are gone, and no terminal was written to in their name",
           .live = live_named,
           .comm = kWorst}};
}

}  // namespace knell::zoo
