#include <algorithm>

#include "agent/verbs.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/clock.h"
#include "outbox/salvage.h"
#include "outbox/schema.h"
#include "settings/settings.h"
#include "sync/deliver.h"

namespace pawprint::agent {
namespace {

// `spilled`: what the overflow has, if that is known.
boost::json::object data_of(const sync::DeliverySummary& summary, std::optional<std::uint64_t> spilled) {
  const auto list = [](const std::vector<std::string>& origins) {
    return boost::json::array(origins.begin(), origins.end());
  };
  return {{"attempted", summary.attempted},
          {"success", summary.success},
          {"duplicate", summary.duplicate},
          {"parked", summary.parked},
          {"unknown", summary.unknown},
          {"again", summary.again},
          {"remaining", summary.remaining},
          {"unlinked", summary.unlinked},
          {"ended", summary.ended},
          {"spilled", spilled ? boost::json::value(*spilled) : boost::json::value(nullptr)},
          {"stopped_by", summary.stopped_by},
          {"asked", list(summary.asked)},
          {"unreached", list(summary.unreached)}};
}

// What this machine does next is numbered after everything that the hub has of the team.
Result<void> catch_up(Context& context, outbox::Outbox& outbox, std::uint64_t reported) {
  outbox::LamportClock clock(context.environment, context.home.directory,
                             project::machine_node_id(context.environment, context.home));
  PAW_TRY(queued, outbox.high_water());
  const outbox::KnownHighWater high_water(queued, false);  // what is in the overflow was not asked
  PAW_TRY(value, clock.value(high_water));
  if (reported <= value || sabotaged("hub-clock-unheard")) return {};
  return clock.receive(reported, high_water, context.warnings);
}

Result<FileLock> alone(const Context& context) {
  PAW_TRY(locks, lock_kind_for(*context.environment.disk, context.home.directory));
  Result<FileLock> held =
      FileLock::acquire(context.home.directory / "agent.lock", context.wait_for_other_delivery, locks);
  if (!held && held.error().kind == ErrorKind::busy) {
    return fail(ErrorKind::busy, "another delivery of this machine is under way", "pawprint sync status");
  }
  return held;
}

// What went to the overflow, as far as there is room now; how many events. What is in the way of that stops
// no delivery.
std::uint64_t refill(Context& context, outbox::Outbox& outbox) {
  const Path& home = context.home.directory;
  const auto settings =
      settings::load_settings_or_defaults(*context.environment.disk, home, context.warnings);
  const auto refilled = outbox.refill(settings.queue_limit);
  if (refilled) {
    outbox::report(*refilled, home, context.warnings);
    return refilled->queued;
  }
  context.warnings.add("spill", "the overflow stays where it is: " + refilled.error().message,
                       refilled.error().hint);
  return 0;
}

// Of the token of the environment, if anything is linked by one: no other delivery needs it.
Result<std::optional<sync::MachineSession>> machine_session(Context& context, outbox::Outbox& outbox) {
  PAW_TRY(token, credentials::machine_token(context.environment));
  if (!token) return std::nullopt;
  const auto by_token = [&](const outbox::Link& link) {
    return link.server_origin == token->origin &&
           (link.user_id == credentials::kMachineUser || sabotaged("token-for-every-link"));
  };
  PAW_TRY(waiting, outbox.waiting_links());
  PAW_TRY(heard, outbox.heard_links());
  if (std::ranges::none_of(waiting, by_token, &outbox::LinkQueue::link) &&
      std::ranges::none_of(heard, by_token)) {
    return std::nullopt;
  }
  return sync::MachineSession{token->origin, signin::session_of_machine(context.http, *token)};
}

// The counts of both; in everything else the later one is right.
sync::DeliverySummary joined(const sync::DeliverySummary& earlier, sync::DeliverySummary later) {
  later.attempted += earlier.attempted;
  later.success += earlier.success;
  later.duplicate += earlier.duplicate;
  later.parked += earlier.parked;
  later.unknown += earlier.unknown;
  later.again += earlier.again;
  later.highest_clock = std::max(later.highest_clock, earlier.highest_clock);
  return later;
}

// Until the overflow is empty too: sending makes room in the queue, and the overflow fills it again.
Result<sync::DeliverySummary> deliver_all(Context& context, outbox::Outbox& outbox) {
  credentials::SessionStore sessions = context.sessions();
  sync::Means means{context.environment, outbox,          context.http, context.waiter,
                    context.interrupted, context.warnings};
  std::optional<sync::DeliverySummary> all;
  for (;;) {
    const std::uint64_t refilled = refill(context, outbox);
    if (all && refilled == 0) return *std::move(all);
    if (!means.machine) {
      PAW_TRY(machine, machine_session(context, outbox));
      means.machine = std::move(machine);
    }
    auto delivered = sync::deliver(means, sessions, context.progress);
    outbox.report_to(context.warnings);
    PAW_TRY(summary, std::move(delivered));
    const bool goes_on = !summary.problem && summary.success + summary.duplicate > 0;
    all = all ? joined(*all, std::move(summary)) : std::move(summary);
    if (!goes_on) return *std::move(all);
  }
}

}  // namespace

Result<Reply> deliver(Context& context, const Invocation&) {
  PAW_TRY(usable_token, credentials::machine_token(context.environment));
  PAW_TRY(queue, context.environment.disk->status(context.home.directory / outbox::kDatabase));
  PAW_TRY(spill, context.environment.disk->status(context.home.directory / "spill"));
  PAW_TRY(set_aside, outbox::is_salvage_to_be_finished(*context.environment.disk, context.home.directory));
  if (!queue && !spill && !set_aside) {
    sync::DeliverySummary nothing;
    nothing.stopped_by = sync::name_of(sync::StopReason::empty);
    return Reply{.data = data_of(nothing, 0), .error = std::nullopt};
  }
  PAW_TRY(only_delivery, alone(context));
  PAW_TRY(outbox, outbox::Outbox::open(context.environment, context.home.directory));
  const auto mended = outbox.mend_if_damaged();
  outbox.report_to(context.warnings);
  if (!mended) {
    context.warnings.add(
        "outbox-unchecked",
        "the queue could not be looked through for damage and mended: " + mended.error().message,
        "pawprint doctor");
  }
  PAW_TRY(summary, deliver_all(context, outbox));
  if (summary.highest_clock) {
    if (auto seen = catch_up(context, outbox, *summary.highest_clock); !seen) {
      context.warnings.add("clock", seen.error().message, seen.error().hint);
    }
  }
  const auto overflow = outbox.overflow();
  const auto spilled = overflow ? std::optional(overflow->total()) : std::nullopt;
  return Reply{.data = data_of(summary, spilled), .error = summary.problem};
}

}  // namespace pawprint::agent
