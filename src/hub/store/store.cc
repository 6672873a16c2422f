#include "hub/store/store.h"

#include "hub/store/way_back.h"

namespace pawprint::hub::store {
namespace {

Result<std::string> epoch_of(Database& database) {
  PAW_TRY(read, database.read());
  PAW_TRY(statement, read.prepare("SELECT epoch FROM hub_meta"));
  PAW_TRY(there, statement.step());
  if (!there) return fail(ErrorKind::failed, "cannot use the hub's database: it has no epoch");
  return statement.text(0);
}

}  // namespace

Store::Store(std::unique_ptr<Database> database, std::string epoch, const Path& data_directory)
    : database_(std::move(database)),
      epoch_(std::move(epoch)),
      log_(*database_),
      users_(*database_),
      sessions_(*database_),
      machine_tokens_(*database_),
      invitations_(*database_),
      boards_(*database_),
      write_probe_(*database_),
      disk_room_(data_directory) {}

Result<std::unique_ptr<Store>> Store::open(const Environment& environment, const Path& data_directory) {
  PAW_TRY(database, Database::open(environment, data_directory));
  auto epoch = epoch_of(*database);
  if (!epoch) return std::unexpected(database->with_way_back(epoch.error()));
  return std::unique_ptr<Store>(new Store(std::move(database), *std::move(epoch), data_directory));
}

}  // namespace pawprint::hub::store
