// How many rows are pending for each destination and parked for each reason, kept with every change, so that
// nobody ever counts rows.
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
  void add_parked(const std::string& reason, std::int64_t by) { parked_[reason] += by; }
  // `lamport`: the highest value of the rows that were added.
  Result<void> write(Database& database, std::uint64_t lamport = 0) const;

 private:
  std::map<RowClass, std::int64_t> pending_;
  std::map<std::string, std::int64_t> parked_;
};

// Pending rows of a link; for kNoLink those of all projects without one.
Result<std::uint64_t> pending_of_link(Database& database, std::int64_t link_id);

// Pending rows of the class.
Result<std::uint64_t> pending_rows(Database& database, const RowClass& rows);

}  // namespace pawprint::outbox
