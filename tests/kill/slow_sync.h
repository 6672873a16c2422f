// A disk on which every sync takes kSlowSyncMs and does nothing else, for what SQLite syncs and for what this
// program syncs itself.
#pragma once

#include <atomic>

#include "base/disk_above_for_test.h"

namespace pawprint::testing {

constexpr int kSlowSyncMs = 5;

// How many processes are in a sync of the WAL at one moment. In memory that they share if it was made before
// they were forked.
class SyncsAtOnce {
 public:
  SyncsAtOnce();
  SyncsAtOnce(const SyncsAtOnce&) = delete;
  SyncsAtOnce& operator=(const SyncsAtOnce&) = delete;
  ~SyncsAtOnce();

  int most() const { return counts_->most; }
  void begin();
  void end();

 private:
  struct Counts {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
  };
  Counts* counts_;
};

// Of the whole process, from now on. `syncs`: counts its syncs of the WAL, and must live as long.
void make_syncs_of_sqlite_slow(SyncsAtOnce* syncs = nullptr);

class SlowDisk final : public DiskAbove {
 public:
  SlowDisk(Disk& below, SyncsAtOnce& syncs) : DiskAbove(below), syncs_(syncs) {}
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override;
  Result<void> sync_directory(const Path&) override;

 private:
  SyncsAtOnce& syncs_;
};

}  // namespace pawprint::testing
