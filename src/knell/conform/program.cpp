#include "knell/conform/program.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "knell/live/fd.hpp"

#ifdef KNELL_PUPPET
// The assembler puts the file here as it is.
asm(".pushsection .rodata\n"
    ".globl knell_puppet_program, knell_puppet_program_end\n"
    "knell_puppet_program: .incbin \"" KNELL_PUPPET
    "\"\n"
    "knell_puppet_program_end:\n"
    ".popsection");
extern "C" const std::byte knell_puppet_program[];
extern "C" const std::byte knell_puppet_program_end[];
#endif

namespace knell::conform {
namespace {

constexpr unsigned kExecutable = 0x10;  // MFD_EXEC of Linux 6.3, which a sysctl may ask for

/// Older kernels know no MFD_EXEC, and need none.
live::Fd memory_file() {
  live::Fd file(::memfd_create("knell-puppet", MFD_CLOEXEC | kExecutable));
  return file.valid() ? std::move(file) : live::Fd(::memfd_create("knell-puppet", MFD_CLOEXEC));
}

Result<live::Fd> write_puppet() {
  const auto program = puppet_program();
  if (program.empty())
    return failure(ENOTSUP, "stage a scenario", "real processes", "only x86-64 is supported");
  live::Fd file = memory_file();
  if (!file.valid()) return failure(errno, "create", "a file in memory");
  const ssize_t written = ::write(file.get(), program.data(), program.size());
  if (written != static_cast<ssize_t>(program.size()))
    return failure(written < 0 ? errno : ENOSPC, "write", "a file in memory");
  return file;
}

}  // namespace

std::span<const std::byte> puppet_program() {
#ifdef KNELL_PUPPET
  return {knell_puppet_program, knell_puppet_program_end};
#else
  return {};
#endif
}

Result<int> executable_puppet() {
  static const Result<live::Fd> file = write_puppet();
  if (!file) return std::unexpected(file.error());
  return file->get();
}

}  // namespace knell::conform
