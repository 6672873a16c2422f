#include "hub/store/migrations.h"

#include <array>

#include "base/failpoint.h"
#include "base/format.h"
#include "base/ulid.h"
#include "hub/store/boards_schema.h"
#include "hub/store/later_schema.h"
#include "hub/store/log_schema.h"

namespace pawprint::hub::store {
namespace {

constexpr std::array kMigrations{
    Migration{1, kLogSchema},           Migration{2, kBoardsSchema},    Migration{3, kOwnersInsteadOfAdmins},
    Migration{4, kMachineTokensSchema}, Migration{5, kEventsByProject}, Migration{6, kWriteProbes},
    Migration{7, kInvitationsSchema},
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
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  PAW_TRY(table,
          connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"));
  PAW_TRY(changed, connection.execute(step.sql));
  {
    PAW_TRY(insert, connection.prepare("INSERT INTO schema_version(version) VALUES(?1)"));
    PAW_TRY(inserted, insert.bind(1, step.version).run());
  }
  failpoint("hub-migrate-before-commit");
  PAW_TRY(committed, transaction.commit());
  failpoint("hub-migrate-committed");
  return {};
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

Result<void> migrate(sqlite::Connection& connection, const Environment& environment,
                     std::span<const Migration> steps) {
  PAW_TRY(version, version_of(connection));
  if (version > steps.back().version) {
    return fail(ErrorKind::failed,
                fmt::format("cannot use the hub's database: its schema is version {}, this program knows {}",
                            version, steps.back().version),
                "install the pawprint-hub that wrote it, or a newer one");
  }
  for (const Migration& step : steps) {
    if (step.version <= version) continue;
    PAW_TRY(done, run_step(connection, step));
  }
  return mint_epoch(connection, environment);
}

}  // namespace pawprint::hub::store
