#include "cli/sync_context.h"

#include "base/url.h"
#include "project/git_state.h"

namespace pawprint::cli {

Result<ProjectHere> project_here(Context& context, const project::Home& home, IdentityAccess access) {
  const Environment& environment = context.environment;
  PAW_TRY(places, project::find_project(environment));
  const project::GitState git = project::read_git_state(environment, places, context.warnings);
  project::Identity identity =
      access == IdentityAccess::backfill
          ? project::ensure_identity(environment, places, home, git, context.warnings)
          : project::read_identity(environment, places, home, git, context.warnings);
  return ProjectHere{std::move(places), std::move(identity)};
}

Result<std::optional<std::string>> chosen_server(const Context& context, const Arguments& arguments,
                                                 const project::Home& home) {
  std::optional<std::string> url = arguments.value("--server");
  if (!url) url = context.environment.variable(kServerVariable);
  if (url) return hub_origin(*url);
  PAW_TRY(settings, settings::load_settings(*context.environment.disk, home.directory));
  return settings::server_origin(settings, home.directory);
}

Result<std::optional<outbox::Outbox>> existing_queue(Context& context, const project::Home& home) {
  auto outbox = outbox::Outbox::open_existing(context.environment, home.directory);
  if (!outbox && outbox.error().hint.empty()) outbox.error().hint = "pawprint doctor";
  if (outbox && *outbox) (*outbox)->report_to(context.warnings);
  return outbox;
}

QueueAndSpill open_for_reading(Context& context, const project::Home& home) {
  auto spill = outbox::Spill(context.environment, home.directory).open_waiting();
  return {.spill = std::move(spill), .queue = existing_queue(context, home)};
}

void report_on_queue(Context& context, const project::Home& home) {
  if (const auto queue = existing_queue(context, home); !queue) return;
}

void ReportsInTheEnd::operator()(outbox::Outbox* outbox) const {
  outbox->report_to(*warnings);
  delete outbox;
}

Result<WritableQueue> writable_queue(Context& context, const project::Home& home) {
  PAW_TRY(outbox, outbox::Outbox::open(context.environment, home.directory));
  return WritableQueue(new outbox::Outbox(std::move(outbox)), ReportsInTheEnd{&context.warnings});
}

std::vector<outbox::SessionKey> session_keys(const std::vector<credentials::Session>& sessions) {
  std::vector<outbox::SessionKey> keys;
  for (const credentials::Session& session : sessions) {
    keys.push_back({session.origin, session.team_id, session.user_id});
  }
  return keys;
}

}  // namespace pawprint::cli
