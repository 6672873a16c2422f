#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/link_project.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "outbox/outbox.h"
#include "project/home.h"

namespace pawprint::cli {
namespace {

Result<outbox::QueuedRow> parked_row(outbox::Outbox& outbox, const std::string& event_id) {
  PAW_TRY(row, outbox.row(event_id));
  if (row && row->state == outbox::RowState::parked) return *std::move(row);
  const std::string why = row ? fmt::format("it is {}, not parked", name_of(row->state))
                              : std::string("the queue does not have it");
  return fail(ErrorKind::failed, fmt::format("cannot discard event {}: {}", event_id, why),
              "pawprint sync list --state parked");
}

}  // namespace

Result<Report> run_sync_discard(Context& context, const Arguments& arguments) {
  PAW_TRY(event_id, event_id_argument(arguments.positionals.front()));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(existing, existing_queue(context, home));
  if (!existing) {
    return fail(ErrorKind::failed, fmt::format("cannot discard event {}: there is no queue", event_id),
                "pawprint sync status");
  }
  PAW_TRY(row, parked_row(*existing, event_id));
  if (!arguments.flag("--yes")) {
    const bool can_ask = context.terminal.input && context.terminal.errors && !context.json;
    if (!can_ask) {
      return fail(ErrorKind::usage, "there is no terminal to ask on: say --yes to give the event up",
                  fmt::format("pawprint sync discard {} --yes", event_id));
    }
    if (!ask_on_terminal(
            context, fmt::format("{}Give this event up? No hub will ever get it.", queued_event_line(row)))) {
      return fail(ErrorKind::interrupted, fmt::format("event {} stays parked", event_id));
    }
  }
  PAW_TRY(outbox, outbox::Outbox::open(context.environment, home.directory));
  PAW_TRY(discarded, outbox.discard(event_id));
  Report report;
  report.data["event_id"] = event_id;
  report.data["discarded"] = true;
  report.text = fmt::format("{} is given up; it stays visible: pawprint sync show {}\n", event_id, event_id);
  return report;
}

}  // namespace pawprint::cli
