// What a disk holds, and what of it a power cut leaves. The file system itself keeps what the processes see;
// this keeps, beside it, what has been synced and what has not: the changes of each file since its last sync,
// and the names that were made, changed or removed since the last sync of their directory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"

namespace pawprint::power {

using Inode = std::uint64_t;

// A tree of files as it can be written down and compared. Paths are relative; a directory ends in "/".
using Image = std::map<std::string, std::string>;

// What became of the changes that were not synced when the power went.
struct Fate {
  std::size_t names = 0;  // how many of the changes of names reached the disk, in their order
  enum class Writes { lost, all, torn, last_alone, one_file } writes = Writes::lost;
  std::size_t torn_bytes = 0;  // torn: all but the last write, and so much of that one
  Inode file = 0;              // one_file: what was written to this one, and nothing else
  std::string text() const;
};

class Storage {
 public:
  explicit Storage(Path root) : root_(std::move(root)) { nodes_.emplace_back().directory = true; }

  // A file or directory below the root as the processes see it; nullopt: none, or not below the root.
  std::optional<Inode> at(const Path& path) const;

  Inode created(const Path& path);  // empty; if it is there already, that one
  void made_directory(const Path& path);
  void wrote(Inode file, std::uint64_t offset, std::string_view bytes);
  void truncated(Inode file, std::uint64_t size_bytes);
  void renamed(const Path& from, const Path& to);
  void removed(const Path& path);
  void synced(Inode file);
  void synced_directory(const Path& path);
  // The kernel reports a failed write-back once and keeps no record of what it lost: a later sync of the file
  // succeeds without it.
  void lost_what_was_to_be_synced(Inode file);

  // Every fate that can be told apart, of the changes that are not synced now.
  std::vector<Fate> fates() const;
  Image image(const Fate& fate) const;
  // All of it is on the disk from now on.
  void sync_everything();

  // A machine that boots: the tree `image` in the place of the root, all of it synced.
  static Storage boot(const Path& root, const Image& image);

 private:
  struct Change {
    std::uint64_t order = 0;
    std::uint64_t offset = 0;  // or the size that it was cut to
    std::optional<std::string> bytes;
  };
  struct Node {
    bool directory = false;
    std::string synced;
    std::vector<Change> changes;
    std::map<std::string, Inode> names;
    std::map<std::string, Inode> synced_names;
  };
  // Takes a name away, gives one, or both at once.
  struct NameChange {
    std::optional<std::pair<Inode, std::string>> from;
    std::optional<std::pair<Inode, std::string>> to;
    Inode inode = 0;
  };
  using Names = std::vector<std::map<std::string, Inode>>;

  std::optional<std::pair<Inode, std::string>> place_of(const Path& path) const;
  void change_names(NameChange change);
  static void apply(const Change& change, std::string& content, std::size_t most_bytes);
  std::uint64_t last_write() const;
  std::string content(Inode file, const Fate& fate) const;
  void add_to(Image& image, const Names& names, Inode directory, const std::string& prefix,
              const Fate& fate) const;

  Path root_;
  std::vector<Node> nodes_;  // the first is the root
  std::vector<NameChange> name_changes_;
  std::uint64_t writes_ = 0;
};

}  // namespace pawprint::power
