// Sign-ins of devices that cannot ask for a password (RFC 8628), while they wait for somebody's decision.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock_source.h"
#include "base/hash.h"
#include "base/random.h"

namespace pawprint::hub::access {

inline constexpr std::int64_t kDeviceLifetimeSeconds = 900;
inline constexpr std::int64_t kDeviceIntervalSeconds = 5;  // between two polls; 5 more after each slow_down
inline constexpr std::size_t kMaxDevicesWaiting = 10'000;
inline constexpr std::size_t kMaxDevicesPerAddress = 100;  // or IPv6 network

// What a device says of itself; nothing of it is known to be true but the address.
struct DeviceRequest {
  std::string client_id;
  std::string machine;    // its name; may be empty
  std::string team_slug;  // the team it would like; may be empty
  std::string address;
};

struct DeviceCodes {
  std::string device_code;  // the device's secret: "pdc_" and 32 bytes as base64url
  std::string user_code;    // for people to type: "WDJB-MJHT", without vowels, digits and case
};

struct DeviceApproval {
  std::string user_id;
  std::string team_id;
};

enum class DeviceState { pending, slow_down, denied, expired, unknown, approved };

struct DevicePoll {
  DeviceState state = DeviceState::unknown;
  DeviceApproval approval = {};     // for approved
  std::string former_session = {};  // what an answer that may have got lost began; empty if none was made
};

// Thread-safe. In memory, and of device codes only hashes: a hub that starts anew knows none, and people
// start again. Clock and random outlive it.
class DeviceGrants {
 public:
  DeviceGrants(ClockSource& clock, Random& random) : clock_(clock), random_(random) {}

  // nullopt: too many wait already, from everywhere or from that address.
  std::optional<DeviceCodes> begin(DeviceRequest request);

  // Who waits for a decision under a code as somebody typed it: case and punctuation do not matter.
  std::optional<DeviceRequest> find(std::string_view user_code);

  // Without an approval it is denied. false: nobody waits under that code (any more).
  bool decide(std::string_view user_code, std::optional<DeviceApproval> approval);

  // What a device that asks is to be told. An approval is told again for 30 s, in case its answer gets lost.
  DevicePoll poll(std::string_view device_code);
  // The session that an approved device was given.
  void note_session(std::string_view device_code, std::string_view session_id);

 private:
  struct Grant {
    DeviceRequest request;
    std::string account;    // of its address
    std::string user_code;  // letters only
    std::int64_t expires_at_ms = 0;
    std::int64_t interval_ms = kDeviceIntervalSeconds * 1000;
    std::optional<std::int64_t> polled_at_ms;
    DeviceState state = DeviceState::pending;
    DeviceApproval approval;
    std::optional<std::int64_t> answered_at_ms;
    std::string session_id;
  };
  Grant* waiting(std::string_view user_code, std::int64_t now_ms);
  void forget_old(std::int64_t now_ms);
  std::string unused_user_code();

  ClockSource& clock_;
  Random& random_;
  std::mutex mutex_;
  std::map<Digest, Grant> grants_;  // by the hash of the device code
  std::map<std::string, Digest, std::less<>> by_user_code_;
};

}  // namespace pawprint::hub::access
