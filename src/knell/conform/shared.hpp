#pragma once

/// The memory that the stage and its puppets share.
///
/// Every puppet has it at one and the same address, whatever process it is in: so the thread
/// pointer of a puppet can be its slot, and is so from its first instruction on, even where that is
/// a handler's. Whatever a signal or the end can come between is one store, or is told complete by
/// one store: what the stage reads of a puppet at rest is never half of something.

#include <linux/futex.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "knell/world/call.hpp"
#include "knell/world/context.hpp"

namespace knell::conform {

/// The descriptors that every puppet has beside 0, 1 and 2: far above those that a scenario opens.
inline constexpr int kSharedFd = 240;    ///< this memory
inline constexpr int kProgramFd = 241;   ///< the puppets' program
inline constexpr int kFilesFd = 242;     ///< the folder of the files 0 to 7
inline constexpr int kStageFd = 243;     ///< a pidfd of the stage; init has it until it has looked
inline constexpr int kFirstOwnFd = 244;  ///< and above: what a call needs for itself meanwhile

/// Where the puppets have it, and each address space its stacks.
inline constexpr std::uintptr_t kSharedAddress = 0x1000'0000'0000;
inline constexpr std::uintptr_t kStacksAddress = 0x2000'0000'0000;

inline constexpr std::size_t kSlots = 64;  ///< tasks at a time
inline constexpr std::size_t kStackSize = 1 << 18;
inline constexpr std::size_t kAltStackSize = 1 << 16;
inline constexpr std::size_t kToldKept = 256;  ///< handlers that may begin within one step
inline constexpr std::size_t kResultsKept = 8;
inline constexpr std::size_t kTerminals = 4;
inline constexpr const char* kHungUp = "hung-up";  ///< where a terminal is that was hung up

/// A handler that began to run.
struct Told {
  std::atomic<std::uint32_t> serial;  ///< which of the slot's, from 1; written when the rest is
  HandlerRun run;
};

/// A result that is being written, or was.
struct KeptResult {
  std::atomic<bool> taken;
  CallResult result;
};

/// How many calls have returned, and where the result of the last one is.
struct Returned {
  std::uint32_t count = 0;
  std::uint32_t place = 0;
};

/// One puppet's part. The kernel, too, writes here: `number`.
struct alignas(4096) Slot {
  std::uint64_t self;               ///< this slot's address: where the thread pointer points
  std::atomic<std::uint32_t> left;  ///< handlers that were left; entry.cpp knows that it is here

  // What the stage says.
  std::atomic<std::uint32_t> command;  ///< a futex: how many calls it was told to make
  Call call;
  std::uint32_t child = 0;        ///< of clone: the slot of the new task
  std::uint32_t child_stack = 0;  ///< and its stack

  // What the puppet says.
  std::atomic<std::uint32_t> taken;     ///< the command it began last
  std::atomic<std::uint32_t> idle;      ///< the command it had finished when it last waited for one
  std::atomic<std::uint32_t> in_call;   ///< a Sys
  std::atomic<std::uint32_t> programs;  ///< how often it began to run a program
  std::atomic<Returned> returned;
  std::array<KeptResult, kResultsKept> results;
  std::atomic<std::uint32_t> begun;  ///< handlers that began, complete in `told` or not
  std::uintptr_t below_alternate;  ///< the stack pointer that its alternate stack was entered with
  std::uint32_t parent;            ///< whose stack it began with a copy of
  std::uint32_t stack;             ///< which of its address space's stacks it runs on
  bool tied;                       ///< a thread of init, which is to end with the stage

  // What the kernel says.
  std::atomic<std::int32_t> number;  ///< its pid as the one numbers it who made it; 0: not made

  robust_list_head robust;
  std::array<Told, kToldKept> told;
};

/// A robust mutex (pthread_mutexattr_setrobust(3)), without priority inheritance.
struct RobustMutex {
  robust_list node;
  std::atomic<std::uint32_t> word;
};

/// How far init has come: a futex, and an errno with what failed.
enum class Opening : std::uint32_t { under_way, ready, failed };

struct Shared {
  std::atomic<Opening> opening;
  std::int32_t error;           ///< errno of what failed
  std::array<char, 32> failed;  ///< and what that was
  bool root_of_machine;         ///< root is so outside of the user namespace, too
  std::int32_t proc_fd;         ///< init's descriptor of a /proc of the pid namespace
  std::int32_t semaphores;      ///< the one set
  std::int32_t segment;         ///< the one segment
  std::uint64_t leaving;        ///< the instructions between a handler's last and its end:
  std::uint64_t leaving_end;    ///< from, and up to
  /// The terminals' paths; what is no path from the root is in the folder of kFilesFd.
  std::array<std::array<char, 64>, kTerminals> terminals;
  std::array<RobustMutex, 8> locks;
  std::array<Slot, kSlots> slots;
};

static_assert(offsetof(Slot, left) == 8);
static_assert(std::atomic<Returned>::is_always_lock_free);
static_assert(sizeof(Signal) == 1 && sizeof(Call) == 48, "both sides are compiled alike");

}  // namespace knell::conform
