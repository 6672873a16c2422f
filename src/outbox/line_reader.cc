#include "outbox/line_reader.h"

#include <algorithm>

#include "outbox/spill_line.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kLongestLineBytes = protocol::max_bytes_per_event + (1 << 10);
constexpr std::uint64_t kTailBytes = 4 << 10;

// Where a line ends. A power cut leaves zeros where a write was lost and a later one was not: no line has
// them.
constexpr std::string_view kEnds("\n\0", 2);

// Of the last line that can be read. The first of `tail` counts only if it is whole.
std::optional<std::uint64_t> highest_of_tail(std::string_view tail, bool from_start) {
  while (!tail.empty()) {
    if (kEnds.contains(tail.back())) {
      tail.remove_suffix(1);
      continue;
    }
    const std::size_t before = tail.find_last_of(kEnds);
    if (before == std::string_view::npos) return from_start ? highest_of_line(tail) : std::nullopt;
    if (const auto highest = highest_of_line(tail.substr(before + 1))) return highest;
    tail.remove_suffix(tail.size() - before);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<LineReader::Line>> LineReader::next() {
  for (;;) {
    const std::size_t zeros = std::min(buffer_.find_first_not_of('\0', used_), buffer_.size()) - used_;
    used_ += zeros;
    offset_ += zeros;
    const std::string_view rest = std::string_view(buffer_).substr(used_);
    const std::size_t end = rest.find_first_of(kEnds);
    const bool whole = end != std::string_view::npos;
    std::string read;
    if (!whole && rest.size() <= kLongestLineBytes) {
      PAW_TRY(more, file_->read_at(offset_ + rest.size(), kReadBytes));
      read = std::move(more);
    }
    if (!read.empty()) {
      buffer_.erase(0, used_);
      used_ = 0;
      buffer_ += read;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    const std::size_t bytes = whole ? end + 1 : rest.size();
    used_ += bytes;
    offset_ += bytes;
    return Line{rest.substr(0, whole ? end : bytes), offset_};
  }
}

// Refills take the file away and emissions put a new one in its place: a file that is there after opening it
// has failed was put there since, or cannot be opened.
Result<std::unique_ptr<File>> open_if_there(Disk& disk, const Path& path) {
  constexpr int kReplacedMeanwhile = 16;
  auto file = disk.open(path, OpenMode::read);
  for (int attempt = 0; !file && attempt < kReplacedMeanwhile; ++attempt) {
    PAW_TRY(status, disk.status(path));
    if (!status) return nullptr;
    file = disk.open(path, OpenMode::read);
  }
  return file;
}

Result<std::uint64_t> highest_of_file(File& file) {
  PAW_TRY(status, file.status());
  for (std::uint64_t bytes = kTailBytes;; bytes *= 8) {
    const std::uint64_t tail_bytes = std::min(bytes, status.size_bytes);
    PAW_TRY(tail, file.read_at(status.size_bytes - tail_bytes, tail_bytes));
    const bool from_start = tail_bytes == status.size_bytes;
    const auto highest = highest_of_tail(tail, from_start);
    if (highest || from_start) return highest.value_or(0);
  }
}

}  // namespace pawprint::outbox
