/// Whatever the files of processes say, a World comes of them in which everything points to
/// something: one process after another, each its `stat` and its `status` with a NUL between.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "knell/live/snapshot.hpp"
#include "knell/world/diff.hpp"

namespace {

using namespace knell;

std::string_view take_record(std::string_view& text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string_view record = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return record;
}

live::Readings readings_in(std::string_view text) {
  live::Readings readings;
  while (!text.empty()) {
    const auto stat = live::parse_stat(take_record(text));
    const auto status = live::parse_status(take_record(text));
    if (!stat) continue;
    live::Reading& reading = readings.emplace_back();
    reading.stat = *stat;
    reading.known = Known::stat;
    reading.status = status;
    if (status) reading.known = reading.known | Known::threads;
  }
  std::ranges::stable_sort(readings, {}, [](const live::Reading& each) { return each.stat.pid; });
  const auto same =
      std::ranges::unique(readings, {}, [](const live::Reading& each) { return each.stat.pid; });
  readings.erase(same.begin(), same.end());
  return readings;
}

void must(bool holds) {
  if (!holds) std::abort();
}

/// Families are trees: who is somebody's child is found among their children, and once only.
void check_families(const World& world) {
  std::size_t children = 0;
  for (std::size_t place = 0; place < world.tasks.size(); ++place) {
    for (TaskIndex child = world.tasks[place].first_child; child;
         child = world[child].next_sibling) {
      must(world[child].real_parent == TaskIndex(place));
      must(++children <= world.tasks.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  live::Readings readings = readings_in({reinterpret_cast<const char*>(data), size});
  const std::size_t read = readings.size();
  const World world = live::world_of(readings, NamespaceId(1));
  must(world.processes().size() == read);
  check_families(world);
  const World copy = world;
  must(copy == world);
  must(diff(world, copy).empty());
  return 0;
}
