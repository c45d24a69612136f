#include "knell/live/unit_folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "knell/live/accounts.hpp"
#include "knell/live/fd.hpp"
#include "knell/live/text.hpp"

namespace knell::live {
namespace {

constexpr std::string_view kRunRoot = "/run/systemd/system";
constexpr std::string_view kEtcRoot = "/etc/systemd/system";
constexpr std::size_t kLongestFile = 1 << 20;

/// A file's bytes; "" where it is no plain file (a link to /dev/null) or must not be read; none
/// where it is not there.
std::optional<std::string> read_file(const std::string& path) {
  // Not to wait for a writer where somebody put a FIFO.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return errno == ENOENT ? std::nullopt : std::optional("");
  struct stat status{};
  std::string text;
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return text;
  std::array<char, 4096> buffer{};
  while (text.size() < kLongestFile) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// One manager's folders in systemd.unit(5)'s order, from those an administrator, systemd itself
/// (`run`, with "systemd/" at its end) and packages write.
struct Layers {
  std::vector<std::string> control, transient, plain, late;

  void add_run(const std::string& run) {
    transient.push_back(run + "transient");
    transient.push_back(run + "generator.early");
    late.push_back(run + "generator.late");
  }
  [[nodiscard]] std::vector<std::string> in_order() const {
    std::vector<std::string> all = control;
    for (const auto* layer : {&transient, &plain, &late})
      all.insert(all.end(), layer->begin(), layer->end());
    return all;
  }
};

bool is_trigger(std::string_view unit) {
  return unit.ends_with(".socket") || unit.ends_with(".timer") || unit.ends_with(".path");
}

bool is_plain_name(std::string_view unit) {
  return !unit.empty() && unit.find('/') == unit.npos && unit.find('\0') == unit.npos;
}

bool is_folder(DIR* parent, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status{};
  return ::fstatat(::dirfd(parent), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

}  // namespace

std::vector<std::string> names_in(const std::string& folder, bool only_folders) {
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  std::vector<std::string> names;
  const std::unique_ptr<DIR, Close> open(::opendir(folder.c_str()));
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (only_folders && !is_folder(open.get(), *entry)) continue;
    names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

UnitFolders::UnitFolders(std::vector<std::string> paths) {
  for (std::string& path : paths)
    if (std::vector<std::string> names = names_in(path); !names.empty())
      folders_.push_back({std::move(path), std::move(names)});
}

bool UnitFolders::Folder::has(const std::string& name) const {
  return std::ranges::binary_search(names, name);
}

UnitFolders UnitFolders::of_system(const Roots& roots) {
  Layers layers;
  for (const std::string& root : roots.units) {
    const bool is_run = root.ends_with(kRunRoot);
    if (is_run || root.ends_with(kEtcRoot)) layers.control.push_back(root + ".control");
    layers.plain.push_back(root);
    if (!is_run) continue;
    const std::string run = root.substr(0, root.size() - std::string_view("system").size());
    layers.add_run(run);
    layers.plain.push_back(run + "generator");
  }
  return UnitFolders(layers.in_order());
}

UnitFolders UnitFolders::of_user(const Roots& roots, uid_t user) {
  Layers layers;
  for (const std::string& root : roots.units) {
    std::string_view base = root;
    if (!take_ending(base, "system")) continue;
    layers.plain.push_back(std::string(base) + "user");
    if (!root.ends_with(kRunRoot)) continue;
    const std::string machine = root.substr(0, root.size() - kRunRoot.size());
    const std::string run = machine + "/run/user/" + std::to_string(user) + "/systemd/";
    layers.control.push_back(run + "user.control");
    layers.add_run(run);
    layers.plain.insert(layers.plain.end(), {run + "user", run + "generator"});
    if (const std::string home = home_of_user(Uid(user)); !home.empty()) {
      layers.control.push_back(machine + home + "/.config/systemd/user.control");
      layers.transient.push_back(machine + home + "/.config/systemd/user");
      layers.plain.push_back(machine + home + "/.local/share/systemd/user");
    }
  }
  return UnitFolders(layers.in_order());
}

std::optional<std::vector<UnitSetting>> UnitFolders::load(const std::string& unit) const {
  if (!is_plain_name(unit)) return {};
  std::optional<std::string> text;
  for (const std::string& name : {unit, UnitName::parse(unit).template_name()})
    for (const Folder& folder : folders_)
      if (!text && folder.has(name)) text = read_file(folder.path + "/" + name);
  if (!text || text->empty()) return {};
  std::vector<UnitSetting> settings;
  parse_unit_file(*text, settings);
  add_drop_ins(unit, settings);
  return settings;
}

/// In the order of their names, whatever folder they are in; of two with one name the one in the
/// more particular folder counts, then the one in the earlier.
void UnitFolders::add_drop_ins(const std::string& unit, std::vector<UnitSetting>& settings) const {
  std::map<std::string, std::string> files;  // name, folder
  for (const std::string& drop_ins : drop_in_folders(unit))
    for (const Folder& folder : folders_) {
      if (!folder.has(drop_ins)) continue;
      const std::string path = folder.path + "/" + drop_ins;
      for (std::string& name : names_in(path))
        if (name.ends_with(".conf")) files.try_emplace(std::move(name), path);
    }
  for (const auto& [name, folder] : files) {
    std::string path = folder;
    path.append("/").append(name);
    parse_unit_file(read_file(path).value_or(""), settings);
  }
}

std::vector<std::string> UnitFolders::enabled_triggers() const {
  std::set<std::string> triggers;
  for (const Folder& folder : folders_)
    for (const std::string& entry : folder.names)
      if (entry.ends_with(".wants") || entry.ends_with(".requires"))
        for (std::string& unit : names_in(folder.path + "/" + entry))
          if (is_trigger(unit)) triggers.insert(std::move(unit));
  return {triggers.begin(), triggers.end()};
}

}  // namespace knell::live
