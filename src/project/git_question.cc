#include "project/git_question.h"

#include <chrono>
#include <vector>

#include "base/format.h"
#include "project/git_command.h"

namespace pawprint::project {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr int kNoSuchRemote = 2;

// The repository is named, so that a damaged one does not make git take the next one above it.
Result<GitAnswer> ask(const Environment& environment, const Places& places, std::vector<std::string> words) {
  words.insert(words.begin(), fmt::format("--git-dir={}", places.git_dir->string()));
  return run_git(environment, places.checkout, words, kPatience);
}

// The first line, which is taken out.
std::string take_line(std::string& text) {
  const auto end = text.find('\n');
  std::string line = text.substr(0, end);
  text.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

std::unexpected<Error> no_answer(const GitAnswer& answer) {
  return fail(ErrorKind::failed,
              fmt::format("git cannot read it either (it ended with {})", answer.exit_code));
}

std::optional<std::string> branch_of(std::string_view reference) {
  constexpr std::string_view kHeads = "refs/heads/";
  if (!reference.starts_with(kHeads)) return std::nullopt;
  return std::string(reference.substr(kHeads.size()));
}

}  // namespace

Result<GitHead> ask_head(const Environment& environment, const Places& places) {
  GitHead head;
  PAW_TRY(born, ask(environment, places, {"rev-parse", "HEAD", "--symbolic-full-name", "HEAD"}));
  if (born.exit_code == 0) {
    head.sha = take_line(born.output);
    head.branch = branch_of(take_line(born.output));
    return head;
  }
  PAW_TRY(unborn, ask(environment, places, {"symbolic-ref", "-q", "HEAD"}));
  if (unborn.exit_code != 0) return no_answer(unborn);
  head.branch = branch_of(take_line(unborn.output));
  return head;
}

Result<std::optional<std::string>> ask_origin_url(const Environment& environment, const Places& places) {
  PAW_TRY(answer, ask(environment, places, {"remote", "get-url", "origin"}));
  if (answer.exit_code == kNoSuchRemote) return std::nullopt;
  if (answer.exit_code != 0) return no_answer(answer);
  return take_line(answer.output);
}

}  // namespace pawprint::project
