#pragma once

/// Scripts made by RapidCheck: every kind of step, with names that are known where they are used.

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "knell/script/script.hpp"

namespace knell::script::test {

class Maker {
public:
  Script script() {
    Script made;
    made.story = remarks();
    if (coin()) made.version = kernel::KernelVersion(*rc::gen::inRange(0, 6));
    if (coin()) made.users = users_ = {{"alice", Uid(1001)}, {"bob", Uid(0)}};
    made.ttys = ttys_ = *rc::gen::inRange<std::uint32_t>(0, 9);
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) made.steps.push_back(step());
    made.last_remarks = remarks();
    // A story of empty lines only is none.
    if (std::ranges::all_of(made.story, &std::string::empty)) made.story.clear();
    return made;
  }

private:
  static bool coin() { return *rc::gen::arbitrary<bool>(); }
  template <class T>
  static T one_of(const std::vector<T>& all) {
    return *rc::gen::elementOf(all);
  }

  static std::string comment() {
    return one_of<std::string>({"", "the child", "a, b: c = d -> {e} # f", "  in", "ä", "init: x"});
  }
  static std::vector<std::string> remarks() {
    std::vector<std::string> all;
    for (int i = *rc::gen::inRange(0, 3); i > 0; --i) all.push_back(comment());
    return all;
  }

  std::string task() { return one_of(names_); }
  std::string task_or(const std::vector<std::string>& words) {
    return coin() ? task() : one_of(words);
  }
  static Signal signal() { return Signal(*rc::gen::inRange(1, 65)); }
  static SigSet set() {
    return SigSet(one_of<std::uint64_t>(
        {0, ~0ULL, 1, 0x4002, 1ULL << 63, *rc::gen::arbitrary<std::uint64_t>()}));
  }
  static std::int64_t number() {
    return one_of<std::int64_t>({0, 1, 2, 3, 9, 15, 17, 36, 100, 1000, -1, -2, 0x1000, 0x100000,
                                 0x10f00, 0x4100, 0x10000000, *rc::gen::arbitrary<std::int64_t>()});
  }

  Argument argument() {
    Argument made;
    made.kind = *rc::gen::weightedElement<Argument::Kind>({{8, Argument::Kind::number},
                                                           {3, Argument::Kind::task},
                                                           {1, Argument::Kind::minus_task},
                                                           {1, Argument::Kind::group},
                                                           {1, Argument::Kind::minus_group},
                                                           {1, Argument::Kind::session}});
    if (made.kind == Argument::Kind::number)
      made.value = number();
    else
      made.name = task();
    return made;
  }

  Expected result() {
    using Kind = Expected::Kind;
    Expected made;
    made.kind = Kind(*rc::gen::inRange(0, static_cast<int>(Kind::sleeps) + 1));
    switch (made.kind) {
      case Kind::value:
        made.value = number();
        break;
      case Kind::values:
        made.value = *rc::gen::inRange(0, 0x8000) | std::int64_t{*rc::gen::inRange(0, 0x8000)}
                                                        << 16;
        break;
      case Kind::task:
        made.name = task();
        break;
      case Kind::error:
        made.value = one_of<std::int64_t>({1, 3, 4, 10, 11, 22, 133});
        break;
      case Kind::waited:
        made.name = task();
        made.value = one_of<std::int64_t>(
            {0, 0x300, 0xff00, 9, 15, 139, 0x137f, 0x057f, 0xffff, 0x80057f, 64, 0x857f});
        break;
      case Kind::signal:
        made.value = signal().number();
        made.name = task_or({"", "kernel", "outside"});
        break;
      case Kind::set:
        made.value = static_cast<std::int64_t>(set().bits());
        break;
      case Kind::nobody:
      case Kind::sleeps:
        break;
    }
    return made;
  }

  CallStep call() {
    CallStep made;
    made.actor = task();
    made.nr = Sys(*rc::gen::inRange(1, static_cast<int>(Sys::fault) + 1));
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) made.arguments[static_cast<std::size_t>(i)] = argument();
    if (made.nr == Sys::setresuid && !users_.empty() && coin()) {
      for (std::size_t i = 0; i < made.arguments.size(); ++i) made.arguments[i] = {};
      for (std::size_t i = 0; i < 3; ++i) {
        const User user = one_of(users_);
        made.arguments[i] = {Argument::Kind::user, user.uid.value(), user.name};
      }
    }
    if (coin()) made.result = result();
    if (made.nr == Sys::clone && coin()) {
      made.makes = "task" + std::to_string(names_.size());
      names_.push_back(made.makes);
    }
    return made;
  }

  Fact task_fact() {
    using Kind = Fact::Kind;
    Fact made;
    made.kind = Kind(*rc::gen::inRange(0, static_cast<int>(Kind::subreaper) + 1));
    switch (made.kind) {
      case Kind::in_call:
        made.call = Sys(*rc::gen::inRange(1, static_cast<int>(Sys::fault) + 1));
        break;
      case Kind::stopped:
        made.signal = coin() ? signal() : Signal();
        break;
      case Kind::in_handler:
        made.signal = signal();
        break;
      case Kind::zombie:
      case Kind::gone:
        made.number = one_of<std::int64_t>({-1, 0, 0x300, 15, 139});
        break;
      case Kind::parent:
      case Kind::tracer:
      case Kind::reaped_by:
        made.name = task_or({"nobody"});
        break;
      case Kind::group:
      case Kind::session:
        group(made);
        break;
      case Kind::user:
        made.number = *rc::gen::inRange(0, 5000);
        if (users_.empty() || coin()) break;
        made.name = users_[0].name;
        made.number = users_[0].uid.value();
        break;
      case Kind::pending:
      case Kind::own_pending:
      case Kind::shared_pending:
      case Kind::blocked:
      case Kind::ignored:
      case Kind::caught:
        made.set = set();
        break;
      case Kind::queued:
        made.signal = signal();
        made.number = number();
        break;
      case Kind::handled:
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i) made.signals.push_back(signal());
        break;
      case Kind::told:
        made.signal = signal();
        made.name = task_or({"", "kernel", "outside"});
        if (made.name.empty() || coin()) made.value = number();
        break;
      case Kind::returned:
        made.result = result();
        break;
      case Kind::terminal:
        made.number = *rc::gen::inRange(-1, 8);
        break;
      case Kind::pid:
      case Kind::inner_pid:
      case Kind::frames:
      case Kind::threads:
      case Kind::descriptor:
        made.number = number();
        break;
      default:
        break;
    }
    return made;
  }

  void group(Fact& fact) {
    if (coin())
      fact.name = task_or({"nobody"});
    else
      fact.number = number();
  }

  Fact other_fact(ExpectStep::Subject subject) {
    using Kind = Fact::Kind;
    Fact made;
    if (subject == ExpectStep::Subject::tty) {
      made.kind = one_of<Kind>({Kind::foreground, Kind::terminal_of, Kind::hung_up});
      if (made.kind != Kind::hung_up) group(made);
    } else if (subject == ExpectStep::Subject::lock) {
      made.kind = one_of<Kind>({Kind::held_by, Kind::free, Kind::owner_died});
      if (made.kind == Kind::held_by) made.name = task_or({"nobody"});
    } else {
      made.kind = Kind::is;
      made.number = number();
    }
    return made;
  }

  ExpectStep expect() {
    using Subject = ExpectStep::Subject;
    ExpectStep made;
    made.subject = Subject(*rc::gen::inRange(0, static_cast<int>(Subject::segment) + 1));
    if (made.subject == Subject::tty && ttys_ == 0) made.subject = Subject::task;
    if (made.subject == Subject::task) made.task = task();
    if (made.subject == Subject::tty) made.number = *rc::gen::inRange(0U, ttys_);
    if (made.subject == Subject::lock) made.number = *rc::gen::inRange(0U, 8U);
    if (made.subject == Subject::semaphore) made.number = *rc::gen::inRange(0U, 4U);
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      made.facts.push_back(made.subject == Subject::task ? task_fact() : other_fact(made.subject));
      made.facts.back().negated = coin();
    }
    return made;
  }

  Step step() {
    Step made;
    switch (*rc::gen::weightedElement<int>({{6, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {4, 5}})) {
      case 1:
        if (ttys_ > 0)
          made.what = KeyStep{kernel::Key(*rc::gen::inRange(0, 4)), *rc::gen::inRange(0U, ttys_)};
        else
          made.what = call();
        break;
      case 2:
        if (ttys_ > 0)
          made.what = HangUpStep{*rc::gen::inRange(0U, ttys_)};
        else
          made.what = call();
        break;
      case 3:
        made.what = OomStep{task(), {}};
        break;
      case 4:
        made.what = PassStep{*rc::gen::inRange<std::uint64_t>(0, 3'600'001)};
        break;
      case 5:
        made.what = expect();
        break;
      default:
        made.what = call();
    }
    made.remarks = remarks();
    made.aside = one_of<std::string>({"", "an aside", "a # b"});
    return made;
  }

  std::vector<std::string> names_ = {"init"};
  std::vector<User> users_;
  std::uint32_t ttys_ = 0;
};

}  // namespace knell::script::test
