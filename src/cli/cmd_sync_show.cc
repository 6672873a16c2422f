#include <boost/json/value.hpp>

#include "base/clock_source.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "protocol/json.h"

namespace pawprint::cli {
namespace {

std::string shown(const outbox::QueuedRow& row) {
  std::string text = fmt::format("event     {}\nstate     {}\n", row.event_id, name_of(row.state));
  if (!row.reason.empty()) text += fmt::format("reason    {}\n", row.reason);
  text += fmt::format("refused   {} times\nqueued    {}\n", row.attempts, rfc3339_utc(row.queued_at_ms));
  text += row.destination
              ? fmt::format("goes to   {} at {}\n", row.destination->team_slug, row.destination->origin)
              : std::string("goes to   nowhere, its project was not linked\n");
  text += fmt::format("project   {}\n{}\n", row.project_uuid.value_or("none"), row.data);
  if (row.state == outbox::RowState::parked) {
    text += fmt::format("send it again: pawprint sync retry {0}\ngive it up: pawprint sync discard {0}\n",
                        row.event_id);
  }
  return text;
}

}  // namespace

Result<Report> run_sync_show(Context& context, const Arguments& arguments) {
  PAW_TRY(event_id, event_id_argument(arguments.positionals.front()));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(outbox, outbox::Outbox::open_existing(context.environment, home.directory));
  std::optional<outbox::QueuedRow> row;
  if (outbox) {
    PAW_TRY(found, outbox->row(event_id));
    row = std::move(found);
  }
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
