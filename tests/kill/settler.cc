#include "kill/settler.h"

#include <iostream>
#include <vector>

#include "base/environment.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

Result<std::vector<outbox::Settlement>> pending_of(const std::filesystem::path& home) {
  PAW_TRY(connection, sqlite::Connection::open(home / "outbox.db", sqlite::Access::read_only));
  PAW_TRY(configured, connection.no_checkpoint_on_close());
  PAW_TRY(query, connection.prepare("SELECT id FROM queue WHERE state = 'pending' ORDER BY id LIMIT 256"));
  std::vector<outbox::Settlement> settlements;
  for (;;) {
    PAW_TRY(there, query.step());
    if (!there) return settlements;
    settlements.push_back({.id = query.integer(0), .to = outbox::RowState::sent, .reason = {}});
  }
}

}  // namespace

int settle_until(const std::filesystem::path& home, std::size_t rows) {
  const Environment environment = process_environment();
  auto outbox = outbox::Outbox::open(environment, home);
  std::size_t settled = 0;
  while (outbox && settled < rows) {
    const auto pending = pending_of(home);
    if (!pending && pending.error().kind == ErrorKind::busy) continue;
    if (!pending) {
      std::cerr << pending.error().message << "\n";
      return 1;
    }
    const auto written = outbox->settle(*pending);
    if (written) {
      settled += pending->size();
    } else if (written.error().kind != ErrorKind::busy) {
      std::cerr << written.error().message << "\n";
      return 1;
    }
  }
  return outbox ? 0 : 1;
}

}  // namespace pawprint::testing
