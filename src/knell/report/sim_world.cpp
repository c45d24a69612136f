#include "knell/report/sim_world.hpp"

#include <fmt/format.h>

#include "knell/kernel/version.hpp"
#include "knell/script/look.hpp"

namespace knell::report {
namespace {

using script::Run;

constexpr std::size_t kNameColumns = 12;

std::string unusual(const std::vector<Trait>& traits, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < traits.size(); ++i)
    if (!traits[i].usual)
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", traits[i].what, traits[i].is);
  return text;
}

void one(Page& page, const std::string& name, std::size_t depth, const std::string& state,
         const std::string& rest) {
  const std::string lead = fmt::format("{}{:<{}}", std::string(2 + 2 * depth, ' '), name,
                                       kNameColumns - std::min(kNameColumns, 2 * depth));
  const Text hang(std::string(2 + kNameColumns + 1, ' '));
  Text body(state, Ink::bold);
  if (!rest.empty()) body.add("; " + rest);
  page.row(Text(lead + " "), hang, body);
}

void task(Page& page, const Run& run, TaskIndex task, std::size_t depth) {
  const std::vector<Trait> all = traits(run, task);
  one(page, name_of(run, task), depth, all.front().is, unusual(all, 1));
}

}  // namespace

void world(Page& page, const Run& run) {
  page.blank_line();
  page.row(Text(), Text(),
           Text(fmt::format("The World at the end (Linux {}, {} ms)",
                            kernel::kVersionNames[static_cast<std::size_t>(run.version)],
                            run.world.clock),
                Ink::bold));
  for (const TaskIndex process : run.world.processes()) {
    task(page, run, process, 0);
    for (TaskIndex thread = run.world[process].next_thread; thread;
         thread = run.world[thread].next_thread)
      if (script::doing(run.world, thread) != script::Doing::gone) task(page, run, thread, 1);
  }
  for (const Shared& shared : shared_objects(run))
    if (const std::string text = unusual(shared.traits, 0); !text.empty())
      one(page, shared.name, 0, text, "");
}

}  // namespace knell::report
