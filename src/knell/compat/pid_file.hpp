#pragma once

/// `--pidfile`: a file that begins with a process's number.

#include <cstdint>
#include <expected>
#include <string>

namespace knell::compat {

/// The number that the file begins with; "-" is standard input. `locked`: it must be locked by
/// another, with flock(2) or fcntl(2), as daemons do while they live. Error: what is wrong.
[[nodiscard]] std::expected<std::int64_t, std::string> pid_in_file(const std::string& path,
                                                                   bool locked);

}  // namespace knell::compat
