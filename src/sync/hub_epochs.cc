#include "sync/hub_epochs.h"

#include <algorithm>

#include "base/format.h"
#include "base/sabotage.h"
#include "sync/patience.h"

namespace pawprint::sync {
namespace {

std::string events(std::uint64_t count) {
  return fmt::format("{} event{}", count, count == 1 ? "" : "s");
}

}  // namespace

Result<void> HubEpochs::hear(const outbox::Link& link, const std::string& epoch) {
  if (epoch.empty() || put_back_.contains(link.link_id) || sabotaged("epoch-ignored")) return {};
  PAW_TRY(restored, patiently([&] { return outbox_.hear_epoch(link, epoch); }));
  if (!restored) return {};
  put_back_.insert(link.link_id);
  outbox::Restored& all = restored_[link.server_origin];
  all.again += restored->again;
  all.not_kept += restored->not_kept;
  all.not_kept_until_ms = std::max(all.not_kept_until_ms, restored->not_kept_until_ms);
  return {};
}

std::uint64_t HubEpochs::again() const {
  std::uint64_t again = 0;
  for (const auto& [origin, restored] : restored_) again += restored.again;
  return again;
}

void HubEpochs::report_to(Warnings& warnings) const {
  for (const auto& [origin, restored] : restored_) {
    std::string message =
        fmt::format("{} came back from a backup: sending {} again", origin, events(restored.again));
    if (restored.not_kept > 0 && restored.not_kept_until_ms) {
      message += fmt::format(
          "; {} delivered until {} are not kept here any more, and the hub has them only if "
          "its backup does",
          events(restored.not_kept), rfc3339_utc(*restored.not_kept_until_ms));
    }
    warnings.add("hub-restored " + origin, std::move(message), "pawprint sync status");
  }
}

}  // namespace pawprint::sync
