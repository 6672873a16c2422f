#include "project/git_refs.h"

#include <algorithm>
#include <system_error>

#include "base/format.h"

namespace pawprint::project {
namespace {

constexpr int kMaxSymbolicDepth = 5;  // as git has it
constexpr std::string_view kSymbolic = "ref:";

bool is_object_id(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return (text.size() == 40 || text.size() == 64) && std::ranges::all_of(text, is_hex);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// References of one worktree lie in its own directory, all others in the common one.
bool is_per_worktree(std::string_view reference) {
  return !reference.starts_with("refs/") || reference.starts_with("refs/bisect/") ||
         reference.starts_with("refs/worktree/") || reference.starts_with("refs/rewritten/");
}

// A name that leads out of the git directory is none of git's.
bool is_safe(std::string_view reference) {
  return reference.starts_with("refs/") && reference.find("..") == std::string_view::npos;
}

Result<std::optional<std::string>> read_packed(Disk& disk, const Path& common_dir,
                                               std::string_view reference) {
  PAW_TRY(content, read_file(disk, common_dir / "packed-refs"));
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.substr(space + 1) != reference) continue;
    if (is_object_id(line.substr(0, space))) return std::string(line.substr(0, space));
  }
  return std::nullopt;
}

// What a loose reference holds. An older git made HEAD a link to the branch.
Result<std::optional<std::string>> read_loose(Disk& disk, const Path& file) {
  std::error_code failed;
  if (std::filesystem::is_symlink(file, failed)) {
    const Path target = std::filesystem::read_symlink(file, failed);
    if (!failed && target.string().starts_with("refs/"))
      return fmt::format("{} {}", kSymbolic, target.string());
  }
  PAW_TRY(status, disk.status(file));
  // A directory of branches may have the name of a packed one.
  if (!status || status->is_directory) return std::nullopt;
  PAW_TRY(opened, disk.open(file, OpenMode::read));
  PAW_TRY(content, opened->read_all());
  return content;
}

}  // namespace

Result<GitHead> read_head(Disk& disk, const Path& git_dir, const Path& common_dir) {
  constexpr std::string_view kHeads = "refs/heads/";
  GitHead head;
  std::string reference = "HEAD";
  for (int depth = 0; depth <= kMaxSymbolicDepth; ++depth) {
    PAW_TRY(loose, read_loose(disk, (is_per_worktree(reference) ? git_dir : common_dir) / reference));
    if (!loose) {
      PAW_TRY(packed, read_packed(disk, common_dir, reference));
      head.sha = std::move(packed);
      return head;
    }
    const std::string_view content = trimmed(*loose);
    if (is_object_id(content)) {
      head.sha = std::string(content);
      return head;
    }
    const std::string next(
        trimmed(content.starts_with(kSymbolic) ? content.substr(kSymbolic.size()) : content));
    if (!content.starts_with(kSymbolic) || !is_safe(next))
      return fail(ErrorKind::invalid,
                  fmt::format("{} in {} is neither a reference nor a commit", reference, git_dir.string()));
    if (depth == 0 && next.starts_with(kHeads)) head.branch = next.substr(kHeads.size());
    reference = next;
  }
  return fail(ErrorKind::invalid, fmt::format("HEAD in {} points to itself", git_dir.string()));
}

}  // namespace pawprint::project
