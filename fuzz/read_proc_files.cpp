/// Any bytes are what a file of /proc or a unit file says, or are not understood: the first byte
/// chooses the reader.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "knell/live/mountinfo.hpp"
#include "knell/live/proc_cgroup.hpp"
#include "knell/live/proc_locks.hpp"
#include "knell/live/proc_maps.hpp"
#include "knell/live/proc_memory.hpp"
#include "knell/live/proc_net.hpp"
#include "knell/live/proc_stat.hpp"
#include "knell/live/proc_status.hpp"
#include "knell/live/unit_file.hpp"

namespace {

using namespace knell;
using namespace knell::live;

void read_net(std::string_view text, Protocol protocol) {
  std::vector<Socket> sockets;
  parse_net_table(text, protocol, nullptr, sockets);
}

constexpr void (*kReaders[])(std::string_view) = {
    [](std::string_view text) { static_cast<void>(parse_stat(text)); },
    [](std::string_view text) { static_cast<void>(parse_status(text)); },
    [](std::string_view text) { static_cast<void>(parse_mountinfo(text)); },
    [](std::string_view text) { static_cast<void>(parse_cgroup(text)); },
    [](std::string_view text) { static_cast<void>(parse_locks(text)); },
    [](std::string_view text) { static_cast<void>(parse_maps(text)); },
    [](std::string_view text) { static_cast<void>(parse_smaps_rollup(text)); },
    [](std::string_view text) { static_cast<void>(parse_memory_available(text)); },
    [](std::string_view text) { read_net(text, Protocol::tcp); },
    [](std::string_view text) { read_net(text, Protocol::tcp6); },
    [](std::string_view text) { read_net(text, Protocol::unix_stream); },
    [](std::string_view text) {
      std::vector<UnitSetting> settings;
      parse_unit_file(text, settings);
    },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  kReaders[data[0] % std::size(kReaders)](text);
  return 0;
}
