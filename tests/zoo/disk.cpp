#include "zoo/disk.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "knell/live/fd.hpp"

namespace knell::zoo {
namespace {

using live::Fd;

constexpr off_t kSize = 16 << 20;

/// The reason, with errno.
std::string because(const char* what) {
  return fmt::format("cannot {}: {}", what, std::strerror(errno));
}

bool run_mkfs(const std::string& image) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
    ::execlp("mkfs.ext4", "mkfs.ext4", "-q", "-F", image.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

bool ask(const std::string& root, unsigned long what) {
  const Fd top(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return top.valid() && ::ioctl(top.get(), what, 0) == 0;
}

}  // namespace

std::unique_ptr<Disk> Disk::make(const std::string& folder, std::string& why) {
  std::unique_ptr<Disk> disk(new Disk(folder));
  why = disk->make_image();
  if (why.empty()) why = disk->mount();
  if (!why.empty()) return nullptr;
  return disk;
}

Disk::~Disk() {
  thaw();
  ::umount2(root_.c_str(), MNT_DETACH);
  ::rmdir(root_.c_str());
  ::unlink(image_.c_str());
}

std::string Disk::make_image() const {
  const Fd file(::open(image_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid() || ::ftruncate(file.get(), kSize) != 0) return because("make an image");
  if (!run_mkfs(image_)) return "mkfs.ext4 is missing or fails";
  if (::mkdir(root_.c_str(), 0755) != 0) return because("make a directory");
  return "";
}

std::string Disk::mount() const {
  const Fd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control.valid()) return because("open /dev/loop-control");
  const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
  if (number < 0) return because("get a loop device");
  const std::string device = fmt::format("/dev/loop{}", number);
  const Fd loop(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  const Fd file(::open(image_.c_str(), O_RDWR | O_CLOEXEC));
  loop_config config{};
  config.fd = static_cast<__u32>(file.get());
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;  // free again when it is unmounted
  if (!loop.valid() || ::ioctl(loop.get(), LOOP_CONFIGURE, &config) != 0)
    return because("set up a loop device");
  if (::mount(device.c_str(), root_.c_str(), "ext4", MS_NOSUID, nullptr) != 0)
    return because("mount an ext4");
  if (::chmod(root_.c_str(), 0777) != 0) return because("open the disk to all");
  return "";
}

bool Disk::freeze() const {
  return ask(root_, FIFREEZE);
}

bool Disk::thaw() const {
  return ask(root_, FITHAW);
}

}  // namespace knell::zoo
