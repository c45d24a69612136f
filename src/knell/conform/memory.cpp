#include "knell/conform/memory.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <new>

namespace knell::conform {

Result<Memory> Memory::create() {
  live::Fd fd(::memfd_create("knell-stage", MFD_CLOEXEC));
  if (!fd.valid()) return failure(errno, "create", "a file in memory");
  if (::ftruncate(fd.get(), sizeof(Shared)) != 0)
    return failure(errno, "extend", "a file in memory");
  void* at = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return failure(errno, "map", "a file in memory");
  return Memory(std::move(fd), static_cast<Shared*>(at));
}

Memory::~Memory() {
  if (shared_ != nullptr) ::munmap(shared_, sizeof(Shared));
}

std::uint64_t address_of_command(std::size_t slot) {
  return kSharedAddress + offsetof(Shared, slots) + slot * sizeof(Slot) + offsetof(Slot, command);
}

void clear(Slot& slot) {
  std::destroy_at(&slot);
  new (&slot) Slot{};
}

void hand_over(Slot& slot) {
  slot.command.fetch_add(1);
  ::syscall(SYS_futex, &slot.command, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace knell::conform
