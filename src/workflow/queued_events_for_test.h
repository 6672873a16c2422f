// What the queue of a test's home holds.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "base/environment.h"
#include "outbox/outbox.h"
#include "project/places.h"
#include "protocol/envelope.h"

namespace pawprint::workflow {

// Every event that waits in the queue, in the order of sending. Links the project to a made-up team, since
// only events with a destination can be read.
inline std::vector<protocol::Envelope> queued_events(const Environment& environment,
                                                     const project::Places& places,
                                                     std::string_view project_uuid) {
  std::vector<protocol::Envelope> events;
  const Path home(environment.variable("PAWPRINT_HOME").value_or(""));
  if (!std::filesystem::exists(home / "outbox.db")) return events;
  auto outbox = outbox::Outbox::open(environment, home);
  EXPECT_TRUE(outbox) << (outbox ? "" : outbox.error().message);
  if (!outbox) return events;
  outbox::Link link;
  link.project_uuid = project_uuid;
  link.repo_instance = places.git_common_dir.value_or(places.root).string();
  link.server_origin = "http://127.0.0.1:1";
  link.team_id = link.team_slug = link.user_id = "team";
  const auto linked = outbox->link(link, true);
  EXPECT_TRUE(linked) << (linked ? "" : linked.error().message);
  if (!linked) return events;
  const auto rows = outbox->sendable(linked->link, 1000, 1 << 24);
  EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
  if (!rows) return events;
  for (const outbox::SendableRow& row : *rows) {
    auto envelope = protocol::read_envelope(row.data);
    EXPECT_TRUE(envelope) << (envelope ? "" : envelope.error().message);
    if (envelope) events.push_back(*std::move(envelope));
  }
  return events;
}

}  // namespace pawprint::workflow
