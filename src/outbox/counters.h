// How many rows are pending for each destination and parked for each reason, kept with every change, so that
// nobody ever counts rows; and the other values that a link has in `meta`.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "outbox/database.h"

namespace pawprint::outbox {

inline constexpr std::int64_t kNoLink = 0;

// The rows of one link, or those of one project that have none.
struct RowClass {
  std::int64_t link_id = kNoLink;
  std::string project_uuid;  // empty for rows with a link, and for rows without a project
  auto operator<=>(const RowClass&) const = default;
};

RowClass class_of(std::optional<std::int64_t> link_id, const std::optional<std::string>& project_uuid);

// Changes that are gathered and then written, inside a transaction.
class CounterChanges {
 public:
  void add_pending(const RowClass& rows, std::int64_t by) { pending_[rows] += by; }
  // Of the pending rows of a link, those that were sent before.
  void add_again(std::int64_t link_id, std::int64_t by) { again_[link_id] += by; }
  void add_parked(const std::string& reason, std::int64_t by) { parked_[reason] += by; }
  void add_sent(std::int64_t by) { sent_ += by; }
  // `lamport`: the highest value of the rows that were added.
  Result<void> write(Database& database, std::uint64_t lamport = 0) const;

 private:
  std::map<RowClass, std::int64_t> pending_;
  std::map<std::int64_t, std::int64_t> again_;
  std::map<std::string, std::int64_t> parked_;
  std::int64_t sent_ = 0;
};

// Pending rows that count against the capacity of a link: all but those that are sent again, since what was
// emitted once holds up nothing new. For kNoLink the rows of all projects without a link.
Result<std::uint64_t> pending_of_link(Database& database, std::int64_t link_id);

// A value of `meta` whose scope is a link; 0 if it is not there.
Result<std::int64_t> link_value(Database& database, std::string_view key, std::int64_t link_id);
// Inside a transaction.
Result<void> put_link_value(Database& database, std::string_view key, std::int64_t link_id,
                            std::int64_t value);
Result<void> drop_link_value(Database& database, std::string_view key, std::int64_t link_id);

}  // namespace pawprint::outbox
