#include "sqlite/gathered_wal.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "base/sabotage.h"
#include "sqlite/file_format.h"

namespace pawprint::sqlite {
namespace {

constexpr std::size_t kSaltBytes = 8;
constexpr std::size_t kSmallestPageBytes = 512;
// The largest page, and 15 frames of 4 KiB.
constexpr std::size_t kMostHeldBytes = 64 << 10;
// For the file of the VFS below, when it is handed out as it is.
constexpr int kFileBytes = 1024;

struct Free {
  void operator()(void* memory) const { sqlite3_free(memory); }
};

bool commits(const char* frame_header) {
  constexpr char kNone[4] = {};  // the length of the database after the commit, in pages
  return std::memcmp(frame_header + 4, kNone, sizeof kNone) != 0;
}

}  // namespace

// Outcomes are SQLite's result codes.
class GatheredWal {
 public:
  explicit GatheredWal(std::unique_ptr<sqlite3_file, Free> below) : below_(std::move(below)) {}

  sqlite3_file* below() { return below_.get(); }
  int write(const char* bytes, std::size_t count, sqlite3_int64 offset);
  int write_held();
  void begin_commit() { gathers_ = true; }
  void end_commit();
  int cut(sqlite3_int64 length);
  void keep_length(bool keeps) { keeps_length_ = keeps; }
  void has_read(sqlite3_int64 offset) { read_last_ = offset; }
  void note_recovery(const char* bytes, int count, sqlite3_int64 offset);
  void note_recovery() { has_recovered_ = true; }
  bool has_looked_for_end() const { return recovery_.frame_bytes != 0; }
  // nullopt: another connection has looked for the end.
  std::optional<FoundInWal> found() const;
  bool ends_early() const;
  // Whether a frame with these salts stands there.
  bool has_frame(sqlite3_int64 offset, const char* salts) const;

 private:
  enum class Expected { header, page, page_that_commits };
  // What SQLite read when it looked for the end of the WAL: the header, and frame by frame up to the first
  // that it does not take.
  struct Recovery {
    char header[kWalHeaderBytes] = {};
    std::size_t frame_bytes = 0;  // 0: it did not look
    char salts[kSaltBytes] = {};  // of the last frame
    sqlite3_int64 end = 0;        // of the last frame
  };
  bool follows(sqlite3_int64 offset) const { return offset == begin_ + static_cast<sqlite3_int64>(held_); }
  bool is_rewritten(sqlite3_int64 offset) const {
    return offset == read_last_ && !sabotaged("rewritten-header-held-back");
  }
  int hold(const char* bytes, std::size_t count, sqlite3_int64 offset);

  std::unique_ptr<sqlite3_file, Free> below_;
  std::unique_ptr<char, Free> bytes_;  // kMostHeldBytes, of who has written
  std::size_t held_ = 0;               // of them
  sqlite3_int64 begin_ = 0;            // where in the file they belong
  Expected expected_ = Expected::header;
  bool gathers_ = sabotaged("held-beyond-commit");
  sqlite3_int64 read_last_ = -1;  // where the last call read, if it did
  bool has_recovered_ = false;
  Recovery recovery_;
  bool keeps_length_ = false;
};

int GatheredWal::hold(const char* bytes, std::size_t count, sqlite3_int64 offset) {
  if (held_ + count > kMostHeldBytes) {
    if (const int written = write_held(); written != SQLITE_OK) return written;
  }
  if (!bytes_) bytes_.reset(static_cast<char*>(sqlite3_malloc64(kMostHeldBytes)));
  if (!bytes_) return SQLITE_NOMEM;
  if (held_ == 0) begin_ = offset;
  std::memcpy(bytes_.get() + held_, bytes, count);
  held_ += count;
  return SQLITE_OK;
}

int GatheredWal::write(const char* bytes, std::size_t count, sqlite3_int64 offset) {
  if (held_ > 0 && !follows(offset)) {
    if (const int written = write_held(); written != SQLITE_OK) return written;
  }
  const Expected expected = std::exchange(expected_, Expected::header);
  // Where a page of the transaction was written over in the WAL, SQLite computes the checksums again once its
  // last frame is there: it reads each frame and writes its header alone.
  if (gathers_ && expected == Expected::header && count == kFrameHeaderBytes && !is_rewritten(offset)) {
    const int held = hold(bytes, count, offset);
    if (held == SQLITE_OK) expected_ = commits(bytes) ? Expected::page_that_commits : Expected::page;
    return held;
  }
  if (expected != Expected::header && count >= kSmallestPageBytes) {
    const int held = hold(bytes, count, offset);
    if (held != SQLITE_OK || expected == Expected::page || sabotaged("commit-held-back")) return held;
    return write_held();
  }
  if (const int written = write_held(); written != SQLITE_OK) return written;
  return below_->pMethods->xWrite(below(), bytes, static_cast<int>(count), offset);
}

// What could not be written is forgotten as well: SQLite takes the transaction back.
int GatheredWal::write_held() {
  read_last_ = -1;
  expected_ = Expected::header;
  const auto count = static_cast<int>(std::exchange(held_, 0));
  if (count == 0) return SQLITE_OK;
  return below_->pMethods->xWrite(below(), bytes_.get(), count, begin_);
}

void GatheredWal::note_recovery(const char* bytes, int count, sqlite3_int64 offset) {
  const auto read = static_cast<std::size_t>(count);
  if (offset == 0 && read == kWalHeaderBytes) {
    recovery_ = {};
    std::memcpy(recovery_.header, bytes, kWalHeaderBytes);
    recovery_.frame_bytes = kFrameHeaderBytes + word({bytes, kWalHeaderBytes}, 8);
    recovery_.end = kWalHeaderBytes;
  } else if (read == recovery_.frame_bytes && offset == recovery_.end) {
    std::memcpy(recovery_.salts, bytes + 8, kSaltBytes);
    recovery_.end += count;
  }
}

// The last frame that was read may be one that was not taken.
std::optional<FoundInWal> GatheredWal::found() const {
  if (!has_recovered_) return std::nullopt;
  FoundInWal found;
  if (!has_looked_for_end()) return found;
  found.frames = (static_cast<std::uint64_t>(recovery_.end) - kWalHeaderBytes) / recovery_.frame_bytes;
  std::memcpy(found.salts.data(), recovery_.header + 16, kSaltBytes);
  return found;
}

// Emptied in place, it has a first frame, and that has the number of a page.
bool GatheredWal::ends_early() const {
  constexpr char kNone[kWalHeaderBytes] = {};
  char next[kFrameHeaderBytes];
  if (below_->pMethods->xRead(below_.get(), next, sizeof next, recovery_.end) != SQLITE_OK) return false;
  if (std::memcmp(recovery_.header, kNone, kWalHeaderBytes) == 0) return std::memcmp(next, kNone, 4) == 0;
  const char* const salts = recovery_.header + 16;
  return recovery_.end == kWalHeaderBytes || std::memcmp(recovery_.salts, salts, kSaltBytes) == 0 ||
         std::memcmp(next + 8, salts, kSaltBytes) == 0;
}

bool GatheredWal::has_frame(sqlite3_int64 offset, const char* salts) const {
  char frame[kFrameHeaderBytes];
  return below_->pMethods->xRead(below_.get(), frame, sizeof frame, offset) == SQLITE_OK &&
         std::memcmp(frame + 8, salts, kSaltBytes) == 0;
}

void GatheredWal::end_commit() {
  if (sabotaged("held-beyond-commit")) return;
  gathers_ = false;
  held_ = 0;
  expected_ = Expected::header;
}

int GatheredWal::cut(sqlite3_int64 length) {
  if (const int written = write_held(); written != SQLITE_OK) return written;
  constexpr char kNoHeader[kWalHeaderBytes] = {};
  if (!keeps_length_ || length != 0) return below_->pMethods->xTruncate(below(), length);
  if (sabotaged("emptied-wal-keeps-its-header")) return SQLITE_OK;
  return below_->pMethods->xWrite(below(), kNoHeader, sizeof kNoHeader, 0);
}

namespace {

struct WalFile {
  sqlite3_file base;
  GatheredWal* wal;
};
static_assert(sizeof(WalFile) <= kFileBytes);

GatheredWal& of(sqlite3_file* file) {
  return *reinterpret_cast<WalFile*>(file)->wal;
}

// Calls `method` of the file below when nothing is held any more.
template <auto method, class... Arguments>
int when_written(sqlite3_file* file, Arguments... arguments) {
  GatheredWal& wal = of(file);
  if (const int written = wal.write_held(); written != SQLITE_OK) return written;
  return (wal.below()->pMethods->*method)(wal.below(), arguments...);
}

template <auto method, class... Arguments>
int handed_on(sqlite3_file* file, Arguments... arguments) {
  return (of(file).below()->pMethods->*method)(of(file).below(), arguments...);
}

int close_file(sqlite3_file* file) {
  const std::unique_ptr<GatheredWal> wal(&of(file));
  const int written = wal->write_held();
  const int closed = wal->below()->pMethods->xClose(wal->below());
  return written != SQLITE_OK ? written : closed;
}

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  const int outcome = when_written<&sqlite3_io_methods::xRead>(file, to, bytes, offset);
  of(file).has_read(offset);
  if (outcome == SQLITE_OK) of(file).note_recovery(static_cast<const char*>(to), bytes, offset);
  return outcome;
}

// SQLite asks for the length when it makes the index anew (walIndexRecover in wal.c), and before that never.
int length_of_file(sqlite3_file* file, sqlite3_int64* length) {
  of(file).note_recovery();
  return when_written<&sqlite3_io_methods::xFileSize>(file, length);
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  return of(file).write(static_cast<const char*>(from), static_cast<std::size_t>(bytes), offset);
}

int cut_file(sqlite3_file* file, sqlite3_int64 length) {
  return of(file).cut(length);
}

constexpr sqlite3_io_methods kMethods = {1,
                                         close_file,
                                         read_file,
                                         write_file,
                                         cut_file,
                                         when_written<&sqlite3_io_methods::xSync, int>,
                                         length_of_file,
                                         handed_on<&sqlite3_io_methods::xLock, int>,
                                         handed_on<&sqlite3_io_methods::xUnlock, int>,
                                         handed_on<&sqlite3_io_methods::xCheckReservedLock, int*>,
                                         when_written<&sqlite3_io_methods::xFileControl, int, void*>,
                                         handed_on<&sqlite3_io_methods::xSectorSize>,
                                         handed_on<&sqlite3_io_methods::xDeviceCharacteristics>,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  if (below->szOsFile > kFileBytes) return SQLITE_CANTOPEN;
  if ((flags & SQLITE_OPEN_WAL) == 0) return below->xOpen(below, name, file, flags, out_flags);
  std::unique_ptr<sqlite3_file, Free> real(
      static_cast<sqlite3_file*>(sqlite3_malloc64(static_cast<sqlite3_uint64>(below->szOsFile))));
  if (!real) return SQLITE_NOMEM;
  std::memset(real.get(), 0, static_cast<std::size_t>(below->szOsFile));
  const int opened = below->xOpen(below, name, real.get(), flags, out_flags);
  if (opened != SQLITE_OK) return opened;
  auto* const wal = new (std::nothrow) GatheredWal(std::move(real));
  if (wal == nullptr) return SQLITE_NOMEM;
  new (file) WalFile{{&kMethods}, wal};
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* name, int sync_directory) {
  sqlite3_vfs* below = sqlite3_vfs_find(nullptr);
  return below->xDelete(below, name, sync_directory);
}

GatheredWal* wal_of(sqlite3* database) {
  sqlite3_file* wal = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  return wal != nullptr && wal->pMethods == &kMethods ? &of(wal) : nullptr;
}

}  // namespace

GatheredCommit::GatheredCommit(sqlite3* database) : wal_(wal_of(database)) {
  if (wal_ != nullptr) wal_->begin_commit();
}

GatheredCommit::~GatheredCommit() {
  if (wal_ != nullptr) wal_->end_commit();
}

KeptWalLength::KeptWalLength(sqlite3* database) : wal_(wal_of(database)) {
  if (wal_ != nullptr) wal_->keep_length(true);
}

KeptWalLength::~KeptWalLength() {
  if (wal_ != nullptr) wal_->keep_length(false);
}

namespace {

// As all share it now. nullopt: the database has none, or somebody is just changing it.
std::optional<WalIndex> wal_index(sqlite3* database) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) return std::nullopt;
  constexpr int kRegionBytes = 32 << 10;
  void volatile* mapped = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &mapped) != SQLITE_OK || mapped == nullptr)
    return std::nullopt;
  std::array<char, kWalIndexBytes> begin{};
  for (std::size_t i = 0; i < begin.size(); ++i) begin[i] = static_cast<const volatile char*>(mapped)[i];
  return read_wal_index(begin);
}

}  // namespace

std::optional<FoundInWal> found_in_wal(sqlite3* database) {
  const GatheredWal* const wal = wal_of(database);
  auto found = wal != nullptr ? wal->found() : std::nullopt;
  const auto index = wal_index(database);
  if (!found && index) return FoundInWal{index->frames, index->salts, false};
  if (found && index && index->salts == found->salts) found->frames = std::min(found->frames, index->frames);
  return found;
}

// Where others have looked for the end, the index that all share says where it is.
bool wal_ends_early(sqlite3* database) {
  const GatheredWal* const wal = wal_of(database);
  if (wal == nullptr) return false;
  if (wal->has_looked_for_end()) return wal->ends_early();
  const auto index = wal_index(database);
  if (!index) return false;
  const std::uint64_t end = kWalHeaderBytes + index->frames * (kFrameHeaderBytes + index->page_bytes);
  return wal->has_frame(static_cast<sqlite3_int64>(end), index->salts.data());
}

const char* gathered_wal_vfs() {
  static const char* const kName = []() -> const char* {
    if (sqlite3_initialize() != SQLITE_OK || sqlite3_vfs_find("unix") == nullptr) return nullptr;
    static sqlite3_vfs vfs = *sqlite3_vfs_find("unix");
    vfs.szOsFile = kFileBytes;
    vfs.zName = "pawprint-gathered-wal";
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : nullptr;
  }();
  return kName;
}

}  // namespace pawprint::sqlite
