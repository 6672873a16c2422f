#include "power/fault_vfs.h"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace pawprint::power {
namespace {

struct FaultFile {
  sqlite3_file base;
  Machine* machine;  // nullptr: a temporary file, which no boot needs
  Inode inode;
  bool syncs_directory;  // as the unix VFS does at the first sync of a new journal or WAL
  char path[512];
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& of(sqlite3_file* file) {
  return *reinterpret_cast<FaultFile*>(file);
}

sqlite3_vfs* unix_vfs() {
  return sqlite3_vfs_find("unix");
}

int result_of(int outcome, int general) {
  if (outcome == 0) return SQLITE_OK;
  return outcome == ENOSPC ? SQLITE_FULL : general;
}

int next(FaultFile& file, Call call) {
  if (file.machine == nullptr) return 0;
  return file.machine->next(call, Path(file.path).filename().string());
}

int close_file(sqlite3_file* file) {
  return of(file).below()->pMethods->xClose(of(file).below());
}

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  if (const int outcome = next(of(file), Call::read); outcome != 0) return SQLITE_IOERR_READ;
  return of(file).below()->pMethods->xRead(of(file).below(), to, bytes, offset);
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  FaultFile& self = of(file);
  const int outcome = next(self, Call::write);
  const std::string_view all(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  const std::string_view taken = outcome == ENOSPC ? all.substr(0, all.size() / 2) : all;
  const bool reaches_the_cache = outcome == 0 || outcome == ENOSPC;
  if (self.machine != nullptr && (reaches_the_cache || outcome == Machine::kPowerCut))
    self.machine->storage().wrote(self.inode, static_cast<std::uint64_t>(offset), taken);
  if (reaches_the_cache) {
    const int written =
        self.below()->pMethods->xWrite(self.below(), taken.data(), static_cast<int>(taken.size()), offset);
    if (written != SQLITE_OK) return written;
  }
  return result_of(outcome, SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  FaultFile& self = of(file);
  const int outcome = next(self, Call::write);
  if (self.machine != nullptr && (outcome == 0 || outcome == Machine::kPowerCut))
    self.machine->storage().truncated(self.inode, static_cast<std::uint64_t>(size));
  if (outcome != 0) return result_of(outcome, SQLITE_IOERR_TRUNCATE);
  return self.below()->pMethods->xTruncate(self.below(), size);
}

// What is on the platter is the machine's business: the real disk need not be waited for.
int sync_file(sqlite3_file* file, int) {
  FaultFile& self = of(file);
  const int outcome = next(self, Call::sync);
  if (self.machine == nullptr) return SQLITE_OK;
  if (outcome == EIO || outcome == ENOSPC) self.machine->storage().lost_what_was_to_be_synced(self.inode);
  if (outcome != 0) return SQLITE_IOERR_FSYNC;
  self.machine->storage().synced(self.inode);
  if (self.syncs_directory) self.machine->storage().synced_directory(Path(self.path).parent_path());
  self.syncs_directory = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (const int outcome = next(of(file), Call::read); outcome != 0) return SQLITE_IOERR_FSTAT;
  return of(file).below()->pMethods->xFileSize(of(file).below(), size);
}

int lock_file(sqlite3_file* file, int level) {
  return of(file).below()->pMethods->xLock(of(file).below(), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return of(file).below()->pMethods->xUnlock(of(file).below(), level);
}
int check_reserved(sqlite3_file* file, int* out) {
  return of(file).below()->pMethods->xCheckReservedLock(of(file).below(), out);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return of(file).below()->pMethods->xFileControl(of(file).below(), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return of(file).below()->pMethods->xSectorSize(of(file).below());
}
int characteristics(sqlite3_file* file) {
  return of(file).below()->pMethods->xDeviceCharacteristics(of(file).below());
}
int shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** out) {
  return of(file).below()->pMethods->xShmMap(of(file).below(), page, bytes, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return of(file).below()->pMethods->xShmLock(of(file).below(), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  of(file).below()->pMethods->xShmBarrier(of(file).below());
}
int shm_unmap(sqlite3_file* file, int remove) {
  return of(file).below()->pMethods->xShmUnmap(of(file).below(), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,         close_file,  read_file,      write_file,   truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_reserved, file_control, sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,      nullptr,      nullptr};

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  auto& self = *new (file) FaultFile{};
  auto* machine = static_cast<Machine*>(vfs->pAppData);
  const bool modelled = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
  bool makes = false;
  if (modelled) {
    self.machine = machine;
    std::strncpy(self.path, name, sizeof self.path - 1);
    makes = (flags & SQLITE_OPEN_CREATE) != 0 && !machine->storage().at(name);
    const int outcome = next(self, makes ? Call::name : Call::read);
    if (makes && outcome == Machine::kPowerCut) machine->storage().created(name);
    if (outcome != 0) return SQLITE_CANTOPEN;
  }
  const int opened = unix_vfs()->xOpen(unix_vfs(), name, self.below(), flags, out_flags);
  if (opened != SQLITE_OK) return opened;
  if (modelled) {
    if (makes) machine->storage().created(name);
    self.inode = machine->storage().at(name).value_or(0);
    self.syncs_directory = (flags & SQLITE_OPEN_CREATE) != 0 &&
                           (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL));
  }
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  auto& machine = *static_cast<Machine*>(vfs->pAppData);
  if (!machine.storage().at(name)) return unix_vfs()->xDelete(unix_vfs(), name, 0);
  const int outcome = machine.next(Call::name, Path(name).filename().string());
  if (outcome == Machine::kPowerCut) machine.storage().removed(name);
  if (outcome != 0) return SQLITE_IOERR_DELETE;
  const int deleted = unix_vfs()->xDelete(unix_vfs(), name, 0);
  if (deleted != SQLITE_OK) return deleted;
  machine.storage().removed(name);
  if (sync_directory == 0) return SQLITE_OK;
  if (machine.next(Call::sync, Path(name).parent_path().filename().string()) != 0)
    return SQLITE_IOERR_DIR_FSYNC;
  machine.storage().synced_directory(Path(name).parent_path());
  return SQLITE_OK;
}

sqlite3_vfs& fault_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *unix_vfs();
    made.iVersion = 2;
    made.szOsFile += static_cast<int>(sizeof(FaultFile));
    made.zName = "fault";
    made.xOpen = open_file;
    made.xDelete = delete_file;
    return made;
  }();
  return vfs;
}

}  // namespace

FaultVfs::FaultVfs(Machine& machine) {
  sqlite3_initialize();
  fault_vfs().pAppData = &machine;
  sqlite3_vfs_register(&fault_vfs(), 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&fault_vfs());
  sqlite3_vfs_register(unix_vfs(), 1);
}

}  // namespace pawprint::power
