// Rows of the queue and the one table of how their state may change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawprint::outbox {

// intent: announced, its effect not yet made. pending: to be sent. sent: adjudicated, kept for a while, and
// pending again if the hub that had it may have lost it.
// parked: refused, waiting for a decision. discarded: given up by a person. dropped: an intent without
// effect.
enum class RowState { intent, pending, sent, parked, discarded, dropped };

std::string_view name_of(RowState state);
std::optional<RowState> state_named(std::string_view name);
// The state whose name this is but for one damaged byte.
std::optional<RowState> state_meant(std::string_view damaged_name);
bool may_move(RowState from, RowState to);

struct NewRow {
  std::string event_id;
  std::uint64_t lamport = 0;
  std::optional<std::int64_t> link_id;  // the destination; nullopt while the project is not linked
  std::optional<std::string> project_uuid;
  std::string data;  // the envelope, byte for byte what is sent
  // The project instance that emitted it: without a link, only a link of this instance may release it.
  std::optional<std::string> repo_instance = std::nullopt;
  std::optional<std::int64_t> emitted_ms = std::nullopt;  // Unix; nullopt: now
};

struct SendableRow {
  std::int64_t id = 0;
  std::string event_id;
  std::uint64_t lamport = 0;
  std::int64_t link_id = 0;
  std::string data;
};

struct Settlement {
  std::int64_t id = 0;
  RowState to = RowState::sent;
  std::string reason;  // why it is parked: "<category>: <message>"; why a sent one is pending again
  // The link that a delivery sent it along. A row that has got another one by now stays as it is.
  std::optional<std::int64_t> link_id = std::nullopt;
};

}  // namespace pawprint::outbox
