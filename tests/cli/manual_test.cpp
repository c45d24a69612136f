/// Manual pages and completions: all that --help tells is in them, and the programs that read them
/// take them.

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "knell.hpp"
#include "support/temporary_directory.hpp"

namespace knell::test {
namespace {

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream from(text);
  for (std::string part; std::getline(from, part, by);) parts.push_back(part);
  return parts;
}

std::vector<std::string> names() {
  return split(knell({"manual", "list"}).out, '\n');
}

std::string manual(const std::string& format, const std::string& name) {
  std::vector<std::string> words{"manual", format};
  for (const std::string& word : split(name, ' ')) words.push_back(word);
  const Ran ran = knell(words);
  EXPECT_EQ(ran.status, 0) << name << ": " << ran.err;
  return ran.out;
}

Ran shell(const std::string& words) {
  return run_program("/bin/sh", {"-c", words});
}

bool is_installed(const std::string& program) {
  return shell("command -v " + program + " >/dev/null").status == 0;
}

class Manuals : public testing::Test {
protected:
  std::string put(const std::string& name, const std::string& text) {
    const std::string path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  TemporaryDirectory folder_;
};

/// The long options that the help of a command names.
std::set<std::string> options_in_help(const std::string& name) {
  std::vector<std::string> words = split(name, ' ');
  if (words.front() == "knell")
    words.erase(words.begin());
  else
    words.insert(words.begin(), "compat");
  words.emplace_back("--help");
  const std::string help = knell(words).out;
  static const std::regex option(R"((^|[\s,])--([a-z][a-z-]*))");
  std::set<std::string> found;
  for (auto at = std::sregex_iterator(help.begin(), help.end(), option);
       at != std::sregex_iterator(); ++at)
    found.insert((*at)[2]);
  return found;
}

TEST_F(Manuals, NameEveryCommand) {
  const std::vector<std::string> all = names();
  for (const char* const name :
       {"knell", "knell plan", "knell kill", "knell find", "knell demo", "knell sim", "knell run",
        "knell conform", "knell android kill", "knell compat pgrep", "knell manual", "kill",
        "pgrep", "pkill", "pidwait", "killall", "timeout"})
    EXPECT_THAT(all, testing::Contains(name));
}

TEST_F(Manuals, HaveEveryOptionOfTheHelp) {
  for (const std::string& name : names()) {
    if (name == "knell compat") continue;  // a page of names
    const std::string page = manual("man", name);
    for (const std::string& option : options_in_help(name))
      EXPECT_THAT(page, HasSubstr("--" + option)) << name;
  }
}

TEST_F(Manuals, AreTakenByScdoc) {
  if (!is_installed("scdoc")) GTEST_SKIP() << "skipped: no scdoc";
  for (const std::string& name : names()) {
    const Ran made = shell("scdoc <" + put("page", manual("man", name)));
    EXPECT_EQ(made.status, 0) << name << ": " << made.err;
    EXPECT_THAT(made.out, HasSubstr(".SH NAME")) << name;
  }
}

TEST_F(Manuals, SayWhatIsNotThere) {
  EXPECT_EQ(knell({"manual", "man", "nothing"}).status, 2);
  EXPECT_EQ(knell({"manual", "bash", "knell", "kill"}).status, 2);
  EXPECT_EQ(knell({"manual", "nonsense"}).status, 2);
  EXPECT_EQ(knell({"compat"}).status, 2);
  EXPECT_THAT(knell({"compat", "ls"}).err, HasSubstr("there is no 'ls'"));
}

class Completions : public Manuals {
protected:
  /// What bash offers for the last word.
  std::string bash(const std::string& program, const std::string& function,
                   const std::string& words) {
    const std::string file = put("completions", manual("bash", program));
    return shell(
               fmt::format("bash -c '. {}; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1));"
                           " {}; echo ${{COMPREPLY[*]}}'",
                           file, words, function))
        .out;
  }
  std::string fish(const std::string& program, const std::string& line) {
    const std::string file = put("completions", manual("fish", program));
    return shell(fmt::format("fish --no-config -c 'source {}; complete -C \"{}\"'", file, line))
        .out;
  }
};

TEST_F(Completions, AreTakenByTheirShells) {
  for (const char* const by : {"bash", "zsh", "fish"}) {
    if (!is_installed(by)) continue;
    for (const std::string& name : names()) {
      if (name.find(' ') != std::string::npos) continue;
      const Ran read = shell(fmt::format("{} -n {}", by, put("completions", manual(by, name))));
      EXPECT_EQ(read.status, 0) << by << ", " << name << ": " << read.err;
      EXPECT_EQ(read.err, "") << by << ", " << name;
    }
  }
}

TEST_F(Completions, OfBashOfferWhatFits) {
  if (!is_installed("bash")) GTEST_SKIP() << "skipped: no bash";
  const char* const knells = "_knell_complete_any_knell";
  EXPECT_EQ(bash("knell", knells, "knell conf"), "conform\n");
  EXPECT_EQ(bash("knell", knells, "knell kill --leav"), "--leaves-first\n");
  EXPECT_EQ(bash("knell", knells, "knell kill --signal HU"), "HUP\n");
  EXPECT_EQ(bash("knell", knells, "knell kill --color a"), "auto always\n");
  EXPECT_EQ(bash("knell", knells, "knell android l"), "list\n");
  EXPECT_EQ(bash("knell", knells, "knell compat pki"), "pkill\n");
  EXPECT_EQ(bash("knell", knells, "knell compat pkill --newe"), "--newest\n");
  EXPECT_EQ(bash("pgrep", "_knell_complete_pgrep", "pgrep --newe"), "--newest\n");
}

TEST_F(Completions, OfFishOfferWhatFits) {
  if (!is_installed("fish")) GTEST_SKIP() << "skipped: no fish";
  EXPECT_THAT(fish("knell", "knell conf"), testing::StartsWith("conform\t"));
  EXPECT_THAT(fish("knell", "knell kill --leav"), testing::StartsWith("--leaves-first\t"));
  EXPECT_THAT(fish("knell", "knell kill --signal HU"), testing::StartsWith("HUP\t"));
  EXPECT_THAT(fish("knell", "knell compat pki"), testing::StartsWith("pkill\t"));
  EXPECT_THAT(fish("pgrep", "pgrep --newe"), testing::StartsWith("--newest\t"));
}

}  // namespace
}  // namespace knell::test
