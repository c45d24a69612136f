#include "knell/compat/criteria.hpp"

namespace knell::compat {

Questions questions_of(const Criteria& criteria) {
  Questions questions;
  const auto need = [&](bool needed, Known part) {
    if (needed) questions.of_all = questions.of_all | part;
  };
  need(criteria.pattern && criteria.full, Known::cmdline);
  need(!criteria.euids.empty() || !criteria.uids.empty() || !criteria.gids.empty() ||
           criteria.handled.has_value(),
       Known::status);
  need(!criteria.cgroups.empty(), Known::cgroup);
  need(!criteria.environment.empty(), Known::environ);
  need(criteria.like != Pid{}, Known::namespaces);
  need(criteria.threads, Known::threads);
  need(criteria.threads && (criteria.older || criteria.some != Criteria::Some::all),
       Known::thread_starts);
  for (const std::string& terminal : criteria.terminals)
    if (terminal != "?") questions.terminals.insert(terminal);
  return questions;
}

}  // namespace knell::compat
