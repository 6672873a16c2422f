// Whether the store can be written to, tried for real.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "hub/store/database.h"

namespace pawprint::hub::store {

// Thread-safe.
class WriteProbe {
 public:
  explicit WriteProbe(Database& database) : database_(database) {}

  // Commits a small change, as ingest would. An outcome holds for a second, so that strangers who ask cannot
  // keep the disk busy. The error is that of the file.
  Result<void> check();

 private:
  Result<void> write_something();
  Database& database_;
  std::mutex mutex_;
  std::optional<Result<void>> outcome_;
  std::int64_t tried_at_ms_ = 0;  // monotonic
};

}  // namespace pawprint::hub::store
