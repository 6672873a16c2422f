// Links: which project instance sends its events where. Append-only; ending one changes no row of the queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pawprint::outbox {

struct Link {
  std::int64_t link_id = 0;
  std::string project_uuid;
  std::string repo_instance;  // canonical path of the git common directory: a copy or a fork is not linked
  std::string server_origin;
  std::string team_id;
  std::string team_slug;
  std::string user_id;
  std::int64_t linked_at_ms = 0;
};

// What waits to be sent along a link.
struct LinkQueue {
  Link link;
  std::uint64_t pending = 0;
  std::optional<std::int64_t> oldest_queued_at_ms;
};

// A session that could deliver, without its secrets.
struct SessionKey {
  std::string origin;
  std::string team_id;
  std::string user_id;
};

}  // namespace pawprint::outbox
