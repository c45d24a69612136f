#include "knell/report/sim.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "knell/cli/commands.hpp"
#include "knell/cli/terminal.hpp"
#include "knell/script/parse.hpp"
#include "knell/script/simulation.hpp"

namespace knell::cli {
namespace {

constexpr int kAllHolds = 0, kUnmet = 1, kNotUnderstood = 2;
constexpr std::size_t kMostErrors = 20;
constexpr std::size_t kLargest = 4 << 20;  // a scenario is read by people

/// The whole of a file, or of standard input for "-".
Result<std::string> read_scenario(const std::string& file) {
  const int fd = file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure(errno, "read", report::shown(file));
  std::string text;
  std::array<char, 16384> buffer{};
  ssize_t length = 0;
  while ((length = ::read(fd, buffer.data(), buffer.size())) > 0 && text.size() <= kLargest)
    text.append(buffer.data(), static_cast<std::size_t>(length));
  const int error = length < 0 ? errno : 0;
  if (fd != STDIN_FILENO) ::close(fd);
  if (error != 0) return failure(error, "read", report::shown(file));
  if (text.size() > kLargest) return failure(EFBIG, "read", report::shown(file));
  return text;
}

void complain_about(const std::vector<Error>& errors) {
  for (std::size_t i = 0; i < errors.size() && i < kMostErrors; ++i) complain(errors[i]);
  if (errors.size() > kMostErrors)
    complain(fmt::format("and {} mistakes more", errors.size() - kMostErrors));
}

int status_of(const script::Simulation& simulation) {
  if (simulation.error) return kNotUnderstood;
  return simulation.unmet == 0 ? kAllHolds : kUnmet;
}

/// With --quiet there is no report: what failed is an error then.
void complain_about(const script::Simulation& simulation, const std::string& file) {
  for (const script::Taken& taken : simulation.steps)
    for (const script::Unmet& unmet : taken.result.unmet)
      complain(fmt::format("{}:{}:{}: expected {}, found {}", report::shown(file), unmet.at.line,
                           unmet.at.column, unmet.expected, unmet.found));
}

}  // namespace

int run_sim(const Options& options) {
  const SimOptions& asked = options.sim;
  const Result<std::string> text = read_scenario(asked.file);
  if (!text) return complain(text.error()), kNotUnderstood;
  const script::Parsed parsed = script::parse_all(*text, asked.file);
  if (!parsed.errors.empty()) return complain_about(parsed.errors), kNotUnderstood;
  script::Settings settings{.version = asked.version, .functions = asked.functions};
  if (asked.until) settings.until = *asked.until;
  const script::Simulation simulation = script::simulate(parsed.script, settings);
  if (simulation.error)
    complain(Error{0, "", fmt::format("{}: {}", asked.file, simulation.error->message()), {}});
  if (options.quiet) return complain_about(simulation, asked.file), status_of(simulation);
  const report::Sim sim{parsed.script, simulation, *text, asked.file, asked.functions, asked.world};
  const Result<void> printed =
      print(options.json ? report::sim_json(sim) : report::sim_text(sim, style_of(options)));
  if (!printed) return complain(printed.error()), kFailed;
  return status_of(simulation);
}

}  // namespace knell::cli
