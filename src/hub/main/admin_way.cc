#include "hub/main/admin_way.h"

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "hub/main/admin.h"
#include "hub/main/admin_socket.h"
#include "hub/main/data_directory.h"
#include "hub/main/migrate.h"
#include "hub/main/upkeep.h"

namespace pawprint::hub {
namespace {

constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kWaitForLock{250};

// The first team of a hub may be added before it is served for the first time. Every other command would be
// about a hub of nothing, in a directory that was mistyped.
Result<void> require_hub(const Environment& environment, const Path& data_directory,
                         const AdminRequest& request) {
  if (request.verb == "team add") return {};
  PAW_TRY(there, environment.disk->status(data_directory / "hub.db"));
  if (there) return {};
  return fail(ErrorKind::failed, fmt::format("there is no hub in {}", printable(data_directory.string())),
              fmt::format("pawprint-hub {} --data DIR, or pawprint-hub team add SLUG --data {} for a new hub",
                          request.verb, shell_word(data_directory.string())));
}

}  // namespace

Result<std::string> administer_data(const Environment& environment, const Path& data_directory,
                                    AdminRequest request) {
  if (!request.option("file").empty()) {  // the hub that performs it may work in another directory
    request.options["file"] = (environment.directory / request.option("file")).string();
  }
  if (request.verb == "restore") {
    return restore_data(environment, data_directory, request.option("file"));
  }
  PAW_TRY(there, require_hub(environment, data_directory, request));
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
