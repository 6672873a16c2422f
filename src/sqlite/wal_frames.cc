#include "sqlite/wal_frames.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/sabotage.h"
#include "sqlite/file_format.h"

namespace pawprint::sqlite {
namespace {

constexpr std::size_t kFrameBytes = kFrameHeaderBytes + kPageBytes;
constexpr std::uint32_t kMagic = 0x377f0682;  // the lowest bit: checksums over big-endian words

// Runs through header and frames: what stands in one frame is the sum of all before it and of its own.
struct Checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  static Checksum at(std::string_view bytes, std::size_t at) {
    return {word(bytes, at), word(bytes, at + 4)};
  }
  void add(std::string_view bytes, bool words_are_big_endian) {
    const auto next = [&](std::size_t at) {
      return words_are_big_endian ? word(bytes, at) : __builtin_bswap32(word(bytes, at));
    };
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += next(at) + second;
      second += next(at + 4) + first;
    }
  }
  bool operator==(const Checksum&) const = default;
};

struct Frame {
  std::size_t at = 0;
  std::string_view bytes;
  bool whole = false;     // what it holds is what was written
  bool accepted = false;  // by SQLite: so are all before it, its salts, and its sum
  std::string_view salts() const { return bytes.substr(8, 8); }
  std::string_view content() const { return bytes.substr(kFrameHeaderBytes); }
  std::size_t page() const { return word(bytes, 0); }
  std::size_t database_pages() const { return word(bytes, 4); }  // 0: it does not commit
};

struct Frames {
  bool header_is_whole = false;
  std::vector<Frame> all;  // of one generation, up to the last one that commits
};

// Whoever empties a WAL in place writes zeros over its header and leaves the first frame as it is.
bool is_emptied(std::string_view wal) {
  const auto is_zero = [](char byte) { return byte == '\0'; };
  return std::ranges::all_of(wal.substr(0, kWalHeaderBytes), is_zero) &&
         (wal.size() < kWalHeaderBytes + kFrameBytes || word(wal, kWalHeaderBytes) != 0);
}

Checksum sum_behind(const Frame& frame, Checksum sum, bool big_endian) {
  sum.add(frame.bytes.substr(0, 8), big_endian);
  sum.add(frame.content(), big_endian);
  return sum;
}

// Without a header: those of the first frame that the next one follows from.
std::string_view salts_of_frames(std::string_view wal, bool big_endian) {
  for (std::size_t at = kWalHeaderBytes; at + 2 * kFrameBytes <= wal.size(); at += kFrameBytes) {
    const Frame frame{at, wal.substr(at, kFrameBytes)};
    const Frame next{at + kFrameBytes, wal.substr(at + kFrameBytes, kFrameBytes)};
    const Checksum sum = sum_behind(next, Checksum::at(frame.bytes, 16), big_endian);
    if (next.page() != 0 && next.salts() == frame.salts() && sum == Checksum::at(next.bytes, 16))
      return frame.salts();
  }
  return wal.substr(kWalHeaderBytes + 8, 8);
}

// Goes on behind a frame that is not whole: from the sum that stands in it, and from the one that it has,
// since its sum may be all that is damaged; if the next one follows from that, it was. A frame with other
// salts stood there before the WAL was written over, and follows from others of its kind.
std::vector<Frame> summed_frames(std::string_view wal, Checksum computed, std::string_view salts,
                                 bool big_endian) {
  std::vector<Frame> frames;
  Checksum stored = Checksum::at(wal, 24);
  for (std::size_t at = kWalHeaderBytes; at + kFrameBytes <= wal.size(); at += kFrameBytes) {
    Frame frame{at, wal.substr(at, kFrameBytes)};
    const Checksum own = Checksum::at(frame.bytes, 16);
    const Checksum from_computed = sum_behind(frame, computed, big_endian);
    const bool follows = from_computed == own;
    frame.whole = frame.page() != 0 &&
                  (follows || (frame.salts() == salts && sum_behind(frame, stored, big_endian) == own));
    frame.accepted =
        frame.whole && follows && frame.salts() == salts && (frames.empty() || frames.back().accepted);
    if (frame.whole && follows && !frames.empty()) frames.back().whole = true;
    computed = frame.whole ? own : from_computed;
    stored = own;
    frames.push_back(frame);
  }
  return frames;
}

Frames read_frames(std::string_view wal) {
  Frames frames;
  const bool big_endian = word(wal, 0) == (kMagic | 1U);
  Checksum header;
  header.add(wal.substr(0, 24), big_endian);
  frames.header_is_whole = (word(wal, 0) & ~1U) == kMagic && header == Checksum::at(wal, 24);
  if (frames.header_is_whole && word(wal, 8) != kPageBytes) return frames;  // none of ours
  if (wal.size() < kWalHeaderBytes + kFrameBytes) return frames;
  const std::string_view salts =
      frames.header_is_whole ? wal.substr(16, 8) : salts_of_frames(wal, big_endian);
  frames.all = summed_frames(wal, header, salts, big_endian);
  const auto last = std::ranges::find_if(frames.all.rbegin(), frames.all.rend(), [&](const Frame& frame) {
    return frame.database_pages() != 0 && (frame.whole || frame.salts() == salts);
  });
  frames.all.erase(last.base(), frames.all.end());
  return frames;
}

std::optional<std::size_t> damaged_before_the_last_commit(const std::vector<Frame>& frames) {
  const auto damaged = std::ranges::find_if(frames, [](const Frame& frame) { return !frame.accepted; });
  const auto its_commit =
      std::find_if(damaged, frames.end(), [](const Frame& frame) { return frame.database_pages() != 0; });
  if (its_commit == frames.end() || std::next(its_commit) == frames.end()) return std::nullopt;
  return damaged->at;
}

}  // namespace

WalPages read_wal(std::string_view wal) {
  WalPages pages;
  if (wal.size() < kWalHeaderBytes || is_emptied(wal)) return pages;
  const Frames frames = read_frames(wal);
  if (frames.header_is_whole) std::ranges::copy(wal.substr(16, 8), pages.salts.begin());
  PagesByNumber uncommitted;
  for (const Frame& frame : frames.all) {
    if (!frame.accepted) break;
    uncommitted[frame.page()] = frame.content();
    if (frame.database_pages() == 0) continue;
    for (const auto& [number, content] : uncommitted) pages.newest[number] = content;
    uncommitted.clear();
    pages.database_pages = frame.database_pages();
    pages.frames = (frame.at - kWalHeaderBytes) / kFrameBytes + 1;
  }
  pages.damaged_at =
      frames.header_is_whole || frames.all.empty() ? damaged_before_the_last_commit(frames.all) : 0;
  if (!pages.damaged_at) return pages;
  pages.behind = std::move(uncommitted);
  for (const Frame& frame : frames.all)
    if (frame.whole && !frame.accepted) pages.behind[frame.page()] = frame.content();
  return pages;
}

Result<std::optional<std::string>> wal_damage(Disk& disk, const Path& file) {
  if (sabotaged("wal-ends-at-damage")) return std::nullopt;
  std::optional<std::size_t> before;
  for (int look = 0; look < 2; ++look) {
    PAW_TRY(wal, read_file(disk, file.string() + "-wal"));
    const auto damaged_at = read_wal(wal.value_or("")).damaged_at;
    if (!damaged_at || (before && before != damaged_at)) return std::nullopt;
    before = damaged_at;
  }
  return fmt::format("its WAL is damaged at byte {}, and more was committed behind it", *before);
}

Result<bool> is_cut_to_its_wal(Disk& disk, const Path& file) {
  constexpr std::uint64_t kFileHeaderBytes = 100;  // sqlite.org/fileformat2.html, 1.3
  PAW_TRY(database, disk.status(file));
  if (database && database->size_bytes >= kFileHeaderBytes) return false;
  PAW_TRY(wal, disk.status(file.string() + "-wal"));
  return wal && wal->size_bytes > 0;
}

}  // namespace pawprint::sqlite
