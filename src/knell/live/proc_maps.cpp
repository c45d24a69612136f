#include "knell/live/proc_maps.hpp"

#include <sys/sysmacros.h>

#include <algorithm>
#include <optional>

#include "knell/live/text.hpp"

namespace knell::live {
namespace {

struct Mapping {
  std::string_view range;
  FileId id;
  std::string_view path;
};

/// "7f1c…000-7f1c…000 r-xp 00000000 fe:00 1234    /usr/lib/libc.so.6": the path may hold blanks.
std::optional<Mapping> parse_mapping(std::string_view line) {
  Mapping mapping;
  mapping.range = take_word(line);
  take_word(line);  // permissions
  take_word(line);  // offset
  std::string_view device = take_word(line);
  const auto major = number<unsigned>(take(device, ':'), 16);
  const auto minor = number<unsigned>(device, 16);
  const auto inode = number<std::uint64_t>(take_word(line));
  if (!major || !minor || !inode || *inode == 0) return std::nullopt;
  mapping.id = {.device = makedev(*major, *minor), .inode = *inode};
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.path = line;
  return mapping;
}

}  // namespace

std::vector<MappedFile> parse_maps(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const auto mapping = parse_mapping(take_line(text));
    // A file's mappings stand side by side, so this takes most of the repetitions out at once.
    if (mapping && (mappings.empty() || mappings.back().id != mapping->id))
      mappings.push_back(*mapping);
  }
  std::ranges::sort(mappings, {}, &Mapping::id);
  const auto repeated = std::ranges::unique(mappings, {}, &Mapping::id);
  mappings.erase(repeated.begin(), repeated.end());

  std::vector<MappedFile> files;
  files.reserve(mappings.size());
  for (const Mapping& mapping : mappings) {
    const bool named = mapping.path.starts_with('/');
    files.push_back({.file = {.fd = -1,
                              .kind = named ? FileKind::regular : FileKind::other,
                              .id = mapping.id,
                              .path = unescape_octal(mapping.path)},
                     .range = mapping.range});
  }
  return files;
}

}  // namespace knell::live
