#include "hub/store/migrations.h"

#include <array>

#include "base/failpoint.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "base/ulid.h"
#include "hub/store/boards_schema.h"
#include "hub/store/later_schema.h"
#include "hub/store/log_schema.h"

namespace pawprint::hub::store {
namespace {

constexpr std::array kMigrations{
    Migration{1, kLogSchema, "log, users and sessions"},
    Migration{2, kBoardsSchema, "boards"},
    Migration{3, kOwnersInsteadOfAdmins, "admins become owners"},
    Migration{4, kMachineTokensSchema, "tokens of machines"},
    Migration{5, kEventsByProject, "index of the log by project"},
    Migration{6, kWriteProbes, "probes of the disk"},
    Migration{7, kInvitationsSchema, "invitations"},
    Migration{8, kTransitionRuns, "boards: status changes in runs, folded anew from the log"},
    Migration{9, kNodes, "machines, from the log"},
    Migration{10, kInviters, "invitations say who invites; those that are open end"},
};

Result<std::int64_t> single_integer(sqlite::Connection& connection, std::string_view sql) {
  PAW_TRY(statement, connection.prepare(sql));
  PAW_TRY(there, statement.step());
  return there ? statement.integer(0) : 0;
}

Result<std::int64_t> version_of(sqlite::Connection& connection) {
  PAW_TRY(tables,
          single_integer(connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'"));
  if (tables == 0) return 0;
  return single_integer(connection, "SELECT max(version) FROM schema_version");
}

Result<void> run_step(sqlite::Connection& connection, const Migration& step) {
  PAW_TRY(table,
          connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"));
  PAW_TRY(changed, connection.execute(step.sql));
  if (sabotaged("migrate-by-halves")) {
    PAW_TRY(committed, connection.execute("COMMIT; BEGIN IMMEDIATE"));
  }
  failpoint("hub-migrate-step");
  PAW_TRY(insert, connection.prepare("INSERT INTO schema_version(version) VALUES(?1)"));
  return insert.bind(1, step.version).run();
}

Result<void> mint_epoch(sqlite::Connection& connection, const Environment& environment) {
  PAW_TRY(insert, connection.prepare("INSERT INTO hub_meta(epoch, created_at_ms) SELECT ?1, ?2 "
                                     "WHERE NOT EXISTS (SELECT 1 FROM hub_meta)"));
  const std::string epoch = UlidGenerator(*environment.clock, *environment.random).next();
  return insert.bind(1, epoch).bind(2, environment.clock->unix_ms()).run();
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

Result<std::int64_t> schema_version(sqlite::Connection& connection, std::span<const Migration> steps) {
  PAW_TRY(version, version_of(connection));
  if (version <= steps.back().version) return version;
  return fail(ErrorKind::failed,
              fmt::format("cannot use the hub's database: its schema is version {}, this program knows {}",
                          version, steps.back().version),
              "install the pawprint-hub that wrote it, or a newer one");
}

Result<MigrationReport> migrate(sqlite::Connection& connection, const Environment& environment,
                                std::span<const Migration> steps) {
  PAW_TRY(from, schema_version(connection, steps));
  MigrationReport report{from, from, {}};
  if (from == steps.back().version) return report;
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  for (const Migration& step : steps) {
    if (step.version <= from) continue;
    const std::int64_t begun_ms = environment.clock->monotonic_ms();
    PAW_TRY(done, run_step(connection, step));
    report.steps.push_back({step.version, step.what, environment.clock->monotonic_ms() - begun_ms});
    report.to = step.version;
  }
  PAW_TRY(minted, mint_epoch(connection, environment));
  failpoint("hub-migrate-before-commit");
  PAW_TRY(committed, transaction.commit());
  failpoint("hub-migrate-committed");
  return report;
}

}  // namespace pawprint::hub::store
