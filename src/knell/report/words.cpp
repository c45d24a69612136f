#include "knell/report/words.hpp"

namespace knell::report {

using plan::Effect;
using plan::Exit;
using plan::Fate;
using plan::Freed;
using plan::Restarter;
using plan::Role;
using plan::Spared;

const char* word(Effect effect) {
  switch (effect) {
    case Effect::dies:
      return "dies";
    case Effect::handler:
      return "handler";
    case Effect::blocked:
      return "blocked";
    case Effect::ignored:
      return "ignored";
    case Effect::no_effect:
      return "no_effect";
    case Effect::stops:
      return "stops";
    case Effect::continues:
      return "continues";
    case Effect::already_ended:
      return "already_ended";
    case Effect::not_permitted:
      return "not_permitted";
    case Effect::immune:
      return "immune";
    case Effect::tracer:
      return "tracer";
    case Effect::waits:
      return "waits";
  }
  return "";
}

const char* word(Role role) {
  switch (role) {
    case Role::named:
      return "named";
    case Role::descendant:
      return "descendant";
    case Role::tied:
      return "tied";
    case Role::born:
      return "born";
  }
  return "";
}

const char* word(Fate fate) {
  switch (fate) {
    case Fate::ended:
      return "ended";
    case Fate::already_ended:
      return "already_ended";
    case Fate::survived:
      return "survived";
    case Fate::not_permitted:
      return "not_permitted";
    case Fate::unknown:
      return "unknown";
  }
  return "";
}

const char* word(Exit exit) {
  switch (exit) {
    case Exit::gone:
      return "gone";
    case Exit::no_match:
      return "no_match";
    case Exit::usage:
      return "usage";
    case Exit::survived:
      return "survived";
    case Exit::not_permitted:
      return "not_permitted";
  }
  return "";
}

const char* word(Freed::Source source) {
  switch (source) {
    case Freed::Source::none:
      return "none";
    case Freed::Source::cgroup:
      return "cgroup";
    case Freed::Source::machine:
      return "machine";
  }
  return "";
}

const char* word(Restarter::Kind kind) {
  switch (kind) {
    case Restarter::Kind::unit:
      return "unit";
    case Restarter::Kind::trigger:
      return "trigger";
    case Restarter::Kind::container:
      return "container";
    case Restarter::Kind::supervisor:
      return "supervisor";
  }
  return "";
}

const char* word(Spared::Reason reason) {
  switch (reason) {
    case Spared::Reason::knell_itself:
      return "knell_itself";
    case Spared::Reason::ancestor_of_knell:
      return "ancestor_of_knell";
    case Spared::Reason::init:
      return "init";
    case Spared::Reason::kernel_thread:
      return "kernel_thread";
  }
  return "";
}

const char* word(TaskState state) {
  switch (state) {
    case TaskState::running:
      return "running";
    case TaskState::sleeping:
      return "sleeping";
    case TaskState::disk_sleep:
      return "disk_sleep";
    case TaskState::stopped:
      return "stopped";
    case TaskState::traced:
      return "traced";
    case TaskState::idle:
      return "idle";
    case TaskState::zombie:
      return "zombie";
    case TaskState::dead:
      return "dead";
    case TaskState::released:
      return "released";
  }
  return "";
}

const char* word(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return "tcp";
    case Protocol::tcp6:
      return "tcp6";
    case Protocol::udp:
      return "udp";
    case Protocol::udp6:
      return "udp6";
    case Protocol::unix_stream:
      return "unix";
  }
  return "";
}

const char* word(FileLock::Type type) {
  switch (type) {
    case FileLock::Type::flock:
      return "flock";
    case FileLock::Type::posix:
      return "posix";
    case FileLock::Type::ofd:
      return "ofd";
    case FileLock::Type::lease:
      return "lease";
    case FileLock::Type::other:
      return "other";
  }
  return "";
}

}  // namespace knell::report
