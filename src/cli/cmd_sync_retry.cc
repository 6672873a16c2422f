#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "outbox/outbox.h"
#include "project/home.h"

namespace pawprint::cli {
namespace {

Result<std::uint64_t> retry(Context& context, const std::optional<std::string>& event_id) {
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(existing, existing_queue(context, home));
  if (!existing) {
    if (!event_id) return 0;
    return fail(ErrorKind::failed, fmt::format("cannot retry event {}: there is no queue", *event_id),
                "pawprint sync status");
  }
  PAW_TRY(outbox, writable_queue(context, home));
  if (!event_id) return outbox->retry_all();
  PAW_TRY(retried, outbox->retry(*event_id));
  return 1;
}

}  // namespace

Result<Report> run_sync_retry(Context& context, const Arguments& arguments) {
  const bool all = arguments.flag("--all");
  if (all == !arguments.positionals.empty()) {
    return fail(ErrorKind::usage,
                all ? "an id and --all exclude each other" : "name an event, or all with --all",
                "pawprint sync list --state parked");
  }
  std::optional<std::string> event_id;
  if (!all) {
    PAW_TRY(named, event_id_argument(arguments.positionals.front()));
    event_id = std::move(named);
  }
  PAW_TRY(retried, retry(context, event_id));
  Report report;
  report.data["retried"] = retried;
  report.text = retried == 0 ? std::string("nothing is parked\n")
                             : fmt::format("{} queued again; to deliver: pawprint sync now\n", retried);
  return report;
}

}  // namespace pawprint::cli
