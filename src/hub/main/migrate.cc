#include "hub/main/migrate.h"

#include "base/format.h"
#include "hub/main/data_directory.h"
#include "hub/store/migration_trial.h"

namespace pawprint::hub {
namespace {

std::string nothing_to_do(std::int64_t version) {
  return fmt::format("schema version {}: nothing to do\n", version);
}

std::string told(const store::MigrationReport& report) {
  std::string text = fmt::format("schema version {} -> {}\n", report.from, report.to);
  for (const store::MigrationStep& step : report.steps) {
    text += fmt::format("  {}  {}  {} ms\n", step.version, step.what, step.took_ms);
  }
  return text;
}

}  // namespace

Result<std::string> migrate_data(const Environment& environment, const Path& data_directory) {
  PAW_TRY(version, store::schema_version_in(environment, data_directory));
  if (version == store::migrations().back().version) return nothing_to_do(version);
  PAW_TRY(data, open_data_directory(environment, data_directory));
  return told(data.store->migrated()) + "done\n";
}

Result<std::string> try_migrate_data(const Environment& environment, const Path& data_directory) {
  PAW_TRY(trial, store::try_migrations(environment, data_directory));
  if (trial.report.steps.empty()) return nothing_to_do(trial.report.from);
  return told(trial.report) + fmt::format(
                                  "it would pass: done on a copy, which took {} ms to make and {} ms to "
                                  "check; nothing was changed\n",
                                  trial.copied_ms, trial.checked_ms);
}

}  // namespace pawprint::hub
