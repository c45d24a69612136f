#pragma once

/// How a puppet begins to be one.

namespace knell::conform::puppet {

/// What a task has to do first of all, unless it begins with a handler: of a clone, and of a
/// program that runs anew.
void begin_task();

/// The rest of its life.
[[noreturn]] void live();

/// The first puppet, alone in its namespaces, makes them what kernel::boot() says, and tells the
/// stage.
void become_init();

}  // namespace knell::conform::puppet
