#include <algorithm>
#include <boost/json/array.hpp>

#include "base/counted.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "base/url.h"
#include "cli/command_functions.h"
#include "cli/link_project.h"
#include "settings/settings.h"

namespace pawprint::cli {
namespace {

using Earlier = outbox::Outbox::EarlierLinks;

struct Move {
  std::string slug;  // of the project
  outbox::Link to;
  std::vector<Earlier> from;
  std::uint64_t waiting = 0;
};

// What came of it. An error on the way leaves each event where it was or where it is to go.
struct Moved {
  std::vector<std::uint64_t> events;  // of each that they are from
  std::optional<Error> stopped;
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t each : events) sum += each;
    return sum;
  }
};

std::string destination_text(std::string_view team_slug, std::string_view origin) {
  return fmt::format("{} at {}", team_slug, origin);
}

std::string move_command(const std::optional<std::string>& from) {
  return "pawprint sync move" + (from ? " --from " + shell_word(*from) : "");
}

// "acme at https://a" or "acme at https://a (2), beta at https://b (1)".
std::string list_of(const std::vector<Earlier>& earlier) {
  std::string text;
  for (const Earlier& each : earlier) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ",
                        destination_text(each.destination.team_slug, each.destination.origin));
    if (earlier.size() > 1) text += fmt::format(" ({})", each.waiting);
  }
  return text;
}

std::unexpected<Error> no_such(const std::string& from, const std::vector<Earlier>& earlier) {
  std::string message = fmt::format("this project has no earlier link to {}", from);
  if (earlier.empty()) return fail(ErrorKind::usage, message + ", nor any other", "pawprint sync status");
  std::string known;
  for (const auto& [to, links, waiting] : earlier)
    known += fmt::format("{}{}/{}", known.empty() ? "; it had: " : ", ", to.origin, to.team_slug);
  const outbox::Destination& first = earlier.front().destination;
  return fail(ErrorKind::usage, message + known,
              move_command(fmt::format("{}/{}", first.origin, first.team_slug)));
}

// Leaves those that are meant by ORIGIN or ORIGIN/TEAM.
Result<void> keep_only(std::vector<Earlier>& earlier, const std::string& from) {
  PAW_TRY(origin, normalised_origin(from));
  PAW_TRY(url, parse_url(from));
  std::string_view team = std::string_view(url.target).substr(1);
  if (team.ends_with('/')) team.remove_suffix(1);
  std::vector<Earlier> meant;
  std::ranges::copy_if(earlier, std::back_inserter(meant), [&](const Earlier& each) {
    return each.destination.origin == origin && (team.empty() || each.destination.team_slug == team);
  });
  if (meant.empty()) return no_such(from, earlier);
  earlier = std::move(meant);
  return {};
}

Result<Move> look(Context& context, const project::Home& home, const std::optional<std::string>& from) {
  PAW_TRY(here, project_here(context, home, IdentityAccess::read));
  if (here.identity.unreadable) return std::unexpected(*here.identity.unreadable);
  Move move{.slug = here.identity.slug, .to = {}, .from = {}};
  PAW_TRY(outbox, existing_queue(context, home));
  std::optional<outbox::Link> link;
  if (outbox && here.identity.uuid) {
    PAW_TRY(active, outbox->active_link(*here.identity.uuid, here.identity.repo_instance));
    link = std::move(active);
  }
  if (!link) {
    return fail(ErrorKind::failed,
                fmt::format("cannot move events of {}: it is not linked to where they could go", move.slug),
                "pawprint sync link");
  }
  PAW_TRY(earlier, earlier_links(*outbox, *link));
  if (from) {
    PAW_TRY(kept, keep_only(earlier, *from));
  }
  std::erase_if(earlier, [](const Earlier& each) { return each.waiting == 0; });
  for (const Earlier& each : earlier) move.waiting += each.waiting;
  move.from = std::move(earlier);
  move.to = *std::move(link);
  return move;
}

Result<void> check_is_wanted(Context& context, const Move& move, const Arguments& arguments) {
  if (arguments.flag("--yes")) return {};
  if (!can_ask(context)) {
    return fail(ErrorKind::usage, "there is no terminal to ask on: say --yes to move the events",
                move_command(arguments.value("--from")) + " --yes");
  }
  const std::string question =
      fmt::format("{} of this project waiting for an earlier link: {}. Send to {} instead?",
                  counted(move.waiting, "event"), list_of(move.from),
                  destination_text(move.to.team_slug, move.to.server_origin));
  if (ask_on_terminal(context, question)) return {};
  return fail(ErrorKind::interrupted, "the events stay where they are");
}

Result<void> adopt_all(outbox::Outbox& outbox, const Move& move, Moved& moved) {
  for (std::size_t at = 0; at < move.from.size(); ++at) {
    for (const outbox::Link& link : move.from[at].links) {
      for (std::uint64_t rows = 1; rows > 0; moved.events[at] += rows) {
        PAW_TRY(adopted, outbox.adopt(link, move.to));
        rows = adopted;
      }
    }
  }
  return {};
}

// What is adopted makes room in the queue, where the overflow may have more for the same links.
Result<void> adopt_with_overflow(Context& context, const Path& home, outbox::Outbox& outbox, const Move& move,
                                 Moved& moved) {
  PAW_TRY(settings, settings::load_settings(*context.environment.disk, home));
  for (;;) {
    PAW_TRY(adopted, adopt_all(outbox, move, moved));
    PAW_TRY(refilled, outbox.refill(settings.queue_limit));
    outbox::report(refilled, home, context.warnings);
    if (refilled.queued == 0) return {};
  }
}

Report report_of(const Move& move, const Moved& moved) {
  boost::json::array from;
  Report report;
  for (std::size_t at = 0; at < move.from.size(); ++at) {
    const outbox::Destination& each = move.from[at].destination;
    from.push_back(boost::json::object{
        {"origin", each.origin}, {"team_slug", each.team_slug}, {"moved", moved.events[at]}});
    report.text += fmt::format("moved: {} that waited for {}\n", counted(moved.events[at], "event"),
                               destination_text(each.team_slug, each.origin));
  }
  report.data["moved"] = moved.total();
  report.data["kept"] = move.waiting - std::min(move.waiting, moved.total());
  report.data["origin"] = move.to.server_origin;
  report.data["team_slug"] = move.to.team_slug;
  report.data["from"] = std::move(from);
  report.text += move.from.empty() ? fmt::format("nothing of {} waits for an earlier link\n", move.slug)
                                   : fmt::format("to deliver to {}: pawprint sync now\n",
                                                 destination_text(move.to.team_slug, move.to.server_origin));
  return report;
}

}  // namespace

Result<Report> run_sync_move(Context& context, const Arguments& arguments) {
  PAW_TRY(home, project::find_home(context.environment));
  const auto from = arguments.value("--from");
  PAW_TRY(move, look(context, home, from));
  Moved moved{.events = std::vector<std::uint64_t>(move.from.size()), .stopped = std::nullopt};
  if (move.from.empty()) return report_of(move, moved);
  PAW_TRY(wanted, check_is_wanted(context, move, arguments));
  PAW_TRY(outbox, writable_queue(context, home));
  if (auto done = adopt_with_overflow(context, home.directory, *outbox, move, moved); !done)
    moved.stopped = std::move(done).error();
  Report report = report_of(move, moved);
  const std::uint64_t total = moved.total();
  if (moved.stopped) {
    report.error = std::move(moved.stopped);
    report.error->message += fmt::format(" (moved by then: {} of {})", total, move.waiting);
    if (report.error->hint.empty()) report.error->hint = move_command(from);
  } else if (total < move.waiting) {
    context.warnings.add("move-incomplete",
                         fmt::format("not moved: {}, which another command may have had under way",
                                     counted(move.waiting - total, "event")),
                         move_command(from));
  }
  return report;
}

}  // namespace pawprint::cli
