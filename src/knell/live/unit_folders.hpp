#pragma once

/// Where a systemd manager finds its units: systemd.unit(5), "unit search path".

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "knell/live/machine.hpp"
#include "knell/live/unit_file.hpp"

namespace knell::live {

class UnitFolders {
public:
  /// The machine's own manager: the roots, and beside /run/systemd/system what systemd keeps there
  /// for itself (transient and generated units).
  [[nodiscard]] static UnitFolders of_system(const Roots& roots);
  /// A user's manager: for each root ".../systemd/system" its ".../systemd/user", and the user's
  /// own folders in the home directory and in /run/user/UID.
  [[nodiscard]] static UnitFolders of_user(const Roots& roots, uid_t user);

  /// What a unit's file and its drop-ins set. None: there is no file, or it is masked (empty, or a
  /// link to /dev/null), which is as if there were none.
  [[nodiscard]] std::optional<std::vector<UnitSetting>> load(const std::string& unit) const;

  /// The sockets, timers and paths that are linked in some .wants or .requires folder; ascending.
  [[nodiscard]] std::vector<std::string> enabled_triggers() const;

private:
  /// Listed once: most units are not in most folders, and most have no drop-ins.
  struct Folder {
    std::string path;
    std::vector<std::string> names;  ///< ascending
    [[nodiscard]] bool has(const std::string& name) const;
  };
  explicit UnitFolders(std::vector<std::string> paths);
  void add_drop_ins(const std::string& unit, std::vector<UnitSetting>& settings) const;

  std::vector<Folder> folders_;  ///< the first that has a file wins
};

/// The names of a folder's entries, ascending; none where it cannot be read.
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder,
                                                bool only_folders = false);

}  // namespace knell::live
