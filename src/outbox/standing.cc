#include "outbox/standing.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/sabotage.h"
#include "outbox/counters.h"

namespace pawprint::outbox {
namespace {

std::optional<std::int64_t> link_of_scope(std::string_view scope) {
  std::int64_t link_id = 0;
  const auto [end, error] = std::from_chars(scope.data(), scope.data() + scope.size(), link_id);
  if (error != std::errc() || end != scope.data() + scope.size()) return std::nullopt;
  return link_id;
}

struct Counted {
  std::int64_t pending = 0;
  std::int64_t again = 0;  // of these, sent before
};

void count(std::map<std::int64_t, Counted>& classes, std::string_view key, std::string_view scope,
           std::int64_t value) {
  if (key == "unlinked") {
    classes[kNoLink].pending += value;
    return;
  }
  if (key != "pending" && key != "again") return;
  const auto link_id = link_of_scope(scope);
  if (!link_id) return;
  (key == "pending" ? classes[*link_id].pending : classes[*link_id].again) += value;
}

}  // namespace

Result<Standing> read_standing(Database& database) {
  std::int64_t high_water = 0;
  Standing standing;
  std::map<std::int64_t, Counted> classes;
  PAW_TRY(query, database.statement("SELECT key, scope, value, mark FROM meta"));
  for (;;) {
    PAW_TRY(row, query->step());
    if (!row) break;
    const std::string_view key = query->view(0);
    const std::int64_t value = query->integer(2);
    high_water = std::max(high_water, query->integer(3));
    if (key == "high_water") high_water = std::max(high_water, value);
    if (key == "link_changes") standing.values.link_changes = value;
    count(classes, key, query->view(1), value);
  }
  standing.values.high_water = static_cast<std::uint64_t>(high_water);
  if (sabotaged("capacity-global")) return standing;
  for (const auto& [link_id, counted] : classes) {
    const std::int64_t again = sabotaged("again-fills-the-queue") ? 0 : counted.again;
    standing.pending[link_id] =
        static_cast<std::uint64_t>(std::max(counted.pending - again, std::int64_t{0}));
  }
  return standing;
}

}  // namespace pawprint::outbox
