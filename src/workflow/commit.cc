#include "workflow/commit.h"

#include <vector>

#include "base/format.h"
#include "base/shell_word.h"
#include "project/git_command.h"

namespace pawprint::workflow {
namespace {

using Words = std::vector<std::string>;

// The first line with something in it.
std::string first_line(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  text = text.substr(0, text.find_first_of("\r\n"));
  return std::string(text);
}

class Commit {
 public:
  Commit(const Environment& environment, const project::Places& places, std::span<const Path> files)
      : environment_(environment), root_(places.root) {
    for (const Path& file : files) files_.push_back(file.lexically_relative(root_).string());
  }

  Result<bool> make(const std::string& message) {
    PAW_TRY(untracked, untracked_files());
    // `git commit` takes only files that it has heard of.
    if (!untracked.empty()) {
      PAW_TRY(added, git({"add", "--intent-to-add"}, untracked, message));
    }
    auto committed = commit(message);
    if (committed || untracked.empty()) return committed;
    if (auto forgotten = git({"rm", "--cached", "--quiet"}, untracked, message); !forgotten)
      committed.error().message += fmt::format("; {} stays announced to git", untracked.front());
    return committed;
  }

 private:
  Result<project::GitAnswer> run(Words words, const Words& files,
                                 std::optional<std::chrono::milliseconds> patience = std::nullopt) const {
    words.insert(words.begin(), "--literal-pathspecs");
    words.emplace_back("--");
    words.insert(words.end(), files.begin(), files.end());
    return project::run_git(environment_, root_, words, patience);
  }

  Result<void> git(const Words& words, const Words& files, const std::string& message) const {
    PAW_TRY(answer, run(words, files));
    if (answer.exit_code == 0) return {};
    return refused(words.front(), answer, message);
  }

  std::unexpected<Error> refused(std::string_view verb, const project::GitAnswer& answer,
                                 const std::string& message) const {
    std::string why = first_line(answer.complaint);
    if (why.empty()) why = first_line(answer.output);
    if (why.empty()) why = fmt::format("it ended with {}", answer.exit_code);
    std::string names;
    for (const std::string& file : files_) names += " " + shell_word(file);
    const std::string in_root = "git -C " + shell_word(root_.string());
    std::string command = fmt::format("{} add --{} && {} commit -m {} --{}", in_root, names, in_root,
                                      shell_word(message), names);
    return fail(ErrorKind::failed, fmt::format("git {} refused: {}", verb, why), std::move(command));
  }

  Result<Words> untracked_files() const {
    Words untracked;
    for (const std::string& file : files_) {
      PAW_TRY(answer, run({"ls-files", "--error-unmatch"}, {file}, project::kPatienceWithQuestions));
      if (answer.exit_code != 0) untracked.push_back(file);
    }
    return untracked;
  }

  Result<bool> commit(const std::string& message) const {
    PAW_TRY(status, run({"status", "--porcelain"}, files_, project::kPatienceWithQuestions));
    if (status.exit_code != 0) return refused("status", status, message);
    if (status.output.empty()) return false;
    PAW_TRY(committed, git({"commit", "--quiet", "--only", "--message", message}, files_, message));
    return true;
  }

  const Environment& environment_;
  const Path& root_;
  Words files_;
};

}  // namespace

Result<bool> commit_files(const Environment& environment, const project::Places& places,
                          std::span<const Path> files, const std::string& message) {
  if (files.empty()) return false;
  return Commit(environment, places, files).make(message);
}

}  // namespace pawprint::workflow
