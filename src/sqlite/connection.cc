#include "sqlite/connection.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <mutex>

#include "base/format.h"
#include "base/sabotage.h"
#include "sqlite/gathered_wal.h"
#include "sqlite/wal_index.h"

namespace pawprint::sqlite {
namespace {

constexpr std::size_t kMostKept = 64;  // statements of a connection

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::busy;
    case SQLITE_INTERRUPT:
      return ErrorKind::interrupted;
    default:
      return ErrorKind::io;
  }
}

std::unexpected<Error> sqlite_error(sqlite3* database, int code, std::string_view doing) {
  const char* file = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
  // Opened with EXRESCODE, a connection tells extended codes.
  const char* why = database != nullptr && sqlite3_errcode(database) == code ? sqlite3_errmsg(database)
                                                                             : sqlite3_errstr(code);
  auto error = fail(kind_of(code),
                    fmt::format("cannot {} {}: {}", doing, file != nullptr ? file : "the database", why));
  if (file != nullptr) error.error().file = file;
  return error;
}

// Of a database that others have open, a WAL that was cut off is one that cannot be read as far as its index
// says.
bool means_damage(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code == SQLITE_IOERR_SHORT_READ;
}

// SQLite knows the files that its process has open by device and inode, and shares their locks among the
// process's connections. A forked child inherits that list but none of the locks, so it must not find its
// parent's files there: in each generation, devices have other numbers.
int status_in_this_generation(int descriptor, struct stat* status) {
  const int outcome = ::fstat(descriptor, status);
  if (outcome == 0) status->st_dev += static_cast<dev_t>(fork_count() << 40);
  return outcome;
}

void replace_system_calls() {
  static std::once_flag done;
  std::call_once(done, [] {
    sqlite3_vfs* files = sqlite3_vfs_find("unix");
    files->xSetSystemCall(files, "fstat", reinterpret_cast<sqlite3_syscall_ptr>(status_in_this_generation));
    files->xSetSystemCall(files, "ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(cut_or_forget_wal_index));
  });
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      damaged_(other.damaged_),
      kept_(other.kept_),
      bind_failure_(other.bind_failure_),
      forks_(other.forks_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  std::swap(damaged_, other.damaged_);
  std::swap(kept_, other.kept_);
  std::swap(bind_failure_, other.bind_failure_);
  std::swap(forks_, other.forks_);
  return *this;
}

Statement::~Statement() {
  if (statement_ == nullptr || forks_ != fork_count()) return;
  if (kept_ == nullptr || kept_->size() >= kMostKept) {
    sqlite3_finalize(statement_);
    return;
  }
  reset();
  sqlite3_clear_bindings(statement_);
  kept_->push_back(statement_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && bind_failure_ == SQLITE_OK) bind_failure_ = code;
}

Statement& Statement::bind(int index, std::int64_t value) {
  note(sqlite3_bind_int64(statement_, index, value));
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";
  note(sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";
  note(sqlite3_bind_blob64(statement_, index, bytes, value.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null(int index) {
  note(sqlite3_bind_null(statement_, index));
  return *this;
}

Result<bool> Statement::step() {
  if (bind_failure_ != SQLITE_OK) {
    const int code = std::exchange(bind_failure_, SQLITE_OK);
    reset();
    return sqlite_error(database_, code, "bind a value for");
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto error = sqlite_error(database_, code, "use");
  if (means_damage(code)) *damaged_ = true;
  reset();
  return error;
}

Result<void> Statement::run() {
  for (;;) {
    PAW_TRY(row, step());
    if (!row) break;
  }
  sqlite3_clear_bindings(statement_);
  return {};
}

// sqlite3_reset repeats the error of the last step, which step() has already reported.
void Statement::reset() {
  sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::view(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Statement::text(int column) const {
  return std::string(view(column));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

BorrowedBindings::~BorrowedBindings() {
  statement_.reset();
  sqlite3_clear_bindings(statement_.statement_);
}

BorrowedBindings& BorrowedBindings::bind(int index, std::int64_t value) {
  statement_.bind(index, value);
  return *this;
}

BorrowedBindings& BorrowedBindings::bind(int index, std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";
  statement_.note(
      sqlite3_bind_text64(statement_.statement_, index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

BorrowedBindings& BorrowedBindings::bind_blob(int index, std::string_view value) {
  const char* bytes = value.data() != nullptr ? value.data() : "";
  statement_.note(sqlite3_bind_blob64(statement_.statement_, index, bytes, value.size(), SQLITE_STATIC));
  return *this;
}

BorrowedBindings& BorrowedBindings::bind(int index, const std::optional<std::string>& value) {
  if (value) return bind(index, std::string_view(*value));
  statement_.bind_null(index);
  return *this;
}

Result<void> BorrowedBindings::run() {
  for (;;) {
    PAW_TRY(row, statement_.step());
    if (!row) return {};
  }
}

Connection::Connection(sqlite3* database, Path file)
    : database_(database), seen_(std::make_unique<Seen>()), file_(std::move(file)) {
  sqlite3_wal_hook(
      database_,
      [](void* pages, sqlite3*, const char*, int in_wal) {
        *static_cast<std::uint64_t*>(pages) = static_cast<std::uint64_t>(in_wal);
        return SQLITE_OK;
      },
      &seen_->wal_pages);
}

Connection::Connection(Connection&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)),
      seen_(std::move(other.seen_)),
      file_(std::move(other.file_)),
      forks_(other.forks_) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(seen_, other.seen_);
  std::swap(file_, other.file_);
  std::swap(forks_, other.forks_);
  return *this;
}

Connection::~Connection() {
  close();
}

// close_v2 defers until the last statement is finalized, so it cannot fail on a live handle.
void Connection::close() {
  if (forks_ == fork_count()) {
    if (seen_) {
      for (sqlite3_stmt* compiled : {seen_->begin, seen_->commit}) {
        sqlite3_finalize(compiled);
      }
      for (sqlite3_stmt* compiled : seen_->kept) sqlite3_finalize(compiled);
      seen_->kept.clear();
    }
    sqlite3_close_v2(database_);
  } else if (seen_) {
    // The abandoned handle still points to it, so it is abandoned too.
    [[maybe_unused]] const Seen* abandoned = seen_.release();
  }
}

namespace {

// sqlite.org/uri.html. A WAL needs an index: in memory of its own for who has the file to itself
// (sqlite.org/wal.html, 6), for which the VFS without locks takes our word.
std::string unchanging_uri(const Path& file) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    const bool reserved = c == '%' || c == '?' || c == '#';
    uri += reserved ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  std::error_code none;
  const auto wal_bytes = std::filesystem::file_size(file.string() + "-wal", none);
  return uri + (none || wal_bytes == 0 ? "?immutable=1" : "?vfs=unix-none");
}

}  // namespace

Result<Connection> Connection::open(const Path& file, Access access) {
  replace_system_calls();
  take_forgotten_index();  // another database's
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const bool reads = access == Access::read_only || access == Access::unchanging;
  flags |= reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  if (access == Access::unchanging) flags |= SQLITE_OPEN_URI;
  const std::string name = access == Access::unchanging ? unchanging_uri(file) : file.string();
  const int code = sqlite3_open_v2(name.c_str(), &database, flags, gathered_wal_vfs());
  if (code != SQLITE_OK) {
    auto error = fail(ErrorKind::io, fmt::format("cannot open {}: {}", file.string(), sqlite3_errstr(code)));
    error.error().file = file.string();
    sqlite3_close_v2(database);
    return error;
  }
  return Connection(database, file);
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (means_damage(code)) seen_->damaged = true;
  if (code != SQLITE_OK) return sqlite_error(database_, code, "prepare a statement for");
  return Statement(database_, statement, &seen_->damaged, nullptr);
}

Result<bool> Connection::can_prepare(std::string_view sql) {
  auto prepared = prepare(sql);
  if (prepared) return true;
  if ((sqlite3_errcode(database_) & 0xFF) == SQLITE_ERROR) return false;
  return std::unexpected(std::move(prepared).error());
}

Result<Statement> Connection::prepare_kept(std::string_view sql) {
  Statement::Kept& kept = seen_->kept;
  const auto same = std::ranges::find(kept, sql, [](sqlite3_stmt* each) { return sqlite3_sql(each); });
  if (same == kept.end()) {
    PAW_TRY(statement, prepare(sql));
    statement.kept_ = &kept;
    return statement;
  }
  sqlite3_stmt* const compiled = *same;
  kept.erase(same);
  return Statement(database_, compiled, &seen_->damaged, &kept);
}

Result<void> Connection::execute(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr);
  note(code);
  if (code != SQLITE_OK) return sqlite_error(database_, code, "use");
  return {};
}

void Connection::note(int code) {
  if (means_damage(code)) seen_->damaged = true;
  if (code == SQLITE_OK) return;
  const int extended = sqlite3_extended_errcode(database_);
  if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) seen_->sync_failed = true;
}

std::string_view library_version() {
  return sqlite3_libversion();
}

Result<void> use_from_one_thread() {
  if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
      sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0) == SQLITE_OK) {
    return {};
  }
  return fail(ErrorKind::failed, "SQLite is in use already");
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(database_);
}
std::int64_t Connection::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(database_);
}
// It cannot fail for a database that is open (sqlite.org/c3ref/c_fcntl_begin_atomic_write.html).
std::uint32_t Connection::data_version() const {
  unsigned int version = 0;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return version;
}

void Connection::busy_timeout_ms(int wait_ms) {
  sqlite3_busy_timeout(database_, wait_ms);
}

Result<void> Connection::no_checkpoint_on_close() {
  const int code = sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (code != SQLITE_OK) return sqlite_error(database_, code, "configure");
  return {};
}

Result<void> Connection::checkpoint_on_close() {
  const int code = sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  if (code != SQLITE_OK) return sqlite_error(database_, code, "configure");
  return {};
}

Result<void> Connection::checkpoint(int mode) {
  const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, mode, nullptr, nullptr);
  note(code);
  if (code != SQLITE_OK) return sqlite_error(database_, code, "checkpoint");
  seen_->wal_pages = 0;
  return {};
}

Result<void> Connection::checkpoint_restart() {
  return checkpoint(SQLITE_CHECKPOINT_RESTART);
}

Result<void> Connection::checkpoint_truncate() {
  return checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

Result<void> Connection::checkpoint_in_place() {
  const KeptWalLength kept(database_);
  return checkpoint_truncate();
}

bool Connection::wal_ends_early() const {
  return sqlite::wal_ends_early(database_);
}

std::uint64_t Connection::wal_pages_gone() const {
  const auto then = take_forgotten_index();
  if (!then || then->frames == then->moved) return 0;
  const auto found = found_in_wal(database_);
  return found ? pages_gone(*then, *found) : 0;
}

std::uint64_t Connection::wal_pages() const {
  return seen_->wal_pages;
}

Result<void> Connection::control(const char* sql, sqlite3_stmt*& compiled) {
  int code = SQLITE_OK;
  if (compiled == nullptr)
    code = sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(compiled);
  if (code != SQLITE_DONE) {
    note(code);
    auto error = sqlite_error(database_, code, "use");
    sqlite3_reset(compiled);
    return error;
  }
  sqlite3_reset(compiled);
  return {};
}

}  // namespace pawprint::sqlite
