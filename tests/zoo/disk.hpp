#pragma once

/// A small ext4 of the zoo's own: an image, mounted through a loop device in the mount namespace of
/// the caller. Thawed, unmounted and removed when it goes.

#include <memory>
#include <string>

namespace knell::zoo {

class Disk {
public:
  /// Null: this machine has no such thing, and `why` says what is missing.
  static std::unique_ptr<Disk> make(const std::string& folder, std::string& why);
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  ~Disk();

  [[nodiscard]] const std::string& root() const { return root_; }
  /// FIFREEZE and FITHAW, ioctl_fs(2): writers wait from the one to the other.
  [[nodiscard]] bool freeze() const;
  bool thaw() const;

private:
  explicit Disk(std::string folder) : image_(folder + "/image"), root_(folder + "/disk") {}
  [[nodiscard]] std::string make_image() const;
  [[nodiscard]] std::string mount() const;

  std::string image_;
  std::string root_;
};

}  // namespace knell::zoo
