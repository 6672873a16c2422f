// Reading the table of links, inside whatever transaction the caller has open.
#pragma once

#include <optional>
#include <string_view>

#include "outbox/database.h"
#include "outbox/links.h"

namespace pawprint::outbox {

// Of a row with link_id, project_uuid, repo_instance, server_origin, team_id, team_slug, user_id, linked_at.
Link link_of(const LentStatement& row);

Result<std::optional<Link>> find_active_link(Database& database, std::string_view project_uuid,
                                             std::string_view repo_instance);
// Whether another instance (a copy, a fork) of the project has an active link.
Result<bool> is_linked_elsewhere(Database& database, std::string_view project_uuid,
                                 std::string_view repo_instance);

// To be called in the transaction of each change: what others remember of links does not count any more.
Result<void> note_link_change(Database& database);

}  // namespace pawprint::outbox
