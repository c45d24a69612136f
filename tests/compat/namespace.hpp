#pragma once

/// A shell script in a pid namespace of its own, where kill commands reach nobody else.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {

using testing::HasSubstr;
using testing::Not;

/// What every script may use: `start COMMAND…` starts it in the background, waits until it is what
/// it will be called, and sets P to its number; `state PID` prints its letter; `ended PID` waits
/// until it is a zombie or gone, and fails where that takes too long.
inline constexpr const char* kPrelude = R"sh(
start() {
  "$@" & P=$!
  while [ "$(cat /proc/$P/comm 2>/dev/null)" = sh ]; do sleep 0.01; done
}
state() { sed 's/.*) //; s/ .*//' /proc/$1/stat 2>/dev/null; }
ended() {
  tries=0
  while [ $tries -lt 400 ]; do
    case $(state $1) in Z|'') return 0;; esac
    tries=$((tries + 1)); sleep 0.05
  done
  return 1
}
)sh";

/// pgrep, pkill, pidwait and killall are knell's there, in this style; "" is knell's own. The
/// script's folder is $D, and empty. It is over when the script is, and everybody in it is killed.
inline Ran script(const std::string& text, const std::string& style = "") {
  const TemporaryDirectory folder;
  const std::filesystem::path commands = folder.path() / "commands";
  std::filesystem::create_directory(commands);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));  // for other users
  for (const char* name : {"pgrep", "pkill", "pidwait", "killall"})
    std::filesystem::create_symlink(KNELL_BINARY, commands / name);
  Place place;
  place.before = [&] {
    ::setenv("D", folder.path().c_str(), 1);
    ::setenv("PATH", (commands.string() + ":/usr/bin:/bin:/usr/sbin:/sbin").c_str(), 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    style.empty() ? ::unsetenv("KNELL_STYLE") : ::setenv("KNELL_STYLE", style.c_str(), 1);
  };
  std::vector<std::string> words{"--fork", "--pid", "--mount-proc", "--kill-child"};
  if (::geteuid() != 0) words.insert(words.begin(), "--map-root-user");
  words.insert(words.end(), {"/bin/sh", "-c", kPrelude + text});
  return run_program("/usr/bin/unshare", words, place);
}

}  // namespace knell::test
