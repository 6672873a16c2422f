// The lines of a file, from any offset on, in bounded memory. Zeros end a line, too, and are nothing by
// themselves: a power cut leaves them where a write was lost and a later one was not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.h"

namespace pawprint::outbox {

class LineReader {
 public:
  // `file` must outlive the reader.
  LineReader(File& file, std::uint64_t offset) : file_(&file), offset_(offset) {}

  struct Line {
    std::string_view text;  // without its newline; valid until the next call
    std::uint64_t end = 0;  // offset behind it and its newline
  };
  // nullopt at the end of the file. The last line may have no newline. What is longer than any line of ours
  // comes out in pieces.
  Result<std::optional<Line>> next();

 private:
  File* file_;
  std::uint64_t offset_;  // of the first byte that no line has had
  std::string buffer_;    // what follows it
  std::size_t used_ = 0;  // bytes of the buffer that lines have had
};

// For reading; nullptr if there is no such file, or not any more.
Result<std::unique_ptr<File>> open_if_there(Disk& disk, const Path& path);

// The highest Lamport value of a file of the spill; 0 for an empty one. Reads its end only.
Result<std::uint64_t> highest_of_file(File& file);

}  // namespace pawprint::outbox
