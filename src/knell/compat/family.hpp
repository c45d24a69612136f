#pragma once

/// What pgrep, pkill and pidwait do alike once their words are understood.

#include <expected>
#include <string>
#include <string_view>

#include "knell/compat/look.hpp"
#include "knell/compat/request.hpp"

namespace knell::compat {

/// Who meets the request's criteria, with what is to be printed of them. None where /proc cannot be
/// read; then the exit status, and why has been said. A pattern that is longer than a name can be
/// is told of.
[[nodiscard]] std::expected<Choice, int> look_for(std::string_view program, const Request& request);

/// Whether the pattern is empty, which is what an unset variable leaves, and matches everybody. It
/// has been complained of then.
[[nodiscard]] bool refuses_all(std::string_view program, const Request& request);

/// Takes out of the choice whom such a command is not to reach, and says whom.
void spare_ancestors(std::string_view program, const Request& request, Choice& choice);

/// Takes out of the choice who began after the pid file was written: the number in it is another's
/// by now. Says so.
void leave_out_stale(std::string_view program, const Request& request, Choice& choice);

/// The name or the command line, as asked for.
[[nodiscard]] std::string label_of(const World& world, TaskIndex task, const Request& request);

}  // namespace knell::compat
