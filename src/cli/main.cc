#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include "base/environment.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "cli/arguments.h"
#include "cli/own_pages.h"
#include "cli/report.h"
#include "pawprint/version.h"
#include "project/home.h"
#include "sqlite/connection.h"

namespace pawprint::cli {
namespace {

// false: the reader has gone away (EPIPE), or the disk is full; errno says which.
bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

int emit_rendered(const Rendered& rendered) {
  const bool told = write_all(STDERR_FILENO, rendered.err);
  const bool written = write_all(STDOUT_FILENO, rendered.out);
  const int why = errno;
  bool complained = true;
  if (!written) {
    complained =
        write_all(STDERR_FILENO, fmt::format("pawprint: {}stdout cannot be written: {}\n",
                                             rendered.unheard.empty() ? "" : rendered.unheard + ", but ",
                                             std::generic_category().message(why)));
  }
  if (rendered.exit_code == 0 && !(told && written && complained)) return exit_code_of(ErrorKind::io);
  return rendered.exit_code;
}

Report report_of(const Invocation& invocation) {
  Report report;
  if (invocation.of_version) {
    report.data["version"] = kVersion;
  } else {
    report.data["help"] = invocation.help;
  }
  report.text = invocation.help;
  return report;
}

// What a file of the home refuses, or somebody keeps us from, `doctor` knows a command against.
void point_to_doctor(const Environment& environment, Result<Report>& outcome) {
  Error* error = !outcome ? &outcome.error() : outcome->error ? &*outcome->error : nullptr;
  if (error == nullptr || !error->hint.empty()) return;
  if (error->kind != ErrorKind::io && error->kind != ErrorKind::busy) return;
  const auto home = project::find_home(environment);
  if (home && error->message.contains(home->directory.string())) error->hint = "pawprint doctor";
}

// Where a feature has to be named, the rules know no command but the one that shows it: to be typed is what
// was typed, with the feature.
void name_feature(std::span<const std::string> words, Result<Report>& outcome) {
  constexpr std::string_view kShowsIt = "pawprint status --feature ";
  if (outcome || outcome.error().kind != ErrorKind::usage || !outcome.error().hint.starts_with(kShowsIt))
    return;
  const auto names_one = [](const std::string& word) { return word.starts_with("--feature"); };
  if (std::ranges::any_of(words, names_one)) return;
  std::string command = "pawprint";
  for (const std::string& word : words) command += " " + shell_word(word);
  outcome.error().hint = command + " --feature " + outcome.error().hint.substr(kShowsIt.size());
}

int run(std::span<const std::string> words) {
  const bool json = wants_json(words);
  auto invocation = parse_arguments(words);
  if (!invocation) return emit_rendered(render(std::unexpected(invocation.error()), {}, json));
  if (invocation->command == nullptr) return emit_rendered(render(report_of(*invocation), {}, json));
  if (auto lean = sqlite::use_from_one_thread(); !lean)
    return emit_rendered(render(std::unexpected(lean.error()), {}, json));
  const Environment environment = process_environment();
  const Terminal terminal{::isatty(STDIN_FILENO) == 1, ::isatty(STDOUT_FILENO) == 1,
                          ::isatty(STDERR_FILENO) == 1};
  Context context{environment, terminal, json, {}};
  Result<Report> outcome = invocation->command->run(context, invocation->arguments);
  point_to_doctor(environment, outcome);
  name_feature(words, outcome);
  return emit_rendered(render(outcome, context.warnings, json));
}

}  // namespace
}  // namespace pawprint::cli

int main(int argc, char** argv) {
  pawprint::cli::take_own_pages();
  std::signal(SIGCHLD, SIG_DFL);  // who ignores it, as our caller may, learns nothing about its children
  std::signal(SIGPIPE, SIG_IGN);  // then a reader that has gone away is an error of the write
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  return pawprint::cli::run(words);
}
