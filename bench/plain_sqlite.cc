#include "plain_sqlite.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace pawprint::bench {
namespace {

void expect(int code, int wanted) {
  if (code == wanted) return;
  std::fprintf(stderr, "the floor: %s\n", sqlite3_errstr(code));
  std::exit(1);
}

}  // namespace

PlainStatement::PlainStatement(sqlite3* database, const char* sql) {
  expect(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr), SQLITE_OK);
}

PlainStatement::PlainStatement(PlainStatement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

PlainStatement& PlainStatement::operator=(PlainStatement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

PlainStatement::~PlainStatement() {
  sqlite3_finalize(statement_);
}

PlainStatement& PlainStatement::bind(int index, std::int64_t value) {
  expect(sqlite3_bind_int64(statement_, index, value), SQLITE_OK);
  return *this;
}

PlainStatement& PlainStatement::bind(int index, std::string_view value) {
  expect(sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8),
         SQLITE_OK);
  return *this;
}

PlainStatement& PlainStatement::bind_blob(int index, std::string_view value) {
  expect(sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC), SQLITE_OK);
  return *this;
}

void PlainStatement::run() {
  expect(sqlite3_step(statement_), SQLITE_DONE);
  sqlite3_reset(statement_);
}

PlainDatabase::PlainDatabase(const Path& file) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  expect(sqlite3_open_v2(file.c_str(), &database_, kFlags, "unix"), SQLITE_OK);
  expect(sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr), SQLITE_OK);
  sqlite3_busy_timeout(database_, 10'000);
  sqlite3_wal_hook(
      database_,
      [](void* pages, sqlite3*, const char*, int in_wal) {
        *static_cast<int*>(pages) = in_wal;
        return SQLITE_OK;
      },
      &wal_pages_);
}

PlainDatabase::~PlainDatabase() {
  sqlite3_close(database_);
}

void PlainDatabase::execute(const char* sql) {
  expect(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
}

}  // namespace pawprint::bench
