// SQLite as it comes, through nothing of ours: what the floors stand on. Every failure ends the program.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string_view>

#include "base/disk.h"

namespace pawprint::bench {

class PlainStatement {
 public:
  PlainStatement() = default;
  PlainStatement(sqlite3* database, const char* sql);
  PlainStatement(PlainStatement&& other) noexcept;
  PlainStatement& operator=(PlainStatement&& other) noexcept;
  ~PlainStatement();

  PlainStatement& bind(int index, std::int64_t value);
  PlainStatement& bind(int index, std::string_view value);  // where it is, without a copy
  PlainStatement& bind_blob(int index, std::string_view value);
  void run();

 private:
  sqlite3_stmt* statement_ = nullptr;
};

// With SQLite's own VFS. Closing checkpoints nothing.
class PlainDatabase {
 public:
  explicit PlainDatabase(const Path& file);  // made if it is not there
  PlainDatabase(const PlainDatabase&) = delete;
  ~PlainDatabase();

  PlainStatement prepare(const char* sql) { return {database_, sql}; }
  void execute(const char* sql);
  int wal_pages() const { return wal_pages_; }  // after the last commit

 private:
  sqlite3* database_ = nullptr;
  int wal_pages_ = 0;
};

}  // namespace pawprint::bench
