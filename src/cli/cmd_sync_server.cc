#include "base/format.h"
#include "base/url.h"
#include "cli/command_functions.h"
#include "project/home.h"
#include "settings/settings.h"

namespace pawprint::cli {

Result<Report> run_sync_server(Context& context, const Arguments& arguments) {
  PAW_TRY(origin, hub_origin(arguments.positionals.front()));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(made, project::ensure_home(*context.environment.disk, home));
  PAW_TRY(saved, settings::save_server_url(*context.environment.disk, home.directory, origin));
  Report report;
  report.data["server_url"] = origin;
  report.text = fmt::format("server: {}\n", origin);
  return report;
}

}  // namespace pawprint::cli
