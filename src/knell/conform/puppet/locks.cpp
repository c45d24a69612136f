/// What processes share: robust mutexes, semaphores, memory.

#include <sys/sem.h>
#include <sys/shm.h>

#include <cerrno>

#include "knell/conform/puppet/perform.hpp"
#include "knell/conform/puppet/robust.hpp"

namespace knell::conform::puppet {
namespace {

/// The mutex that the kernel is to look at, too, if the task ends just now.
class Pending {
public:
  explicit Pending(RobustMutex& mutex) { self().robust.list_op_pending = &mutex.node; }
  ~Pending() { self().robust.list_op_pending = nullptr; }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
};

std::uint32_t own_tid() {
  return static_cast<std::uint32_t>(system_call(SYS_gettid));
}

void enqueue(RobustMutex& mutex) {
  robust_list_head& head = self().robust;
  mutex.node.next = head.list.next;
  head.list.next = &mutex.node;
}

void dequeue(RobustMutex& mutex) {
  robust_list_head& head = self().robust;
  for (robust_list* at = &head.list; at->next != &head.list; at = at->next)
    if (at->next == &mutex.node) {
      at->next = mutex.node.next;
      return;
    }
}

bool holds(const RobustMutex& mutex) {
  const robust_list_head& head = self().robust;
  for (const robust_list* at = head.list.next; at != &head.list; at = at->next)
    if (at == &mutex.node) return true;
  return false;
}

/// One attempt of the C library's __pthread_mutex_lock_full. True with `died` if the mutex is
/// taken; otherwise `word` is what somebody else has made of it.
bool try_lock(RobustMutex& mutex, std::uint32_t& word, std::uint32_t waiters, bool& died) {
  died = (word & FUTEX_OWNER_DIED) != 0;
  if (word != 0 && !died) return false;
  return mutex.word.compare_exchange_strong(word, own_tid() | (word & FUTEX_WAITERS) | waiters);
}

void sleep_on(RobustMutex& mutex, std::uint32_t& word) {
  const std::uint32_t with_waiters = word | FUTEX_WAITERS;
  if (word == with_waiters || mutex.word.compare_exchange_strong(word, with_waiters))
    system_call(SYS_futex, &mutex.word, FUTEX_WAIT, with_waiters, nullptr);
  word = mutex.word;
}

/// Where the segment is attached. Each address space has its own, as it has its own of this.
std::uintptr_t attached[32];
std::size_t attached_count = 0;

}  // namespace

void register_robust_list() {
  robust_list_head& head = self().robust;
  head.list.next = &head.list;
  head.futex_offset = offsetof(RobustMutex, word) - offsetof(RobustMutex, node);
  head.list_op_pending = nullptr;
  system_call(SYS_set_robust_list, &head, sizeof head);
}

long robust_lock(const Call& call, CallResult&) {
  RobustMutex& mutex = shared().locks[static_cast<std::size_t>(call.arg[0]) % 8];
  if (holds(mutex)) return -EDEADLK;  // PTHREAD_MUTEX_ERRORCHECK
  const Pending pending(mutex);
  std::uint32_t waiters = 0;  // having waited: perhaps somebody else does, too
  std::uint32_t word = mutex.word;
  for (bool died = false;;) {
    if (try_lock(mutex, word, waiters, died)) {
      enqueue(mutex);
      return died ? 1 : 0;
    }
    if (word == 0 || (word & FUTEX_OWNER_DIED) != 0) continue;
    if (call.arg[1] == 0) return -EBUSY;
    sleep_on(mutex, word);
    waiters = FUTEX_WAITERS;
  }
}

long robust_unlock(const Call& call, CallResult&) {
  RobustMutex& mutex = shared().locks[static_cast<std::size_t>(call.arg[0]) % 8];
  if ((mutex.word & FUTEX_TID_MASK) != own_tid()) return -EPERM;
  const Pending pending(mutex);
  dequeue(mutex);
  if ((mutex.word.exchange(0) & FUTEX_WAITERS) != 0)
    system_call(SYS_futex, &mutex.word, FUTEX_WAKE, 1);
  return 0;
}

long semop(const Call& call, CallResult&) {
  sembuf operation{static_cast<unsigned short>(call.arg[0]), static_cast<short>(call.arg[1]),
                   static_cast<short>(call.arg[2])};
  return system_call(SYS_semop, shared().semaphores, &operation, 1);
}

long shmat(const Call&, CallResult&) {
  if (attached_count == 32) return -EMFILE;
  const long address = system_call(SYS_shmat, shared().segment, nullptr, 0);
  if (address < 0 && address > -4096) return address;
  attached[attached_count++] = static_cast<std::uintptr_t>(address);
  return 0;
}

/// Where it is not attached, the kernel is asked for an address where nothing is.
long shmdt(const Call&, CallResult&) {
  const std::uintptr_t address = attached_count == 0 ? 0 : attached[attached_count - 1];
  const long error = system_call(SYS_shmdt, address);
  if (error == 0) --attached_count;
  return error;
}

}  // namespace knell::conform::puppet
