#include "knell/script/phrases.hpp"

#include <algorithm>

namespace knell::script {
namespace {

using Kind = Fact::Kind;
using Subject = ExpectStep::Subject;

constexpr Phrase kOfTask[] = {
    {"runs", "", Kind::runs, Rest::nothing},
    {"in", "handler", Kind::in_handler, Rest::signal},
    {"in", "", Kind::in_call, Rest::call},
    {"stopped", "", Kind::stopped, Rest::may_signal},
    {"traced", "", Kind::traced, Rest::nothing},
    {"zombie", "", Kind::zombie, Rest::status},
    {"gone", "", Kind::gone, Rest::status},
    {"alive", "", Kind::alive, Rest::nothing},
    {"ending", "", Kind::ending, Rest::nothing},
    {"parent", "", Kind::parent, Rest::task},
    {"tracer", "", Kind::tracer, Rest::task},
    {"group", "", Kind::group, Rest::task_or_number},
    {"session", "", Kind::session, Rest::task_or_number},
    {"pid", "", Kind::pid, Rest::number},
    {"inner", "pid", Kind::inner_pid, Rest::number},
    {"user", "", Kind::user, Rest::user},
    {"pending", "", Kind::pending, Rest::set},
    {"own", "pending", Kind::own_pending, Rest::set},
    {"shared", "pending", Kind::shared_pending, Rest::set},
    {"queued", "", Kind::queued, Rest::queued},
    {"blocked", "", Kind::blocked, Rest::set},
    {"ignored", "", Kind::ignored, Rest::set},
    {"caught", "", Kind::caught, Rest::set},
    {"handled", "", Kind::handled, Rest::handled},
    {"frames", "", Kind::frames, Rest::number},
    {"returned", "", Kind::returned, Rest::result},
    {"threads", "", Kind::threads, Rest::number},
    {"reaped", "by", Kind::reaped_by, Rest::task},
    {"terminal", "", Kind::terminal, Rest::may_number},
    {"open", "", Kind::descriptor, Rest::number},
    {"subreaper", "", Kind::subreaper, Rest::nothing},
};
constexpr Phrase kOfTty[] = {
    {"foreground", "", Kind::foreground, Rest::task_or_number},
    {"session", "", Kind::terminal_of, Rest::task_or_number},
    {"hung", "up", Kind::hung_up, Rest::nothing},
};
constexpr Phrase kOfLock[] = {
    {"held", "by", Kind::held_by, Rest::task},
    {"free", "", Kind::free, Rest::nothing},
    {"owner", "died", Kind::owner_died, Rest::nothing},
};
constexpr Phrase kOfCount[] = {{"is", "", Kind::is, Rest::number}};

}  // namespace

std::span<const Phrase> phrases_of(ExpectStep::Subject subject) {
  switch (subject) {
    case Subject::task:
      return kOfTask;
    case Subject::tty:
      return kOfTty;
    case Subject::lock:
      return kOfLock;
    default:
      return kOfCount;
  }
}

const Phrase& phrase_of(Fact::Kind kind) {
  for (const auto subject : {Subject::task, Subject::tty, Subject::lock})
    for (const Phrase& phrase : phrases_of(subject))
      if (phrase.kind == kind || (kind == Kind::told && phrase.kind == Kind::handled))
        return phrase;
  return kOfCount[0];
}

}  // namespace knell::script
