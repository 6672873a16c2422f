#include "hub/access/device_grants.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/address_account.h"
#include "hub/identity/opaque_token.h"

namespace pawprint::hub::access {
namespace {

constexpr std::string_view kDevicePrefix = "pdc_";
// RFC 8628, 6.1: no vowels, so that no words come about; nothing that looks like something else.
constexpr std::string_view kLetters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t kUserCodeLetters = 8;
constexpr std::int64_t kLifetimeMs = kDeviceLifetimeSeconds * 1000;
constexpr std::int64_t kToldAgainMs = 30'000;

// Every letter with the same likelihood: bytes that would favour some are passed over.
std::string random_letters(Random& random) {
  constexpr std::size_t kFairBytes = 256 / kLetters.size() * kLetters.size();
  std::string letters;
  while (letters.size() < kUserCodeLetters) {
    std::array<std::byte, 2 * kUserCodeLetters> bytes{};
    random.fill(bytes);
    for (const std::byte byte : bytes) {
      const auto value = std::to_integer<std::size_t>(byte);
      if (value < kFairBytes && letters.size() < kUserCodeLetters)
        letters += kLetters[value % kLetters.size()];
    }
  }
  return letters;
}

std::string letters_in(std::string_view typed) {
  std::string letters;
  for (const char c : typed) {
    if (c >= 'A' && c <= 'Z') letters += c;
    if (c >= 'a' && c <= 'z') letters += static_cast<char>(c - 'a' + 'A');
    if (letters.size() > kUserCodeLetters) break;
  }
  return letters;
}

}  // namespace

std::string DeviceGrants::unused_user_code() {
  std::string code = random_letters(random_);
  while (by_user_code_.contains(code)) code = random_letters(random_);
  return code;
}

// What has expired is remembered as long again, so that a device hears why.
void DeviceGrants::forget_old(std::int64_t now_ms) {
  std::erase_if(grants_, [&](const auto& entry) {
    const bool old = entry.second.expires_at_ms + kLifetimeMs <= now_ms;
    if (old) by_user_code_.erase(entry.second.user_code);
    return old;
  });
}

std::optional<DeviceCodes> DeviceGrants::begin(DeviceRequest request) {
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  forget_old(now_ms);
  std::string account = account_of_address(request.address);
  const auto from_there = std::ranges::count_if(grants_, [&](const auto& entry) {
    return entry.second.account == account && entry.second.expires_at_ms > now_ms;
  });
  if (grants_.size() >= kMaxDevicesWaiting || static_cast<std::size_t>(from_there) >= kMaxDevicesPerAddress) {
    return std::nullopt;
  }
  DeviceCodes codes{identity::new_opaque_token(kDevicePrefix, random_), unused_user_code()};
  const auto hash = identity::opaque_token_hash(kDevicePrefix, codes.device_code);
  by_user_code_[codes.user_code] = *hash;
  Grant& grant = grants_[*hash];
  grant.request = std::move(request);
  grant.account = std::move(account);
  grant.user_code = codes.user_code;
  grant.expires_at_ms = now_ms + kLifetimeMs;
  codes.user_code.insert(kUserCodeLetters / 2, "-");
  return codes;
}

DeviceGrants::Grant* DeviceGrants::waiting(std::string_view user_code, std::int64_t now_ms) {
  const auto found = by_user_code_.find(letters_in(user_code));
  if (found == by_user_code_.end()) return nullptr;
  Grant& grant = grants_.at(found->second);
  if (grant.state != DeviceState::pending || grant.expires_at_ms <= now_ms) return nullptr;
  return &grant;
}

std::optional<DeviceRequest> DeviceGrants::find(std::string_view user_code) {
  const std::scoped_lock lock(mutex_);
  const Grant* grant = waiting(user_code, clock_.monotonic_ms());
  if (grant == nullptr) return std::nullopt;
  return grant->request;
}

bool DeviceGrants::decide(std::string_view user_code, std::optional<DeviceApproval> approval) {
  const std::scoped_lock lock(mutex_);
  Grant* grant = waiting(user_code, clock_.monotonic_ms());
  if (grant == nullptr) return false;
  grant->state = approval ? DeviceState::approved : DeviceState::denied;
  if (approval) grant->approval = *std::move(approval);
  return true;
}

DevicePoll DeviceGrants::poll(std::string_view device_code) {
  const auto hash = identity::opaque_token_hash(kDevicePrefix, device_code);
  if (!hash) return {};
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  const auto found = grants_.find(*hash);
  if (found == grants_.end()) return {};
  Grant& grant = found->second;
  if (grant.answered_at_ms && *grant.answered_at_ms + kToldAgainMs <= now_ms) return {};
  if (!grant.answered_at_ms && grant.expires_at_ms <= now_ms) return {DeviceState::expired};
  const bool hasty = grant.polled_at_ms && now_ms - *grant.polled_at_ms < grant.interval_ms;
  grant.polled_at_ms = now_ms;
  if (hasty) {
    grant.interval_ms += kDeviceIntervalSeconds * 1000;
    return {DeviceState::slow_down};
  }
  if (grant.state != DeviceState::approved) return {grant.state};
  return {DeviceState::approved, grant.approval, grant.session_id};
}

void DeviceGrants::note_session(std::string_view device_code, std::string_view session_id) {
  const auto hash = identity::opaque_token_hash(kDevicePrefix, device_code);
  const std::scoped_lock lock(mutex_);
  const auto found = hash ? grants_.find(*hash) : grants_.end();
  if (found == grants_.end()) return;
  if (!found->second.answered_at_ms) found->second.answered_at_ms = clock_.monotonic_ms();
  found->second.session_id = session_id;
}

}  // namespace pawprint::hub::access
