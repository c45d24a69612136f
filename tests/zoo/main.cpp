/// knell-zoo ANIMAL          keeps one, and tells whom to end
/// knell-zoo --list          what there is
/// knell-zoo --demo          shows what knell makes of them: what `knell demo --zoo` runs
/// knell-zoo --table         lets knell, and what people use today, loose on them
/// knell-zoo --bare ANIMAL   is one, with nothing around it: for the keeper

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "zoo/demo.hpp"
#include "zoo/keeper.hpp"
#include "zoo/killer.hpp"
#include "zoo/table.hpp"

namespace knell::zoo {
namespace {

constexpr uid_t kStranger = 54329;  // an unprivileged user that owns nothing here

struct Options {
  bool list = false;
  bool demo = false;
  bool bare = false;
  bool table = false;
  bool json = false;
  std::vector<std::string> animals;
  std::vector<std::string> killers;
  std::string as = "both";
  std::int64_t seconds = 300;
  std::int64_t settle = 3;
  std::string comm;
  std::string knell;
  Manner manner;
  Life::Terms terms;
};

int list() {
  for (const Animal& animal : animals())
    if (!animal.part_of_another)
      fmt::print("{:<17} {}\n{:<17} must: {}\n", animal.name, animal.what, "", animal.must);
  return 0;
}

int be(const Animal& animal, const Options& options) {
  if (options.terms.group >= 0 && ::write(options.terms.group, "0", 1) != 1)
    give_up("enter a control group");
  ::prctl(PR_SET_NAME, options.comm.empty() ? comm_of(animal).c_str() : options.comm.c_str());
  Life::Terms terms = options.terms;
  if (terms.count == 0) terms.count = animal.count;
  if (terms.until == 0) terms.until = now() + options.seconds * 1000;
  animal.live(Life(terms));
  return 0;
}

Job job_for(const Animal& animal, const Options& options) {
  return {.animal = &animal,
          .user = ::geteuid(),
          .count = options.terms.count != 0 ? options.terms.count : animal.count,
          .life = options.seconds * 1000,
          .settle = options.settle * 1000,
          .self = std::filesystem::read_symlink("/proc/self/exe"),
          .knell = options.knell,
          .manner = options.manner};
}

int keep_one(const Animal& animal, const Options& options) {
  Job job = job_for(animal, options);
  if (options.as == "user" && job.user == 0) job.user = kStranger;
  const Outcome outcome = keep(job, [](pid_t target) {
    fmt::print("{} ready\n", target);
    std::fflush(stdout);
  });
  if (outcome.skipped.empty()) return 0;
  fmt::print(stderr, "knell-zoo: {}\n", outcome.skipped);
  return 1;
}

std::vector<uid_t> users(const std::string& as) {
  if (::geteuid() != 0) return {::geteuid()};
  if (as == "root") return {0};
  if (as == "user") return {kStranger};
  return {0, kStranger};
}

bool among(const std::vector<std::string>& wanted, const std::string& name) {
  return wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
}

/// What the rows are about, before anything is done.
std::vector<Job> jobs(const Options& options) {
  std::vector<Job> all;
  for (const Animal& animal : animals()) {
    if (animal.part_of_another || !among(options.animals, animal.name)) continue;
    for (const uid_t user : users(options.as)) {
      if (animal.who == Who::only_root && user != 0) continue;
      for (const Killer killer : killers()) {
        if (!among(options.killers, name_of(killer))) continue;
        all.push_back(job_for(animal, options));
        all.back().user = user;
        all.back().killer = killer;
      }
    }
  }
  return all;
}

int make_table(const Options& options) {
  std::vector<Row> rows;
  if (!options.json) fmt::print("{}", table_head());
  for (const Job& job : jobs(options)) {
    if (interrupted()) return 130;
    rows.push_back({job, keep(job)});
    if (!options.json) fmt::print("{}", table_line(rows.back()));
    std::fflush(stdout);
  }
  if (options.json) fmt::print("{}", table_json(rows));
  return std::fflush(stdout) == 0 ? 0 : 1;
}

/// One user's, who runs it; of those that take long only what is named.
int show(const Options& options) {
  const bool all = options.animals == std::vector<std::string>{"all"};
  std::vector<Job> shown;
  std::vector<const Animal*> left_out;
  for (const Animal& animal : animals()) {
    if (animal.part_of_another || (!all && !among(options.animals, animal.name))) continue;
    if (animal.takes_long && options.animals.empty()) {
      left_out.push_back(&animal);
      continue;
    }
    shown.push_back(job_for(animal, options));
    shown.back().killer = Killer::knell;
    shown.back().manner.steps = "TERM:1s,KILL";
  }
  return demonstrate(shown, left_out);
}

void describe(CLI::App& app, Options& options) {
  app.add_flag("--list", options.list, "All animals, and what must be achieved");
  app.add_flag("--table", options.table, "Every animal against every killer");
  app.add_flag("--demo", options.demo, "One after the other, ended by knell; all: really all");
  app.add_option("animals,--animals", options.animals,
                 "Which one to keep until it is ended; in table and demo: only these")
      ->delimiter(',');
  app.add_option("--killers", options.killers, "Only these: knell, kill, pkill, ...")
      ->delimiter(',');
  app.add_option("--as", options.as, "root, user or both")
      ->check(CLI::IsMember({"root", "user", "both"}));
  app.add_flag("--json", options.json, "The table for a program, with what the killers said");
  app.add_option("--count", options.terms.count, "How many processes, or MiB of memory");
  app.add_option("--seconds", options.seconds, "An animal ends by itself after this");
  app.add_option("--settle", options.settle, "Seconds that the dying get after the killer");
  app.add_option("--knell", options.knell, "The knell program to try");
  app.add_option("--enclosure", options.manner.enclosure, "Of knell-run: as knell run has it");
  app.add_option("--limit", options.manner.limit, "Of timeout and knell-run: seconds until TERM");
  app.add_option("--grace", options.manner.grace, "Likewise: and from there until KILL");
  app.add_flag("--bare", options.bare, "Be the animal, without a keeper");
  app.add_option("--ready", options.terms.ready, "Of a bare animal: where it says that it stands");
  app.add_option("--go", options.terms.go, "Where it is told to go on");
  app.add_option("--until", options.terms.until, "When it ends: CLOCK_MONOTONIC, in ms");
  app.add_option("--group", options.terms.group, "cgroup.procs of a group that it enters first");
  app.add_option("--place", options.terms.place, "A directory that it may write in");
  app.add_option("--comm", options.comm, "Its name");
}

int run_with(Options& options) {
  if (options.list) return list();
  if (options.knell.empty())
    options.knell = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "knell";
  for (const std::string& name : options.animals)
    if (find_animal(name) == nullptr && !(options.demo && name == "all"))
      throw CLI::ValidationError("no animal is called " + name);
  for (const std::string& name : options.killers)
    if (!find_killer(name)) throw CLI::ValidationError("no killer is called " + name);
  const bool many = options.table || options.demo;
  if (!many && options.animals.size() != 1)
    throw CLI::ValidationError("name an animal that knell-zoo --list lists");
  if (options.bare) return be(*find_animal(options.animals.front()), options);
  ::signal(SIGPIPE, SIG_IGN);  // whatever becomes of the output, what was built is taken down
  if (!have_own_mounts()) give_up("make a mount namespace");
  if (options.demo) return show(options);
  return options.table ? make_table(options)
                       : keep_one(*find_animal(options.animals.front()), options);
}

}  // namespace
}  // namespace knell::zoo

int main(int argc, char** argv) {
  using namespace knell::zoo;
  remember_arguments(argv, environ);
  Options options;
  CLI::App app("Processes that are hard to end", "knell-zoo");
  describe(app, options);
  try {
    app.parse(argc, argv);
    return run_with(options);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::Error& wrong) {
    fmt::print(stderr, "knell-zoo: {}\n", wrong.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "knell-zoo: {}\n", error.what());
    return 1;
  }
}
