#include "cli/link_project.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/counted.h"
#include "base/format.h"
#include "base/printable.h"
#include "outbox/outbox.h"
#include "settings/settings.h"

namespace pawprint::cli {
namespace {

std::unexpected<Error> cannot_link(const ProjectHere& here) {
  if (here.identity.unreadable) return std::unexpected(*here.identity.unreadable);
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

// A release makes room in the queue, and the overflow may have more of the project. What is released before
// an error is counted, too.
Result<void> link_and_release(const Environment& environment, const Path& home, outbox::Outbox& outbox,
                              const outbox::Link& link, std::uint64_t& released) {
  const auto limit =
      settings::load_settings(*environment.disk, home).value_or(settings::Settings{}).queue_limit;
  for (;;) {
    PAW_TRY(outcome, outbox.link(link, true));
    released += outcome.released;
    PAW_TRY(refilled, outbox.refill(limit));
    if (refilled.queued == 0) return {};
  }
}

}  // namespace

Result<WaitingHere> waiting_here(outbox::Outbox& outbox, const outbox::Link& link) {
  WaitingHere waiting;
  PAW_TRY(unlinked, outbox.unlinked_pending(link.project_uuid, link.repo_instance));
  PAW_TRY(left_behind, outbox.left_behind(link));
  PAW_TRY(overflow, outbox.overflow());
  waiting.unlinked = unlinked;
  waiting.left_behind = left_behind;
  const outbox::Destination there{link.server_origin, link.team_slug};
  for (const auto& [from_and_to, events] : overflow.events) {
    if (from_and_to.project_uuid != link.project_uuid || from_and_to.repo_instance != link.repo_instance)
      continue;
    if (!from_and_to.destination) waiting.unlinked += events;
    if (from_and_to.destination == there) waiting.left_behind += events;
  }
  return waiting;
}

Result<std::vector<outbox::Outbox::EarlierLinks>> earlier_links(outbox::Outbox& outbox,
                                                                const outbox::Link& active) {
  std::vector<outbox::Outbox::EarlierLinks> earlier;
  PAW_TRY(looked, outbox.at_one_moment([&]() -> Result<void> {
    PAW_TRY(overflow, outbox.overflow());
    PAW_TRY(found, outbox.earlier_links(active.project_uuid, active.repo_instance, overflow));
    earlier = std::move(found);
    return {};
  }));
  return earlier;
}

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

bool can_ask(const Context& context) {
  return context.terminal.input && context.terminal.errors && !context.json;
}

bool ask_on_terminal(const Context& context, std::string_view question) {
  if (!can_ask(context)) return false;
  std::fputs(fmt::format("{} [y/N] ", printable(question, true)).c_str(), stderr);
  char* line = nullptr;
  std::size_t room = 0;
  const ssize_t length = ::getline(&line, &room, stdin);
  std::string answer = length > 0 ? std::string(line, static_cast<std::size_t>(length)) : std::string();
  std::free(line);
  if (answer.ends_with('\n')) answer.pop_back();
  return answer == "y" || answer == "Y" || answer == "yes";
}

namespace {

// Nothing that is for another destination is sent to this one unasked.
void tell_of_earlier_links(Context& context, outbox::Outbox& outbox, const outbox::Link& link) {
  const auto earlier = earlier_links(outbox, link);
  if (!earlier) return context.warnings.add("earlier-kept", earlier.error().message, "pawprint sync status");
  std::uint64_t waiting = 0;
  for (const auto& each : *earlier) waiting += each.waiting;
  if (waiting == 0) return;
  context.warnings.add(
      "earlier-kept",
      fmt::format("not sent: {} for an earlier link of this project", counted(waiting, "event")),
      "pawprint sync move");
}

}  // namespace

Result<Report> link_project(Context& context, const project::Home& home, const credentials::Session& session,
                            Release release) {
  PAW_TRY(here, project_here(context, home, IdentityAccess::backfill));
  if (!here.identity.linkable || !here.identity.uuid) return cannot_link(here);
  PAW_TRY(outbox, writable_queue(context, home));
  const outbox::Link link = link_for(here.identity, session);
  PAW_TRY(waiting, waiting_here(*outbox, link));
  const bool along = releases(context, release, waiting.unlinked, session);
  PAW_TRY(outcome, outbox->link(link, false));
  std::uint64_t released = 0;
  std::optional<Error> stopped;
  if (along) {
    auto sent_along = link_and_release(context.environment, home.directory, *outbox, link, released);
    if (!sent_along) stopped = std::move(sent_along).error();
  }
  const std::uint64_t left_behind = outcome.changed ? waiting.left_behind : 0;
  const std::uint64_t kept = waiting.unlinked - std::min(waiting.unlinked, released);
  Report report;
  report.data["project_uuid"] = *here.identity.uuid;
  report.data["origin"] = session.origin;
  report.data["team_slug"] = session.team_slug;
  report.data["released"] = released;
  report.data["kept"] = kept;
  report.data["changed"] = outcome.changed;
  report.text =
      fmt::format("{} {} {} at {} as {}\n", here.identity.slug, outcome.changed ? "now goes to" : "goes to",
                  session.team_slug, session.origin, session.username);
  if (left_behind > 0)
    report.text += fmt::format("sent along: {} that waited for this link\n", counted(left_behind, "event"));
  if (released > 0)
    report.text += fmt::format("sent along: {} from before the link\n", counted(released, "event"));
  if (stopped) {
    context.warnings.add("release-stopped",
                         fmt::format("the link is made, but not all that waited goes along: {}; not sent: {} "
                                     "from before the link",
                                     stopped->message, counted(kept, "event")),
                         stopped->hint.empty() ? "pawprint sync link --release" : stopped->hint);
  } else if (kept > 0) {
    context.warnings.add("unlinked-kept",
                         fmt::format("not sent: {} from before the link", counted(kept, "event")),
                         "pawprint sync link --release");
  }
  tell_of_earlier_links(context, *outbox, link);
  return report;
}

}  // namespace pawprint::cli
