#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "base/format.h"
#include "workflow/file_error.h"
#include "workflow/work_package.h"

namespace pawprint::workflow {
namespace {

namespace fs = std::filesystem;

// The work package files of the folder, by name; those of subfolders that are called like a lane go to
// `misplaced`.
struct Listing {
  std::vector<Path> files;
  std::vector<Path> misplaced;
};

Result<void> list_lane_folder(const Path& folder, std::vector<Path>& found) {
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (is_work_package_file(entry->path().filename().string())) found.push_back(entry->path());
  }
  if (failed)
    return fail(ErrorKind::io, fmt::format("cannot list {}: {}", folder.string(), failed.message()));
  return {};
}

Result<Listing> list_folder(const Path& folder) {
  Listing listing;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  if (failed == std::errc::no_such_file_or_directory) return listing;
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    std::error_code unknown;  // a broken link is neither folder nor file, and is met again when it is read
    if (entry->is_directory(unknown)) {
      if (!protocol::lane_of(name)) continue;
      PAW_TRY(listed, list_lane_folder(entry->path(), listing.misplaced));
    } else if (is_work_package_file(name)) {
      listing.files.push_back(entry->path());
    }
  }
  if (failed)
    return fail(ErrorKind::io, fmt::format("cannot list {}: {}", folder.string(), failed.message()));
  std::ranges::sort(listing.files);
  std::ranges::sort(listing.misplaced);
  return listing;
}

// WP99 before WP100; of two files that claim one id, the one whose name comes first.
bool by_number(const WorkPackage& a, const WorkPackage& b) {
  if (a.id.size() != b.id.size()) return a.id.size() < b.id.size();
  return std::tie(a.id, a.file) < std::tie(b.id, b.file);
}

Result<WorkPackage> read_one(Disk& disk, const Path& file, LaneHome lane_home,
                             std::uint64_t lamport_ceiling) {
  PAW_TRY(text, read_existing(disk, file));
  return parse_work_package(text, file, lane_home, lamport_ceiling);
}

// Which of several files is meant by an id is not ours to say.
void set_contested_aside(WorkPackageFolder& folder) {
  std::vector<WorkPackage> undisputed;
  for (auto first = folder.work_packages.begin(); first != folder.work_packages.end();) {
    const auto last = std::find_if(first, folder.work_packages.end(),
                                   [&](const WorkPackage& each) { return each.id != first->id; });
    if (last - first == 1) {
      undisputed.push_back(std::move(*first));
    } else {
      const Path& second = (first + 1)->file;
      auto failure =
          fail_in_file(second, 0,
                       fmt::format("{} is claimed by two files, {} and {}: give one of them another id",
                                   first->id, first->file.filename().string(), second.filename().string()));
      folder.damaged.push_back({first->id, std::move(failure).error()});
    }
    first = last;
  }
  folder.work_packages = std::move(undisputed);
}

}  // namespace

Result<WorkPackageFolder> read_work_packages(Disk& disk, const Path& tasks_directory, LaneHome lane_home,
                                             std::uint64_t lamport_ceiling) {
  PAW_TRY(listing, list_folder(tasks_directory));
  if (!listing.misplaced.empty()) {
    const Path& first = listing.misplaced.front();
    return fail_in_file(
        first, 0,
        fmt::format("{} is kept in a folder per lane, an old layout that Pawprint does not read: move "
                    "the files to {} and give each a `lane:` line in its frontmatter",
                    first.filename().string(), tasks_directory.string()));
  }
  WorkPackageFolder folder;
  for (const Path& file : listing.files) {
    auto work_package = read_one(disk, file, lane_home, lamport_ceiling);
    if (work_package) {
      folder.work_packages.push_back(*std::move(work_package));
    } else {
      folder.damaged.push_back({id_of_file_name(file), std::move(work_package).error()});
    }
  }
  std::ranges::sort(folder.work_packages, by_number);
  set_contested_aside(folder);
  return folder;
}

}  // namespace pawprint::workflow
