#include "outbox/write_guard.h"

#include "base/format.h"

namespace pawprint::outbox {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kLargestWalBytes = 512 << 10;

bool is_counted(RowState state) {
  return state == RowState::pending || state == RowState::parked || state == RowState::sent;
}

}  // namespace

void checkpoint_if_large(sqlite::Connection& connection) {
  if (connection.wal_pages() * kPageBytes <= kLargestWalBytes) return;
  if (auto done = connection.checkpoint_truncate(); !done) return;
}

Result<void> add_to_counter(sqlite::Connection& connection, std::int64_t link_id, RowState state,
                            std::int64_t by) {
  if (!is_counted(state)) return {};
  PAW_TRY(count, connection.prepare(fmt::format("INSERT INTO counters(link_id, {0}) VALUES(?1, ?2) "
                                                "ON CONFLICT(link_id) DO UPDATE SET {0} = {0} + excluded.{0}",
                                                name_of(state))));
  return count.bind(1, link_id).bind(2, by).run();
}

}  // namespace pawprint::outbox
