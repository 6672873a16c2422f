#include "base/format.h"
#include "cli/command_functions.h"
#include "project/git_state.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"

namespace pawprint::cli {

Result<Report> run_init(Context& context, const Arguments&) {
  const Environment& environment = context.environment;
  PAW_TRY(places, project::find_init_place(environment));
  PAW_TRY(home, project::find_home(environment));
  const project::GitState git = project::read_git_state(environment, places, context.warnings);
  PAW_TRY(changed, project::initialise(environment, places, home, git, context.warnings));
  const project::Identity identity = project::read_identity(environment, places, home, git, context.warnings);
  Report report;
  report.data["uuid"] = identity.uuid ? boost::json::value(*identity.uuid) : boost::json::value(nullptr);
  report.data["slug"] = identity.slug;
  report.data["node_id"] = identity.node_id;
  report.data["root"] = places.root.string();
  report.data["changed"] = changed;
  report.text = changed ? fmt::format("initialised {} in {}\n", identity.slug, places.root.string())
                        : fmt::format("{} is a project already; nothing changed\n", places.root.string());
  return report;
}

}  // namespace pawprint::cli
