// The texts about files: maps, locks, smaps_rollup, meminfo.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "any_bytes.hpp"
#include "knell/live/fd.hpp"
#include "knell/live/proc_fs.hpp"
#include "knell/live/proc_locks.hpp"
#include "knell/live/proc_maps.hpp"
#include "knell/live/proc_memory.hpp"

namespace knell::live {
namespace {

TEST(ProcMaps, EachFileIsThereOnceAndMemoryWithoutAFileNotAtAll) {
  const auto files = parse_maps(
      "00400000-00401000 r--p 00000000 fe:00 12                                 /usr/bin/x y\n"
      "00401000-00402000 r-xp 00001000 fe:00 12                                 /usr/bin/x y\n"
      "00602000-00603000 rw-p 00000000 00:00 0                                  [heap]\n"
      "00603000-00604000 rw-p 00000000 fe:00 9   /gone\\012file (deleted)\n"
      "00604000-00605000 rw-p 00001000 fe:00 12                                 /usr/bin/x y\n"
      "00605000-00606000 rw-p 00000000 00:0d 7   anon_inode:[perf_event]\n"
      "7ff000000000-7ff000001000 rw-p 00000000 00:00 0 \n");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].file.path, "anon_inode:[perf_event]");
  EXPECT_EQ(files[0].file.kind, FileKind::other);
  EXPECT_EQ(files[1].file.path, "/gone\nfile (deleted)");
  EXPECT_EQ(files[2].file.path, "/usr/bin/x y");
  EXPECT_EQ(files[2].file.kind, FileKind::regular);
  EXPECT_EQ(files[2].file.id, (FileId{.device = makedev(0xfe, 0), .inode = 12}));
  EXPECT_EQ(files[2].file.fd, -1);
  EXPECT_EQ(files[1].range, "00603000-00604000");
}

TEST(ProcMaps, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled({"00400000-00401000 ", "r--p ", "00000000 ", "fe:00 ", "12 ",
                                      " /a", "\\012", " (deleted)", "\n", "\\"});
    for (const MappedFile& mapped : parse_maps(text)) RC_ASSERT(mapped.file.id.inode != 0U);
  }));
}

TEST(ProcLocks, ThoseWhoWaitHoldNothing) {
  const auto locks = parse_locks(
      "1: POSIX  ADVISORY  WRITE 3568 fe:00:2531452 0 EOF\n"
      "1: -> POSIX  ADVISORY  WRITE 4000 fe:00:2531452 0 EOF\n"
      "2: FLOCK  ADVISORY  READ  548 00:1a:99 0 EOF\n"
      "3: OFDLCK ADVISORY  WRITE -1 08:01:5 0 9\n"
      "4: LEASE  ACTIVE    READ  12 08:01:5 0 EOF\n");
  ASSERT_EQ(locks.size(), 4U);
  EXPECT_EQ(locks[0], (FileLock{.type = FileLock::Type::posix,
                                .write = true,
                                .holder = Pid(3568),
                                .file = {.device = makedev(0xfe, 0), .inode = 2531452}}));
  EXPECT_EQ(locks[1].type, FileLock::Type::flock);
  EXPECT_FALSE(locks[1].write);
  EXPECT_EQ(locks[2].type, FileLock::Type::ofd);
  EXPECT_EQ(locks[2].holder, Pid{}) << "it belongs to the open file, not to a process";
  EXPECT_EQ(locks[3].type, FileLock::Type::lease);
}

TEST(ProcLocks, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled(
        {"1: ", "-> ", "POSIX ", "ADVISORY ", "WRITE ", "12 ", "-1 ", "fe:00:1 ", "::", "\n"});
    for (const FileLock& lock : parse_locks(text)) RC_ASSERT(lock.holder >= Pid{});
  }));
}

TEST(ProcMemory, PrivateIsCleanAndDirtyTogether) {
  const auto mm = parse_smaps_rollup(
      "00400000-7ffc1 ---p 00000000 00:00 0                          [rollup]\n"
      "Rss:                 884 kB\nPss:                 385 kB\nShared_Clean:        696 kB\n"
      "Private_Clean:        12 kB\nPrivate_Dirty:       100 kB\nPrivate_Hugetlb:    2048 kB\n"
      "Swap:                  8 kB\nSwapPss:               4 kB\n");
  ASSERT_TRUE(mm);
  EXPECT_EQ(mm->rss_bytes, 884U * 1024);
  EXPECT_EQ(mm->private_bytes, 112U * 1024);
  EXPECT_EQ(mm->swap_bytes, 8U * 1024);
  EXPECT_FALSE(parse_smaps_rollup("")) << "a process without memory";
}

TEST(ProcMemory, WhatOneTouchesIsOnesOwn) {
  constexpr std::size_t kSize = 8 << 20;
  ProcReader proc(AT_FDCWD);
  const auto before = parse_smaps_rollup(proc.record("/proc/self/smaps_rollup").value_or(""));
  void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const auto after = parse_smaps_rollup(proc.record("/proc/self/smaps_rollup").value_or(""));
  munmap(memory, kSize);
  ASSERT_TRUE(before && after);
  EXPECT_GE(after->private_bytes, before->private_bytes + kSize);
  EXPECT_LE(after->private_bytes, before->private_bytes + kSize + (1 << 20));
  EXPECT_GE(after->rss_bytes, after->private_bytes);
}

TEST(ProcMemory, AvailableIsLessThanAllThereIs) {
  ProcReader proc(AT_FDCWD);
  const auto text = proc.whole("/proc/meminfo");
  ASSERT_TRUE(text);
  const auto bytes = parse_memory_available(*text);
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 1U << 20);
  EXPECT_LE(*bytes, static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(parse_memory_available("MemTotal: 1 kB\nMemAvailable:   3 kB\n"), 3072U);
  EXPECT_FALSE(parse_memory_available("MemTotal: 1 kB\n")) << "before Linux 3.14";
}

TEST(ProcMemory, NoBytesUpsetIt) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *test::mangled(
        {"Rss: ", "Private_Clean:", "MemAvailable:", " 12 kB", "\n", " 18446744073709551615 kB"});
    const auto mm = parse_smaps_rollup(text);
    if (mm) RC_ASSERT(mm->rss_bytes % 1024 == 0U);
    const auto available = parse_memory_available(text);
    if (available) RC_ASSERT(*available % 1024 == 0U);
  }));
}

}  // namespace
}  // namespace knell::live
