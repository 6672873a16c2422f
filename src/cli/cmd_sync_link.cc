#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/link_project.h"
#include "cli/sync_context.h"
#include "outbox/outbox.h"

namespace pawprint::cli {

Result<Report> run_sync_link(Context& context, const Arguments& arguments) {
  PAW_TRY(home, project::find_home(context.environment));
  const credentials::SessionStore store(context.environment, home.directory);
  PAW_TRY(sessions, store.load_or_signed_out(context.warnings));
  PAW_TRY(origin, chosen_server(context, arguments, home));
  PAW_TRY(session, credentials::select_session(sessions, origin, arguments.value("--team"),
                                               arguments.value("--username")));
  return link_project(context, home, session, arguments.flag("--release") ? Release::yes : Release::ask);
}

Result<Report> run_sync_unlink(Context& context, const Arguments&) {
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(here, project_here(context, home, IdentityAccess::read));
  Report report;
  report.data["changed"] = false;
  report.text = fmt::format("{} is not linked\n", here.identity.slug);
  if (here.identity.unreadable) return std::unexpected(*here.identity.unreadable);
  if (!here.identity.uuid) return report;
  PAW_TRY(outbox, existing_queue(context, home));
  if (!outbox) return report;
  PAW_TRY(writable, writable_queue(context, home));
  PAW_TRY(ended, writable->unlink(*here.identity.uuid, here.identity.repo_instance));
  if (!ended) return report;
  report.data["changed"] = true;
  report.data["origin"] = ended->server_origin;
  report.data["team_slug"] = ended->team_slug;
  report.text = fmt::format("{} no longer goes to {} at {}; queued events stay on this machine\n",
                            here.identity.slug, ended->team_slug, ended->server_origin);
  return report;
}

}  // namespace pawprint::cli
