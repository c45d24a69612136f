/// One in a sleep that no signal ends, not even SIGKILL.

#include <fcntl.h>
#include <unistd.h>

#include "zoo/animal.hpp"

namespace knell::zoo {
namespace {

/// Writes to a file system that was frozen meanwhile: sb_start_write (include/linux/fs.h) waits
/// until it is thawed.
void live_writing(const Life& life) {
  const std::string path = life.terms().place + "/file";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) give_up("open its file");
  life.stands(::getpid());
  life.await_go();
  if (::write(file, "x", 1) != 1) give_up("write");
  life.rest();
}

}  // namespace

std::vector<Animal> stuck() {
  return {{.name = "frozen-disk",
           .what = "writes to a frozen ext4: a D sleep that no signal ends",
           .must = "knell says that it lives, and why; it is gone when the disk is thawed",
           .live = live_writing,
           .enclosure = Enclosure::disk,
           .sign = Sign::uninterruptible,
           .kernel_holds_it = true,
           .takes_long = true}};
}

}  // namespace knell::zoo
