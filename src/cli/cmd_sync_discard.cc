#include "base/file_lock.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/link_project.h"
#include "cli/queued_event.h"
#include "outbox/decide.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "settings/settings.h"

namespace pawprint::cli {
namespace {

// The overflow is emptied into the queue alone, so that is where an event is given up.
Result<void> take_into_queue(const Environment& environment, outbox::Outbox& outbox, const Path& home,
                             const std::string& event_id) {
  PAW_TRY(settings, settings::load_settings(*environment.disk, home));
  PAW_TRY(refilled, outbox.refill(settings.queue_limit));
  PAW_TRY(row, outbox.row(event_id));
  if (row) return {};
  return fail(ErrorKind::failed,
              fmt::format("cannot discard event {}: it is in the overflow, and the queue has no room for it "
                          "before others are given up or linked",
                          event_id),
              "pawprint sync list --state pending");
}

// A delivery that began before the link was ended would settle what is gone.
Result<std::optional<FileLock>> without_deliveries(const Environment& environment, const Path& home,
                                                   const outbox::QueuedRow& row) {
  if (!row.destination) return std::nullopt;
  PAW_TRY(locks, lock_kind_for(*environment.disk, home));
  auto held = FileLock::acquire(home / "agent.lock", std::chrono::milliseconds(0), locks);
  if (held) return std::optional(*std::move(held));
  if (held.error().kind == ErrorKind::busy) {
    return fail(
        ErrorKind::busy,
        fmt::format("cannot discard event {}: a delivery is under way, which may have it", row.event_id),
        fmt::format("pawprint sync discard {}", row.event_id));
  }
  return std::unexpected(std::move(held).error());
}

std::string question_about(const outbox::QueuedRow& row) {
  const bool may_have_been_sent = row.destination && row.state == outbox::RowState::pending;
  return fmt::format("{}Give this event up? {}", queued_event_line(row),
                     may_have_been_sent ? "It will not be sent any more." : "No hub will ever get it.");
}

}  // namespace

Result<Report> run_sync_discard(Context& context, const Arguments& arguments) {
  PAW_TRY(event_id, event_id_argument(arguments.positionals.front()));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(row, find_event(context, home, event_id));
  PAW_TRY(allowed, outbox::check_may_be_given_up(event_id, row));
  if (!arguments.flag("--yes")) {
    if (!can_ask(context)) {
      return fail(ErrorKind::usage, "there is no terminal to ask on: say --yes to give the event up",
                  fmt::format("pawprint sync discard {} --yes", event_id));
    }
    if (!ask_on_terminal(context, question_about(*row))) {
      return fail(ErrorKind::interrupted, fmt::format("event {} stays {}", event_id, state_word(*row)));
    }
  }
  PAW_TRY(outbox, writable_queue(context, home));
  if (row->spilled) {
    PAW_TRY(taken, take_into_queue(context.environment, *outbox, home.directory, event_id));
  }
  PAW_TRY(now, outbox->row(event_id));  // while somebody was asked, it may have been linked
  PAW_TRY(alone, without_deliveries(context.environment, home.directory, now ? *now : *row));
  PAW_TRY(discarded, outbox->discard(event_id));
  Report report;
  report.data["event_id"] = event_id;
  report.data["discarded"] = true;
  report.text = fmt::format("{} is given up; it stays visible: pawprint sync show {}\n", event_id, event_id);
  return report;
}

}  // namespace pawprint::cli
