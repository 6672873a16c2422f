#include "power/storage.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "base/format.h"

namespace pawprint::power {
namespace {

constexpr std::size_t kSectorBytes = 512;

void write_down(const Path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  std::filesystem::permissions(path, std::filesystem::perms(0600));
}

}  // namespace

std::string Fate::text() const {
  constexpr const char* kWrites[] = {"lost", "all there", "torn", "the last alone", "of one file alone"};
  return fmt::format("{} changed names, unsynced writes {} ({} bytes, file {})", names,
                     kWrites[static_cast<int>(writes)], torn_bytes, file);
}

std::optional<std::pair<Inode, std::string>> Storage::place_of(const Path& path) const {
  const Path inside = path.lexically_relative(root_);
  if (inside.empty() || *inside.begin() == "..") return std::nullopt;
  Inode directory = 0;
  for (auto part = inside.begin(); part != inside.end(); ++part) {
    if (std::next(part) == inside.end()) return std::pair(directory, part->string());
    const auto next = nodes_[directory].names.find(part->string());
    if (next == nodes_[directory].names.end()) return std::nullopt;
    directory = next->second;
  }
  return std::nullopt;
}

std::optional<Inode> Storage::at(const Path& path) const {
  if (path == root_) return 0;
  const auto place = place_of(path);
  if (!place) return std::nullopt;
  const auto& names = nodes_[place->first].names;
  const auto found = names.find(place->second);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

void Storage::change_names(NameChange change) {
  if (change.from) nodes_[change.from->first].names.erase(change.from->second);
  if (change.to) nodes_[change.to->first].names[change.to->second] = change.inode;
  name_changes_.push_back(std::move(change));
}

Inode Storage::created(const Path& path) {
  if (const auto there = at(path)) return *there;
  const Inode made = nodes_.size();
  nodes_.emplace_back();
  change_names({std::nullopt, place_of(path), made});
  return made;
}

void Storage::made_directory(const Path& path) {
  nodes_[created(path)].directory = true;
}

void Storage::wrote(Inode file, std::uint64_t offset, std::string_view bytes) {
  nodes_[file].changes.push_back({++writes_, offset, std::string(bytes)});
}

void Storage::truncated(Inode file, std::uint64_t size_bytes) {
  nodes_[file].changes.push_back({++writes_, size_bytes, std::nullopt});
}

void Storage::renamed(const Path& from, const Path& to) {
  const auto inode = at(from);
  if (inode) change_names({place_of(from), place_of(to), *inode});
}

void Storage::removed(const Path& path) {
  const auto inode = at(path);
  if (inode) change_names({place_of(path), std::nullopt, *inode});
}

void Storage::apply(const Change& change, std::string& content, std::size_t most_bytes) {
  if (!change.bytes) {
    content.resize(change.offset, '\0');
    return;
  }
  const std::size_t bytes = std::min(change.bytes->size(), most_bytes);
  if (bytes == 0) return;
  if (content.size() < change.offset + bytes) content.resize(change.offset + bytes, '\0');
  content.replace(change.offset, bytes, *change.bytes, 0, bytes);
}

void Storage::synced(Inode file) {
  Node& node = nodes_[file];
  for (const Change& change : node.changes) apply(change, node.synced, std::string::npos);
  node.changes.clear();
}

void Storage::lost_what_was_to_be_synced(Inode file) {
  nodes_[file].changes.clear();
}

void Storage::synced_directory(const Path& path) {
  const auto directory = at(path);
  if (!directory) return;
  std::erase_if(name_changes_, [&](const NameChange& change) {
    const bool here =
        (change.from && change.from->first == *directory) || (change.to && change.to->first == *directory);
    if (!here) return false;
    if (change.from) nodes_[change.from->first].synced_names.erase(change.from->second);
    if (change.to) nodes_[change.to->first].synced_names[change.to->second] = change.inode;
    return true;
  });
}

void Storage::sync_everything() {
  for (Inode file = 0; file < nodes_.size(); ++file) {
    synced(file);
    nodes_[file].synced_names = nodes_[file].names;
  }
  name_changes_.clear();
}

std::uint64_t Storage::last_write() const {
  std::uint64_t last = 0;
  for (const Node& node : nodes_)
    if (!node.changes.empty()) last = std::max(last, node.changes.back().order);
  return last;
}

std::vector<Fate> Storage::fates() const {
  std::vector<Fate> writes{{.writes = Fate::Writes::lost}};
  const std::uint64_t last = last_write();
  if (last != 0) {
    writes.push_back({.writes = Fate::Writes::all});
    writes.push_back({.writes = Fate::Writes::last_alone});
  }
  for (Inode file = 0; file < nodes_.size(); ++file) {
    const Node& node = nodes_[file];
    if (node.changes.empty()) continue;
    writes.push_back({.writes = Fate::Writes::one_file, .file = file});
    if (node.changes.back().order != last || !node.changes.back().bytes) continue;
    const std::size_t bytes = node.changes.back().bytes->size();
    const std::size_t sector = std::min(kSectorBytes, bytes / 3);
    for (const std::size_t cut :
         {std::size_t{0}, std::size_t{1}, sector, bytes / 2, bytes - sector, bytes - 1})
      if (cut < bytes) writes.push_back({.writes = Fate::Writes::torn, .torn_bytes = cut});
  }
  std::vector<Fate> all;
  for (std::size_t names = 0; names <= name_changes_.size(); ++names) {
    for (Fate fate : writes) {
      fate.names = names;
      all.push_back(fate);
    }
  }
  return all;
}

std::string Storage::content(Inode file, const Fate& fate) const {
  std::string content = nodes_[file].synced;
  const std::uint64_t last = last_write();
  for (const Change& change : nodes_[file].changes) {
    std::size_t bytes = std::string::npos;
    if (fate.writes == Fate::Writes::lost) continue;
    if (fate.writes == Fate::Writes::one_file && fate.file != file) continue;
    if (fate.writes == Fate::Writes::last_alone && change.order != last) continue;
    if (fate.writes == Fate::Writes::torn && change.order == last) bytes = fate.torn_bytes;
    apply(change, content, bytes);
  }
  return content;
}

void Storage::add_to(Image& image, const Names& names, Inode directory, const std::string& prefix,
                     const Fate& fate) const {
  for (const auto& [name, inode] : names[directory]) {
    if (!nodes_[inode].directory) {
      image[prefix + name] = content(inode, fate);
      continue;
    }
    image[prefix + name + "/"];
    add_to(image, names, inode, prefix + name + "/", fate);
  }
}

Image Storage::image(const Fate& fate) const {
  Names names;
  for (const Node& node : nodes_) names.push_back(node.synced_names);
  for (std::size_t i = 0; i < std::min(fate.names, name_changes_.size()); ++i) {
    const NameChange& change = name_changes_[i];
    if (change.from) names[change.from->first].erase(change.from->second);
    if (change.to) names[change.to->first][change.to->second] = change.inode;
  }
  Image image;
  add_to(image, names, 0, "", fate);
  return image;
}

Storage Storage::boot(const Path& root, const Image& image) {
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root);
  Storage storage(root);
  for (const auto& [path, content] : image) {
    if (path.ends_with("/")) {
      const Path directory = root / path.substr(0, path.size() - 1);
      std::filesystem::create_directory(directory);
      std::filesystem::permissions(directory, std::filesystem::perms(0700));
      storage.made_directory(directory);
      continue;
    }
    write_down(root / path, content);
    storage.wrote(storage.created(root / path), 0, content);
  }
  storage.sync_everything();
  return storage;
}

}  // namespace pawprint::power
