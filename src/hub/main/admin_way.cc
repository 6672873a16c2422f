#include "hub/main/admin_way.h"

#include "base/format.h"
#include "base/printable.h"
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
  // These make no hub where there is none: a backup of it would be one of nothing.
  const bool needs_one = request.verb == "verify" || request.verb == "rebuild" || request.verb == "backup";
  if (needs_one) {
    PAW_TRY(there, environment.disk->status(data_directory / "hub.db"));
    if (!there) {
      return fail(ErrorKind::failed, fmt::format("there is no hub in {}", printable(data_directory.string())),
                  fmt::format("pawprint-hub {} --help", request.verb));
    }
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
