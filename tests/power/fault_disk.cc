#include "power/fault_disk.h"

#include <system_error>

#include "base/format.h"

namespace pawprint::power {
namespace {

std::unexpected<Error> refused(const Path& path, int outcome) {
  const int code = outcome > 0 ? outcome : EIO;
  auto error = fail(ErrorKind::io,
                    fmt::format("cannot use {}: {}", path.string(), std::generic_category().message(code)));
  error.error().file = path.string();
  return error;
}

class FaultFile final : public File {
 public:
  FaultFile(std::unique_ptr<File> below, Machine& machine, Path path, Inode inode)
      : below_(std::move(below)), machine_(machine), path_(std::move(path)), inode_(inode) {}

  Result<std::string> read_all() override {
    if (const int outcome = next(Call::read); outcome != 0) return refused(path_, outcome);
    return below_->read_all();
  }
  Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) override {
    if (const int outcome = next(Call::read); outcome != 0) return refused(path_, outcome);
    return below_->read_at(offset, bytes);
  }
  // A disk without room takes a part of it.
  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    const int outcome = next(Call::write);
    const std::string_view taken = outcome == ENOSPC ? bytes.substr(0, bytes.size() / 2) : bytes;
    if (outcome == 0 || outcome == ENOSPC || outcome == Machine::kPowerCut)
      machine_.storage().wrote(inode_, offset, taken);
    if (outcome == 0 || outcome == ENOSPC) {
      PAW_TRY(written, below_->write_at(offset, taken));
    }
    if (outcome != 0) return refused(path_, outcome);
    return {};
  }
  Result<void> sync() override {
    const int outcome = next(Call::sync);
    if (outcome == 0) machine_.storage().synced(inode_);
    if (outcome == EIO || outcome == ENOSPC) machine_.storage().lost_what_was_to_be_synced(inode_);
    if (outcome != 0) return refused(path_, outcome);
    return {};
  }
  Result<void> truncate(std::uint64_t size_bytes) override {
    const int outcome = next(Call::write);
    if (outcome == 0 || outcome == Machine::kPowerCut) machine_.storage().truncated(inode_, size_bytes);
    if (outcome != 0) return refused(path_, outcome);
    return below_->truncate(size_bytes);
  }
  Result<void> set_permissions(unsigned permissions) override {
    if (const int outcome = next(Call::write); outcome != 0) return refused(path_, outcome);
    return below_->set_permissions(permissions);
  }
  Result<FileStatus> status() override {
    if (const int outcome = next(Call::read); outcome != 0) return refused(path_, outcome);
    return below_->status();
  }

 private:
  int next(Call call) { return machine_.next(call, path_.filename().string()); }
  std::unique_ptr<File> below_;
  Machine& machine_;
  Path path_;
  Inode inode_;
};

}  // namespace

Result<std::unique_ptr<File>> FaultDisk::open(const Path& path, OpenMode mode, unsigned permissions) {
  Storage& storage = machine_.storage();
  const bool makes =
      (mode == OpenMode::create || mode == OpenMode::create_new) && !storage.at(path).has_value();
  const int outcome = machine_.next(makes ? Call::name : Call::read, path.filename().string());
  if (makes && outcome == Machine::kPowerCut) storage.created(path);
  if (outcome != 0) return refused(path, outcome);
  PAW_TRY(file, below_.open(path, mode, permissions));
  const auto inode = makes ? storage.created(path) : storage.at(path);
  if (!inode) return file;  // not of this machine
  return std::make_unique<FaultFile>(std::move(file), machine_, path, *inode);
}

Result<std::optional<FileStatus>> FaultDisk::status(const Path& path) {
  if (const int outcome = machine_.next(Call::read, path.filename().string()); outcome != 0)
    return refused(path, outcome);
  return below_.status(path);
}

Result<void> FaultDisk::rename(const Path& from, const Path& to) {
  const int outcome = machine_.next(Call::name, to.filename().string());
  if (outcome == 0) {
    PAW_TRY(renamed, below_.rename(from, to));
  }
  if (outcome == 0 || outcome == Machine::kPowerCut) machine_.storage().renamed(from, to);
  if (outcome != 0) return refused(to, outcome);
  return {};
}

Result<void> FaultDisk::remove(const Path& path) {
  if (!machine_.storage().at(path)) return below_.remove(path);
  const int outcome = machine_.next(Call::name, path.filename().string());
  if (outcome == 0) {
    PAW_TRY(removed, below_.remove(path));
  }
  if (outcome == 0 || outcome == Machine::kPowerCut) machine_.storage().removed(path);
  if (outcome != 0) return refused(path, outcome);
  return {};
}

Result<void> FaultDisk::make_directories(const Path& path, unsigned permissions) {
  if (machine_.storage().at(path)) return below_.make_directories(path, permissions);
  if (path.has_parent_path() && path.parent_path() != path && !machine_.storage().at(path.parent_path())) {
    PAW_TRY(parent, make_directories(path.parent_path(), permissions));
  }
  const int outcome = machine_.next(Call::name, path.filename().string());
  if (outcome == 0) {
    PAW_TRY(made, below_.make_directories(path, permissions));
  }
  if (outcome == 0 || outcome == Machine::kPowerCut) machine_.storage().made_directory(path);
  if (outcome != 0) return refused(path, outcome);
  return {};
}

Result<void> FaultDisk::sync_directory(const Path& path) {
  const int outcome = machine_.next(Call::sync, path.filename().string());
  if (outcome == 0) machine_.storage().synced_directory(path);
  if (outcome != 0) return refused(path, outcome);
  return {};
}

Result<std::vector<std::string>> FaultDisk::list(const Path& directory) {
  if (const int outcome = machine_.next(Call::read, directory.filename().string()); outcome != 0)
    return refused(directory, outcome);
  return below_.list(directory);
}

}  // namespace pawprint::power
