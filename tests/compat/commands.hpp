#pragma once

/// kill and timeout as scripts call them: by the names of links.

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {

class Links {
public:
  Links() {
    for (const char* const name : {"kill", "timeout"})
      std::filesystem::create_symlink(KNELL_BINARY, folder_.path() / name);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() / name; }

private:
  TemporaryDirectory folder_;
};

inline const Links& links() {
  static const Links all;
  return all;
}

/// With KNELL_STYLE set so; "": not set.
inline Place in_style(const std::string& style, const Place& place = {}) {
  Place styled = place;
  styled.before = [=] {
    ::setenv("LC_ALL", "C", 1);
    if (style.empty())
      ::unsetenv("KNELL_STYLE");
    else
      ::setenv("KNELL_STYLE", style.c_str(), 1);
    place.before();
  };
  return styled;
}

using Words = std::vector<std::string>;

inline Ran kill_as(const std::string& style, const Words& words, const Place& place = {}) {
  return run_program(links().path("kill"), words, in_style(style, place));
}

inline Ran run_kill(const Words& words, const Place& place = {}) {
  return kill_as("", words, place);
}

inline Ran run_timeout(const Words& words, const Place& place = {}) {
  return run_program(links().path("timeout"), words, in_style("", place));
}

inline const std::vector<std::string>& every_style() {
  static const std::vector<std::string> all{"", "coreutils", "util-linux", "procps", "toybox"};
  return all;
}

}  // namespace knell::test
