#include "workflow/file_error.h"

#include <system_error>

#include "base/format.h"
#include "base/shell_word.h"

namespace pawprint::workflow {

std::unexpected<Error> fail_in_file(const Path& file, int line, std::string message, std::string hint) {
  auto failure = fail(ErrorKind::invalid, std::move(message), std::move(hint));
  failure.error().line = line;
  return with_file(std::move(failure).error(), file);
}

std::unexpected<Error> with_file(Error error, const Path& file, int first_line) {
  error.file = file.string();
  if (error.line > 0) error.line += first_line - 1;
  if (error.line > 0 && error.hint.empty())
    error.hint = fmt::format("edit {}:{}", shell_word(error.file), error.line);
  return std::unexpected(std::move(error));
}

Result<void> refuse_link(const Path& file) {
  std::error_code failed;
  if (!std::filesystem::is_symlink(file, failed)) return {};
  return fail_in_file(file, 0,
                      fmt::format("{} is a symbolic link: Pawprint writes only to the file itself",
                                  file.filename().string()));
}

Result<std::string> read_existing(Disk& disk, const Path& file) {
  PAW_TRY(content, read_file(disk, file));
  if (!content)
    return fail_in_file(file, 0, fmt::format("cannot read {}: there is no such file", file.string()));
  return *std::move(content);
}

}  // namespace pawprint::workflow
