#include "support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace knell::test {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    read = ends[0];
    write = ends[1];
  }
};

/// Reads both to their ends, whichever speaks first.
void drain(int out, int err, Ran& ran) {
  std::array<pollfd, 2> open{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    ::poll(open.data(), open.size(), -1);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t got = ::read(open[i].fd, buffer.data(), buffer.size());
      if (got <= 0)
        open[i].fd = -1;
      else
        (i == 0 ? ran.out : ran.err).append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments,
                         const Place& place) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  place.before();
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

}  // namespace

Ran run_program(const std::string& program, const std::vector<std::string>& arguments,
                const Place& place) {
  const Pipe in;
  const Pipe out;
  const Pipe err;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in.read, STDIN_FILENO);
    ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    become(program, arguments, place);
  }
  for (int fd : {in.read, out.write, err.write}) ::close(fd);
  if (::write(in.write, place.typed.data(), place.typed.size()) < 0) std::abort();
  ::close(in.write);
  place.meanwhile(child);
  Ran ran;
  drain(out.read, err.read, ran);
  ::close(out.read);
  ::close(err.read);
  int status = 0;
  ::waitpid(child, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace knell::test
