#include "cli/link_project.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/format.h"
#include "base/printable.h"
#include "cli/counted.h"
#include "outbox/outbox.h"

namespace pawprint::cli {
namespace {

std::unexpected<Error> cannot_link(const ProjectHere& here) {
  return fail(ErrorKind::failed,
              fmt::format("cannot link {}: its identity in .kittify/config.yaml cannot be read or written",
                          here.places.root.string()),
              "pawprint init");
}

bool releases(const Context& context, Release release, std::uint64_t waiting,
              const credentials::Session& session) {
  if (waiting == 0 || release == Release::no) return false;
  if (release == Release::yes) return true;
  return ask_on_terminal(context,
                         fmt::format("{} of this project waiting on this machine. Send to {} at {} too?",
                                     counted(waiting, "event"), session.team_slug, session.origin));
}

}  // namespace

outbox::Link link_for(const project::Identity& identity, const credentials::Session& session) {
  outbox::Link link;
  link.project_uuid = identity.uuid.value_or("");
  link.repo_instance = identity.repo_instance;
  link.server_origin = session.origin;
  link.team_id = session.team_id;
  link.team_slug = session.team_slug;
  link.user_id = session.user_id;
  return link;
}

bool ask_on_terminal(const Context& context, std::string_view question) {
  if (!context.terminal.input || !context.terminal.errors || context.json) return false;
  std::fputs(fmt::format("{} [y/N] ", printable(question, true)).c_str(), stderr);
  char* line = nullptr;
  std::size_t room = 0;
  const ssize_t length = ::getline(&line, &room, stdin);
  std::string answer = length > 0 ? std::string(line, static_cast<std::size_t>(length)) : std::string();
  std::free(line);
  if (answer.ends_with('\n')) answer.pop_back();
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<Report> link_project(Context& context, const project::Home& home, const credentials::Session& session,
                            Release release) {
  PAW_TRY(here, project_here(context, home, IdentityAccess::backfill));
  if (!here.identity.linkable || !here.identity.uuid) return cannot_link(here);
  PAW_TRY(outbox, outbox::Outbox::open(context.environment, home.directory));
  PAW_TRY(waiting, outbox.unlinked_pending(*here.identity.uuid, here.identity.repo_instance));
  outbox::Link link = link_for(here.identity, session);
  PAW_TRY(left_behind, outbox.left_behind(link));
  PAW_TRY(outcome, outbox.link(std::move(link), releases(context, release, waiting, session)));
  const std::uint64_t kept = waiting - std::min(waiting, outcome.released);
  Report report;
  report.data["project_uuid"] = *here.identity.uuid;
  report.data["origin"] = session.origin;
  report.data["team_slug"] = session.team_slug;
  report.data["released"] = outcome.released;
  report.data["kept"] = kept;
  report.data["changed"] = outcome.changed;
  report.text =
      fmt::format("{} {} {} at {} as {}\n", here.identity.slug, outcome.changed ? "now goes to" : "goes to",
                  session.team_slug, session.origin, session.username);
  if (left_behind > 0)
    report.text += fmt::format("sent along: {} that waited for this link\n", counted(left_behind, "event"));
  if (outcome.released > 0)
    report.text += fmt::format("sent along: {} from before the link\n", counted(outcome.released, "event"));
  if (kept > 0) {
    context.warnings.add("unlinked-kept",
                         fmt::format("not sent: {} from before the link", counted(kept, "event")),
                         "pawprint sync link --release");
  }
  return report;
}

}  // namespace pawprint::cli
