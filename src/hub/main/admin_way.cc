#include "hub/main/admin_way.h"

#include "hub/main/admin.h"
#include "hub/main/admin_socket.h"
#include "hub/main/data_directory.h"
#include "hub/main/migrate.h"
#include "hub/main/upkeep.h"

namespace pawprint::hub {
namespace {

constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kWaitForLock{250};

}  // namespace

Result<std::string> administer_data(const Environment& environment, const Path& data_directory,
                                    AdminRequest request) {
  if (!request.option("file").empty()) {  // the hub that performs it may work in another directory
    request.options["file"] = (environment.directory / request.option("file")).string();
  }
  if (request.verb == "restore") {
    return restore_data(environment, data_directory, request.option("file"));
  }
  if (request.verb == "migrate") {
    return request.option("dry-run").empty() ? migrate_data(environment, data_directory)
                                             : try_migrate_data(environment, data_directory);
  }
  auto data = open_data_directory(environment, data_directory);
  for (int attempt = 0; !data && data.error().kind == ErrorKind::busy && attempt < kAttempts; ++attempt) {
    if (auto answer = ask_running_hub(data_directory, request)) return *std::move(answer);
    data = open_data_directory(environment, data_directory, kWaitForLock);
  }
  if (!data) return std::unexpected(data.error());
  board::Board board(*data->store);
  return administer({environment, *data->store, board, data_directory}, request);
}

}  // namespace pawprint::hub
