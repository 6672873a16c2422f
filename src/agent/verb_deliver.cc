#include "agent/verbs.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "outbox/clock.h"
#include "sync/deliver.h"

namespace pawprint::agent {
namespace {

boost::json::object data_of(const sync::DeliverySummary& summary) {
  return {{"attempted", summary.attempted},  {"success", summary.success}, {"duplicate", summary.duplicate},
          {"parked", summary.parked},        {"unknown", summary.unknown}, {"remaining", summary.remaining},
          {"stopped_by", summary.stopped_by}};
}

// What this machine does next is numbered after everything that the hub has of the team.
Result<void> catch_up(Context& context, outbox::Outbox& outbox, std::uint64_t reported) {
  outbox::LamportClock clock(context.environment, context.home.directory,
                             project::machine_node_id(context.environment, context.home));
  PAW_TRY(high_water, outbox.high_water());
  PAW_TRY(value, clock.value(high_water));
  if (reported <= value) return {};
  return clock.receive(reported, high_water, context.warnings);
}

Result<FileLock> alone(const Context& context) {
  Result<FileLock> held =
      FileLock::acquire(context.home.directory / "agent.lock", context.wait_for_other_delivery);
  if (!held && held.error().kind == ErrorKind::busy) {
    return fail(ErrorKind::busy, "another delivery of this machine is under way", "pawprint sync status");
  }
  return held;
}

}  // namespace

Result<Reply> deliver(Context& context, const Invocation&) {
  PAW_TRY(existing, outbox::Outbox::open_existing(context.environment, context.home.directory));
  if (!existing) {
    sync::DeliverySummary nothing;
    nothing.stopped_by = sync::name_of(sync::StopReason::empty);
    return Reply{.data = data_of(nothing), .error = std::nullopt};
  }
  PAW_TRY(only_delivery, alone(context));
  PAW_TRY(outbox, outbox::Outbox::open(context.environment, context.home.directory));
  credentials::SessionStore sessions = context.sessions();
  const sync::Means means{context.environment, outbox, context.http, context.waiter, context.interrupted};
  PAW_TRY(summary, sync::deliver(means, sessions, context.progress));
  if (summary.highest_clock) {
    if (auto seen = catch_up(context, outbox, *summary.highest_clock); !seen) {
      context.warnings.add("clock", seen.error().message, seen.error().hint);
    }
  }
  return Reply{.data = data_of(summary), .error = summary.problem};
}

}  // namespace pawprint::agent
