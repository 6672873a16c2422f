#include <boost/json/value.hpp>

#include "base/clock_source.h"
#include "base/counted.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "outbox/decide.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "protocol/json.h"

namespace pawprint::cli {
namespace {

std::string shown(const outbox::QueuedRow& row) {
  std::string text = fmt::format("event     {}\nstate     {}\n", row.event_id, state_word(row));
  if (!row.reason.empty()) text += fmt::format("reason    {}\n", row.reason);
  if (!row.spilled) {
    text += fmt::format("refused   {}\nqueued    {}\n", counted(row.attempts, "time"),
                        rfc3339_utc(row.queued_at_ms));
  }
  text += row.destination
              ? fmt::format("goes to   {} at {}\n", row.destination->team_slug, row.destination->origin)
          : row.link_unknown ? std::string("goes to   not known: the queue cannot be read\n")
                             : std::string("goes to   nowhere, its project was not linked\n");
  text += fmt::format("project   {}\n{}\n", row.project_uuid.value_or("none"), row.data);
  if (row.state == outbox::RowState::parked)
    text += fmt::format("send it again: pawprint sync retry {}\n", row.event_id);
  if (row.link_ended && row.state == outbox::RowState::pending)
    text += "send it to where its project is linked now: pawprint sync move, in its project\n";
  if (outbox::may_be_given_up(row))
    text += fmt::format("give it up: pawprint sync discard {}\n", row.event_id);
  return text;
}

}  // namespace

Result<Report> run_sync_show(Context& context, const Arguments& arguments) {
  PAW_TRY(event_id, event_id_argument(arguments.positionals.front()));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(row, find_event(context, home, event_id));
  if (!row) {
    return fail(ErrorKind::failed, fmt::format("cannot show event {}: the queue does not have it", event_id),
                "pawprint sync list");
  }
  Report report;
  report.data = queued_event_json(*row);
  const auto event = protocol::parse_json(row->data);
  report.data["event"] = event ? *event : boost::json::value(nullptr);
  report.data["data"] = row->data;
  report.text = shown(*row);
  return report;
}

}  // namespace pawprint::cli
