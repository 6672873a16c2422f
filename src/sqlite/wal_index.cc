#include "sqlite/wal_index.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/counted.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "sqlite/wal_frames.h"

namespace pawprint::sqlite {
namespace {

constexpr off_t kCutBytes = 3;
constexpr off_t kSmallestBytes = 32 << 10;
// Two copies of the header, and what is told of checkpoints and readers.
constexpr std::size_t kHeaderBytes = 48;
constexpr std::size_t kBytesToForget = 136;

thread_local std::optional<WalIndex> forgotten;

// In this machine's order.
template <class Number>
std::uint64_t number_at(std::span<const char> bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::optional<WalIndex> index_in(int descriptor) {
  std::array<char, kWalIndexBytes> begin{};
  if (::pread(descriptor, begin.data(), begin.size(), 0) != ssize_t{begin.size()}) return std::nullopt;
  return read_wal_index(begin);
}

// As far as the clock can be trusted, which may have been set since.
bool is_of_this_boot(const struct stat& status) {
  struct timespec now{};
  struct timespec since_boot{};
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0 || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0)
    return false;
  return status.st_mtim.tv_sec > now.tv_sec - since_boot.tv_sec;
}

}  // namespace

std::optional<WalIndex> read_wal_index(std::span<const char, kWalIndexBytes> begin) {
  constexpr std::size_t kIsMade = 12;
  const auto header = begin.first<kHeaderBytes>();
  if (!std::ranges::equal(header, begin.subspan<kHeaderBytes, kHeaderBytes>())) return std::nullopt;
  if (header[kIsMade] == 0) return std::nullopt;
  WalIndex index;
  index.frames = number_at<std::uint32_t>(begin, 16);
  index.moved = number_at<std::uint32_t>(begin, 2 * kHeaderBytes);
  index.page_bytes = number_at<std::uint16_t>(begin, 14);
  if (index.page_bytes == 1) index.page_bytes = 64 << 10;
  std::ranges::copy(header.subspan<32, 8>(), index.salts.begin());
  return index;
}

std::uint64_t pages_gone(const WalIndex& then, const FoundInWal& found) {
  if (sabotaged("shorter-wal-believed")) return 0;
  const bool is_same = found.salts == then.salts;
  const bool is_recent = then.is_of_this_boot || sabotaged("old-wal-index-believed");
  if (!is_same && !(is_recent && found.is_by_us)) return 0;
  const std::uint64_t there = std::max(then.moved, is_same ? found.frames : 0);
  return then.frames - std::min(then.frames, there);
}

Result<std::optional<std::string>> lost_end_of_wal(Disk& disk, const Path& file) {
  PAW_TRY(index, read_file(disk, file.string() + "-shm"));
  if (!index || index->size() < kWalIndexBytes) return std::nullopt;
  const auto then = read_wal_index(std::span<const char>(*index).first<kWalIndexBytes>());
  if (!then) return std::nullopt;
  PAW_TRY(wal, read_file(disk, file.string() + "-wal"));
  const WalPages pages = read_wal(wal.value_or(""));
  const std::uint64_t gone = pages_gone(*then, {pages.frames, pages.salts});
  if (gone == 0) return std::nullopt;
  return fmt::format("its WAL ends early, and {} that had been committed {} gone", counted(gone, "page"),
                     gone == 1 ? "is" : "are");
}

int cut_or_forget_wal_index(int descriptor, off_t bytes) {
  struct stat status{};
  if (bytes != kCutBytes || ::fstat(descriptor, &status) != 0) return ::ftruncate(descriptor, bytes);
  forgotten = index_in(descriptor);
  if (forgotten) forgotten->is_of_this_boot = is_of_this_boot(status);
  if (status.st_size == kSmallestBytes) {
    if (sabotaged("wal-index-believed")) return 0;
    constexpr std::array<char, kBytesToForget> kNothing{};
    if (::pwrite(descriptor, kNothing.data(), kNothing.size(), 0) == ssize_t{kNothing.size()}) return 0;
  }
  return ::ftruncate(descriptor, bytes);
}

std::optional<WalIndex> take_forgotten_index() {
  return std::exchange(forgotten, std::nullopt);
}

}  // namespace pawprint::sqlite
