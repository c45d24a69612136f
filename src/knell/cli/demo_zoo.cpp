#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"

namespace knell::cli {

/// The zoo is a program of its own, so that nothing of it is in the one that people need.
int run_demo_zoo(const Options& options) {
  std::error_code unknown;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::string zoo = self.parent_path() / "knell-zoo";
  std::vector<std::string> words{zoo, "--demo", "--knell", self};
  words.insert(words.end(), options.zoo.animals.begin(), options.zoo.animals.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(zoo.c_str(), argv.data());
  complain(Error{errno, "run", zoo,
                 "in knell's source `./knell demo --zoo` builds it; it belongs beside knell"});
  return kFailed;
}

}  // namespace knell::cli
