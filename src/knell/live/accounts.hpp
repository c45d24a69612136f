#pragma once

/// The users and groups of the machine: those of /etc/passwd and /etc/group, and for names that are
/// not in there what getent(1) answers, which knows all sources of nsswitch.conf(5). A program
/// without a dynamic loader cannot ask those itself.

#include <string>

#include "knell/world/error.hpp"
#include "knell/world/ids.hpp"

namespace knell::live {

/// errno 0: nobody has this name. Else why it cannot be known: EMFILE, ENOMEM, EAGAIN.
[[nodiscard]] Result<Uid> uid_of_user(const std::string& name);
[[nodiscard]] Result<Gid> gid_of_group(const std::string& name);

/// "" where the user is not known, or has none.
[[nodiscard]] std::string home_of_user(Uid user);

}  // namespace knell::live
