#include "project/git_watch.h"

#include <algorithm>

namespace pawprint::project {
namespace {

// A file that has just changed may change once more without its time telling: it is not relied on yet.
constexpr std::int64_t kSettledAfterMs = 100;

bool is_settled(const std::optional<FileStatus>& status, std::int64_t now_ms) {
  return !status || status->changed_ns / 1'000'000 + kSettledAfterMs < now_ms;
}

bool same(const std::optional<FileStatus>& one, const std::optional<FileStatus>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->device == other->device && one->inode == other->inode && one->size_bytes == other->size_bytes &&
         one->changed_ns == other->changed_ns;
}

// `path` from `directory` on, if it is below it.
std::optional<std::string> inside(const Path& directory, const Path& path) {
  const auto [end, rest] = std::ranges::mismatch(directory, path);
  if (directory.empty() || end != directory.end() || rest == path.end()) return std::nullopt;
  return path.lexically_relative(directory).string();
}

}  // namespace

// The disk, noting how each file was when it was first looked at.
class GitWatch::Witness final : public Disk {
 public:
  Witness(Disk& disk, std::vector<Seen>& seen) : disk_(disk), seen_(seen) {}

  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    if (!has_seen(path)) {
      PAW_TRY(noted, status(path));
    }
    return disk_.open(path, mode, permissions);
  }
  Result<std::optional<FileStatus>> status(const Path& path) override {
    PAW_TRY(now, disk_.status(path));
    if (!has_seen(path)) seen_.push_back({path, std::nullopt, now});
    return now;
  }
  Result<void> rename(const Path& from, const Path& to) override { return disk_.rename(from, to); }
  Result<void> remove(const Path& path) override { return disk_.remove(path); }
  Result<void> make_directories(const Path& path, unsigned permissions) override {
    return disk_.make_directories(path, permissions);
  }
  Result<void> sync_directory(const Path& path) override { return disk_.sync_directory(path); }
  Result<std::vector<std::string>> list(const Path& directory) override { return disk_.list(directory); }
  Result<FileSystem> file_system(const Path& path) override { return disk_.file_system(path); }

 private:
  bool has_seen(const Path& path) const {
    return std::ranges::any_of(seen_, [&](const Seen& seen) { return seen.path == path; });
  }

  Disk& disk_;
  std::vector<Seen>& seen_;
};

GitWatch::GitWatch(const Environment& environment, Places places)
    : environment_(environment),
      places_(std::move(places)),
      git_(*environment.disk, *environment.clock, places_.git_common_dir.value_or(Path())) {}

// Of it, only origin can change without HEAD: who moves the references to another storage writes HEAD anew.
bool GitWatch::is_configuration(const Path& path) const {
  return path == *places_.git_common_dir / "config" || path == *places_.git_dir / "config.worktree";
}

bool GitWatch::unchanged(Facts facts) {
  return !seen_.empty() && std::ranges::all_of(seen_, [&](const Seen& seen) {
    if (facts == Facts::without_origin && seen.is_configuration) return true;
    const auto now = seen.in_git ? git_.status(*seen.in_git) : environment_.disk->status(seen.path);
    return now && same(*now, seen.status);
  });
}

const GitState& GitWatch::now(Warnings& warnings, Facts facts) {
  if (unchanged(facts)) return state_;
  seen_.clear();
  Witness witness(*environment_.disk, seen_);
  Environment watched = environment_;
  watched.disk = &witness;
  state_ = read_git_state(watched, places_, warnings);
  for (Seen& seen : seen_) {
    seen.is_configuration = is_configuration(seen.path);
    seen.in_git = inside(git_.path(), seen.path);
  }
  const std::int64_t now_ms = environment_.clock->unix_ms();
  const auto is_unsettled = [&](const Seen& seen) { return !is_settled(seen.status, now_ms); };
  if (!state_.from_files || std::ranges::any_of(seen_, is_unsettled)) seen_.clear();
  return state_;
}

}  // namespace pawprint::project
