/// Instructions that make the hardware complain.

#include "knell/conform/puppet/fault.hpp"

#include <sys/mman.h>

#include <cerrno>

#include "knell/conform/puppet/perform.hpp"

extern "C" {
void knell_puppet_sigill();
void knell_puppet_sigfpe();
void knell_puppet_sigsegv();
void knell_puppet_sigbus(void* beyond_the_end);
void knell_puppet_sigtrap();
void knell_puppet_faults();
void knell_puppet_faults_end();
}

asm(R"(
knell_puppet_faults:
knell_puppet_sigill:
  ud2
  ret
knell_puppet_sigfpe:
  xor %ecx, %ecx
  mov $1, %eax
  cltd
  idiv %ecx
  ret
knell_puppet_sigsegv:
  movb $0, 0
  ret
knell_puppet_sigbus:
  movb $0, (%rdi)
  ret
knell_puppet_sigtrap:
  int3
  ret
knell_puppet_faults_end:
)");

namespace knell::conform::puppet {
namespace {

constexpr std::size_t kPage = 4096;

/// The file of the shared memory, from its end on: a mapping may reach there, an access may not.
void touch_beyond_end_of_file() {
  const auto end = (sizeof(Shared) + kPage - 1) / kPage * kPage;
  const long page =
      system_call(SYS_mmap, nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, kSharedFd, end);
  if (page > 0) knell_puppet_sigbus(at_address<void>(static_cast<std::uintptr_t>(page)));
  system_call(SYS_munmap, page, kPage);
}

/// The signals of these faults, with a code that only the kernel gives. (A child's end has such
/// codes, too.)
bool is_fault(const siginfo_t& info) {
  const int signal = info.si_signo;
  return info.si_code > 0 && (signal == SIGILL || signal == SIGFPE || signal == SIGSEGV ||
                              signal == SIGBUS || signal == SIGTRAP);
}

}  // namespace

/// Each of the functions above ends with its `ret`; this does it for them.
void go_on_behind_fault(const siginfo_t& info, ucontext_t& interrupted) {
  auto& registers = interrupted.uc_mcontext.gregs;
  const auto at = registers[REG_RIP];
  const bool among_them = at >= reinterpret_cast<greg_t>(&knell_puppet_faults) &&
                          at < reinterpret_cast<greg_t>(&knell_puppet_faults_end);
  if (!is_fault(info) || !among_them) return;
  registers[REG_RIP] = *at_address<const greg_t>(static_cast<std::uintptr_t>(registers[REG_RSP]));
  registers[REG_RSP] += sizeof(greg_t);
}

long fault(const Call& call, CallResult&) {
  switch (call.arg[0]) {
    case SIGILL:
      knell_puppet_sigill();
      return 0;
    case SIGFPE:
      knell_puppet_sigfpe();
      return 0;
    case SIGSEGV:
      knell_puppet_sigsegv();
      return 0;
    case SIGBUS:
      touch_beyond_end_of_file();
      return 0;
    case SIGTRAP:
      knell_puppet_sigtrap();
      return 0;
    default:
      return -EINVAL;
  }
}

}  // namespace knell::conform::puppet
