#include "base/format.h"
#include "base/shell_word.h"
#include "cli/doctor_checks.h"
#include "client/own_types.h"

namespace pawprint::cli {

void check_schemas(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings) {
  if (!snapshot.here) return;
  const Path& root = snapshot.here->places.root;
  const std::string look = "ls -l " + shell_word((root / ".kittify/events").string());
  Warnings of_ignored_files;
  for (const Error& error : client::OwnTypes(environment).unusable_files(root, of_ignored_files))
    findings.push_back({"schema", true, error.message, error.hint.empty() ? look : error.hint});
  for (const Warning& warning : of_ignored_files.all())
    findings.push_back({"schema", false, warning.message, look});
}

}  // namespace pawprint::cli
