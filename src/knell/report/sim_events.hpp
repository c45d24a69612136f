#pragma once

/// What happened in a step, in plain words.

#include <string>

#include "knell/script/run.hpp"

namespace knell::report {

class EventWords {
public:
  EventWords(const script::Run& before, const script::Run& after, const EventLog& log)
      : before_(before), after_(after), log_(log) {}

  /// "shell sends TERM to job: it waits, blocked". Empty for an event that goes without saying, or
  /// that another one's words include.
  [[nodiscard]] std::string text(std::size_t event) const;
  [[nodiscard]] std::string name(TaskIndex task) const;

private:
  [[nodiscard]] std::string sent(std::size_t event) const;
  [[nodiscard]] std::string what_came_of_it(const Event& event) const;
  [[nodiscard]] std::string why_dropped(const Event& event) const;
  [[nodiscard]] bool ignores(TaskIndex task, Signal signal) const;
  [[nodiscard]] std::string notified(std::size_t event) const;
  [[nodiscard]] std::string group_exit(const Event& event) const;
  [[nodiscard]] std::string released(const Event& event) const;
  [[nodiscard]] std::string returned(const Event& event) const;
  [[nodiscard]] std::string slept(const Event& event) const;
  [[nodiscard]] std::string of_task(const Event& event) const;
  [[nodiscard]] std::string of_machine(const Event& event) const;
  [[nodiscard]] bool was_ending(TaskIndex task) const;
  [[nodiscard]] bool end_was_decided(std::size_t event) const;
  [[nodiscard]] bool is_thread(TaskIndex task) const;

  const script::Run& before_;
  const script::Run& after_;
  const EventLog& log_;
};

}  // namespace knell::report
