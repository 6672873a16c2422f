#include "hub/access/throttle.h"

#include <algorithm>
#include <string>

#include "base/address_account.h"

namespace pawprint::hub::access {
namespace {

// The store compares addresses of users without regard to ASCII case, so this must too.
Digest key_of(std::string_view email, std::string_view address) {
  std::string key(email);
  std::ranges::transform(key, key.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  key += '\0';
  key += account_of_address(address);
  return sha256(key);
}

}  // namespace

std::int64_t Throttle::wait_ms(std::string_view email, std::string_view address) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(key_of(email, address));
  if (found == failures_.end() || found->second.size() < kMaxFailures) return 0;
  return std::max<std::int64_t>(0, found->second.front() + kFailureWindowMs - now_ms);
}

void Throttle::failed(std::string_view email, std::string_view address) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::lock_guard lock(mutex_);
  auto& when = failures_[key_of(email, address)];
  when.push_back(now_ms);
  while (when.size() > kMaxFailures || when.front() + kFailureWindowMs <= now_ms) when.pop_front();
  make_room(now_ms);
}

void Throttle::succeeded(std::string_view email, std::string_view address) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key_of(email, address));
}

// Drops what has lapsed; if that is not enough, whoever failed longest ago.
void Throttle::make_room(std::int64_t now_ms) {
  if (failures_.size() <= kMaxThrottledPairs) return;
  std::erase_if(failures_,
                [now_ms](const auto& pair) { return pair.second.back() + kFailureWindowMs <= now_ms; });
  if (failures_.size() <= kMaxThrottledPairs) return;
  failures_.erase(
      std::ranges::min_element(failures_, {}, [](const auto& pair) { return pair.second.back(); }));
}

}  // namespace pawprint::hub::access
