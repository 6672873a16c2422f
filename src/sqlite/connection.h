// The one RAII wrapper around SQLite: connection, statement, transaction. No SQL of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/fork.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pawprint::sqlite {

// unchanging: read_only, of a file that nobody writes. Nothing is made beside it; to read what is in its WAL,
// `PRAGMA locking_mode = EXCLUSIVE` comes first.
enum class Access { read_only, unchanging, read_write, create };

class Connection;

// A prepared statement. Parameters are numbered from 1, columns from 0. Every way out resets it: step() at
// the end of the rows and on errors, the destructor, and reset(). In a forked child, one that was inherited
// is left as it is by its destructor.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view value);  // copied
  Statement& bind_blob(int index, std::string_view value);
  Statement& bind_null(int index);
  template <class T>
  Statement& bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  // true: a row is there; false: done (and reset). A failed bind is reported here.
  Result<bool> step();
  // For statements without rows: steps to the end and, if that succeeds, clears the bindings.
  Result<void> run();
  void reset();

  std::int64_t integer(int column) const;
  std::string text(int column) const;       // text or blob, copied
  std::string_view view(int column) const;  // valid until the next step
  bool is_null(int column) const;

 private:
  friend class Connection;
  friend class BorrowedBindings;
  using Kept = std::vector<sqlite3_stmt*>;
  Statement(sqlite3* database, sqlite3_stmt* statement, bool* damaged, Kept* kept)
      : database_(database), statement_(statement), damaged_(damaged), kept_(kept) {}
  void note(int code);
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  bool* damaged_ = nullptr;  // the connection's
  Kept* kept_ = nullptr;     // the connection's, where it goes in the end; nullptr: nowhere
  int bind_failure_ = 0;
  std::uint64_t forks_ = fork_count();
};

// Binds texts and blobs to a statement where they are, without a copy: they must stay there, unchanged, for
// as long as this lives. Its end resets the statement and clears all that is bound to it, however it was
// left, so that nothing points to them any more. One at a time for a statement, which outlives it.
class [[nodiscard]] BorrowedBindings {
 public:
  explicit BorrowedBindings(Statement& statement) : statement_(statement) {}
  BorrowedBindings(const BorrowedBindings&) = delete;
  BorrowedBindings& operator=(const BorrowedBindings&) = delete;
  ~BorrowedBindings();

  BorrowedBindings& bind(int index, std::int64_t value);
  BorrowedBindings& bind(int index, std::string_view value);
  BorrowedBindings& bind_blob(int index, std::string_view value);
  BorrowedBindings& bind(int index, const std::string& value) { return bind(index, std::string_view(value)); }
  BorrowedBindings& bind(int index, const std::optional<std::string>& value);
  BorrowedBindings& bind(int index, std::string&& value) = delete;  // gone before it is read
  BorrowedBindings& bind(int index, std::optional<std::string>&& value) = delete;
  BorrowedBindings& bind_blob(int index, std::string&& value) = delete;

  Result<void> run();  // to the end; rows are ignored

 private:
  Statement& statement_;
};

// For a short program of which one thread uses SQLite: it then goes without mutexes, without counting its
// memory, and takes pages of its cache one by one (sqlite.org/c3ref/c_config_covering_index_scan.html). Call
// it before the first connection is opened; a library must not, since it is the host's to say. Kind `failed`
// if it comes too late.
Result<void> use_from_one_thread();

std::string_view library_version();  // of the SQLite that is linked: "3.40.1"

// Errors are of kind `busy` (SQLITE_BUSY, SQLITE_LOCKED), `interrupted` or `io`, name the file and say what
// SQLite said.
// A forked child must not use an inherited connection (sqlite.org/howtocorrupt.html, 2.6); destroying it
// there abandons it. It may open the file anew.
class Connection {
 public:
  static Result<Connection> open(const Path& file, Access access);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  Result<Statement> prepare(std::string_view sql);
  // As prepare(), but what was compiled stays with the connection when the statement ends, for the next one
  // of the same words. The statement must be gone before the connection is.
  Result<Statement> prepare_kept(std::string_view sql);
  // false: it names a table or a column that the database does not have, or is no SQL at all.
  Result<bool> can_prepare(std::string_view sql);
  Result<void> execute(std::string_view sql);  // one or more statements, rows ignored
  std::int64_t changes() const;                // rows changed by the last statement
  std::int64_t last_insert_rowid() const;
  void busy_timeout_ms(int wait_ms);
  // Whether it moves what the WAL has into the database, and removes the WAL, if it is the last one to close.
  // It does unless told otherwise.
  Result<void> no_checkpoint_on_close();
  Result<void> checkpoint_on_close();
  // All of the WAL goes into the database: what comes next begins it anew, or the file is cut to nothing.
  // Somebody still reads from it, or writes: kind `busy`.
  Result<void> checkpoint_restart();
  Result<void> checkpoint_truncate();
  // As the last, but the file of the WAL keeps its length, to be written over.
  Result<void> checkpoint_in_place();
  // Of the database as this connection has last seen it: another one after each commit, of whomever.
  std::uint32_t data_version() const;
  bool wal_ends_early() const;  // see gathered_wal.h
  // How many pages that had been committed are gone from the end of the WAL. Asked once, by the thread that
  // opened it, after the first read; of a database that others have open: 0.
  std::uint64_t wal_pages_gone() const;
  std::uint64_t wal_pages() const;  // in the WAL after our last commit (wal hook), 0 without WAL
  sqlite3* handle() { return database_; }
  // Whether an error so far said that the file is no database or is malformed, or note_damage() was called.
  bool damaged() const { return seen_->damaged; }
  // For whoever knows better than SQLite what has to be in the database.
  void note_damage() { seen_->damaged = true; }
  // Whether a sync has failed in execute() or checkpoint_truncate(): what was written before may not be on
  // the disk, though it reads well and no later sync will say so.
  bool sync_failed() const { return seen_->sync_failed; }
  bool in_its_own_process() const { return forks_ == fork_count(); }

 private:
  friend class Transaction;
  Connection(sqlite3* database, Path file);
  void close();
  void note(int code);
  Result<void> checkpoint(int mode);
  // As execute, for one of these, which is compiled once.
  Result<void> control(const char* sql, sqlite3_stmt*& compiled);
  sqlite3* database_ = nullptr;
  struct Seen {
    std::uint64_t wal_pages = 0;
    bool damaged = false;
    bool sync_failed = false;
    sqlite3_stmt* begin = nullptr;
    sqlite3_stmt* commit = nullptr;
    Statement::Kept kept;  // in use by nobody
  };
  std::unique_ptr<Seen> seen_;
  Path file_;
  std::uint64_t forks_ = fork_count();
};

// BEGIN IMMEDIATE, or BEGIN to read; rolled back by the destructor unless commit() succeeded.
class Transaction {
 public:
  static Result<Transaction> begin(Connection& connection);
  static Result<Transaction> begin_reading(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace pawprint::sqlite
