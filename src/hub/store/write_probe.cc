#include "hub/store/write_probe.h"

namespace pawprint::hub::store {
namespace {

constexpr std::int64_t kOutcomeHoldsMs = 1000;

}  // namespace

Result<void> WriteProbe::check() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now_ms = database_.clock().monotonic_ms();
  if (!outcome_ || now_ms - tried_at_ms_ >= kOutcomeHoldsMs) {
    tried_at_ms_ = now_ms;
    outcome_ = write_something();
  }
  return *outcome_;
}

Result<void> WriteProbe::write_something() {
  PAW_TRY(write, database_.write());
  PAW_TRY(written, write.execute("UPDATE hub_meta SET write_probes = write_probes + 1"));
  return write.commit();
}

}  // namespace pawprint::hub::store
