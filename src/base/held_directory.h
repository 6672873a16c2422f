// Looking at the same names in a directory again and again, without walking to it each time.
#pragma once

#include <memory>
#include <optional>

#include "base/clock_source.h"
#include "base/disk.h"

namespace pawprint {

// The directory stays open, and is found by its path once a second while somebody looks: who moves it away
// and puts another in its place is followed by then. Where it is only looked at once, it is not opened. Not
// thread-safe. `disk` and `clock` must outlive it; a forked child may go on with it.
class HeldDirectory {
 public:
  HeldDirectory(Disk& disk, ClockSource& clock, Path path)
      : disk_(&disk), clock_(&clock), path_(std::move(path)) {}

  // As Disk::status of `name` in the directory, a path from there.
  Result<std::optional<FileStatus>> status(const std::string& name);

  // Whether what is looked at next is found by its path.
  bool is_due() const { return is_due(clock_->monotonic_ms()); }
  // It is, from now on.
  void look_anew() { looked_ms_.reset(); }

  const Path& path() const { return path_; }

 private:
  bool is_due(std::int64_t now_ms) const;

  Disk* disk_;
  ClockSource* clock_;
  Path path_;
  std::unique_ptr<Directory> open_;
  std::optional<std::int64_t> looked_ms_;  // monotonic: when it was last found by its path
};

}  // namespace pawprint
