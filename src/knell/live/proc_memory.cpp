#include "knell/live/proc_memory.hpp"

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

/// "Private_Dirty:        96 kB", behind its colon. A figure beyond all memory is none.
std::optional<std::uint64_t> bytes_in(std::string_view value) {
  const auto kilobytes = number<std::uint64_t>(take_word(value));
  if (!kilobytes || *kilobytes > (~std::uint64_t{0} >> 12)) return std::nullopt;
  return *kilobytes * 1024;
}

}  // namespace

std::optional<MmStruct> parse_smaps_rollup(std::string_view text) {
  MmStruct mm;
  bool resident = false;
  while (!text.empty()) {
    std::string_view value = take_line(text);
    const std::string_view key = take(value, ':');
    const auto bytes = bytes_in(value);
    if (!bytes) continue;
    if (key == "Rss") {
      mm.rss_bytes = *bytes;
      resident = true;
    }
    if (key == "Private_Clean" || key == "Private_Dirty") mm.private_bytes += *bytes;
    if (key == "Swap") mm.swap_bytes = *bytes;
  }
  return resident ? std::optional(mm) : std::nullopt;
}

std::optional<std::uint64_t> parse_memory_available(std::string_view text) {
  while (!text.empty()) {
    std::string_view value = take_line(text);
    if (take(value, ':') == "MemAvailable") return bytes_in(value);
  }
  return std::nullopt;
}

}  // namespace knell::live
