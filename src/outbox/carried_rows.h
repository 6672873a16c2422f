// What a salvage carries over: the rows of the tables `queue`, `links` and `meta` that can be read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "outbox/links.h"
#include "outbox/row.h"

namespace pawprint::outbox {

struct CarriedRow {
  std::int64_t id = 0;
  std::int64_t lamport = 0;
  std::optional<std::int64_t> link_id;
  std::optional<std::string> project_uuid;
  RowState state = RowState::pending;
  std::optional<std::string> reason;
  std::int64_t attempts = 0;
  std::int64_t queued_at = 0;
  std::optional<std::int64_t> settled_at;
  std::string data;
  std::optional<std::string> repo_instance;
};

struct CarriedLink {
  Link link;
  std::optional<std::int64_t> ended_at;
};

struct Carried {
  std::map<std::string, CarriedRow> rows;  // by event_id
  std::map<std::int64_t, CarriedLink> links;
  std::map<std::string, std::int64_t> meta;
  std::map<std::pair<std::string, std::string>, std::int64_t> link_meta;  // (key, scope): of a carried link
  std::set<std::string> lost_events;  // their ids stand in an index, and their rows could not be read
  std::uint64_t lost_links = 0;       // rows name them; those rows have no destination now
};

// `database` and `wal` as they are on disk, whole or not. Where several states of a row or a link are found,
// the one that comes later in its life counts. A row whose state cannot be told is a parked one.
Carried read_carried(std::string_view database, std::string_view wal);

}  // namespace pawprint::outbox
