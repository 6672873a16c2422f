#include "harness/ledger.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cctype>

#include "harness/holdings.h"
#include "protocol/batch.h"
#include "protocol/canonical.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

namespace json = boost::json;

// The field of an event's text; "" where it is not there.
std::string field(const std::string& event, std::string_view name) {
  boost::system::error_code failed;
  const json::value value = json::parse(event, failed);
  if (failed || !value.is_object()) return {};
  const json::value* found = value.get_object().if_contains(json::string_view(name.data(), name.size()));
  return found != nullptr && found->is_string() ? std::string(found->get_string().c_str()) : std::string();
}

Digest hash_of(const std::string& event) {
  const auto hash = protocol::content_hash(event);
  EXPECT_TRUE(hash) << event;
  return hash.value_or(Digest{});
}

std::string bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Verdicts Ledger::note(const std::string& team_slug, std::span<const std::string> events,
                      const Result<net::HttpAnswer>& answer) {
  if (!answer || answer->status != 200) return {};
  const auto verdicts = protocol::read_verdicts(answer->body);
  EXPECT_TRUE(verdicts) << answer->body;
  if (!verdicts) return {};
  EXPECT_EQ(verdicts->size(), events.size()) << "O3: not one verdict per event";
  Verdicts counts;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < std::min(events.size(), verdicts->size()); ++i) {
    const protocol::Verdict& verdict = (*verdicts)[i];
    const Id id{team_slug, field(events[i], "event_id")};
    EXPECT_EQ(verdict.event_id.value_or(""), id.second) << "O3: not in the order sent";
    const Digest hash = hash_of(events[i]);
    const auto known = acknowledged_.find(id);
    if (verdict.status == protocol::VerdictStatus::error) {
      ++counts.error;
      EXPECT_TRUE(known == acknowledged_.end() || known->second != hash)
          << "O3: refused after it was acknowledged: " << id.second << ": " << verdict.error_message;
      continue;
    }
    if (known == acknowledged_.end()) {
      acknowledged_.emplace(id, hash);
    } else {
      EXPECT_EQ(known->second, hash) << "O2: other content was acknowledged for " << id.second;
    }
    if (verdict.status == protocol::VerdictStatus::duplicate) {
      ++counts.duplicate;
      continue;
    }
    ++counts.success;
    EXPECT_EQ(++successes_[id], 1U) << "O2: success twice for " << id.second;
  }
  return counts;
}

std::size_t Ledger::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_.size();
}

bool Ledger::is_acknowledged(const std::string& team_slug, const std::string& event_id) const {
  const std::lock_guard lock(mutex_);
  return acknowledged_.contains({team_slug, event_id});
}

void Ledger::forget() {
  const std::lock_guard lock(mutex_);
  acknowledged_.clear();
  successes_.clear();
}

void Ledger::expect_kept(const fs::path& hub_data) const {
  const std::lock_guard lock(mutex_);
  std::map<Id, std::string> kept;
  std::map<std::string, std::uint64_t> last_seq;
  for (const LogRow& row : rows_of_log(hub_data)) {
    EXPECT_EQ(row.seq, ++last_seq[row.team_slug]) << "a gap in the log of " << row.team_slug;
    EXPECT_TRUE(kept.emplace(Id{row.team_slug, row.event_id}, row.body_hash).second)
        << "O2: twice in the log: " << row.event_id;
    EXPECT_EQ(row.body_hash, bytes_of(hash_of(row.body))) << "O2: not what was stored: " << row.event_id;
    EXPECT_EQ(field(row.body, "team_slug"), row.team_slug) << "O6: " << row.event_id;
  }
  for (const auto& [id, hash] : acknowledged_) {
    const auto found = kept.find(id);
    ASSERT_NE(found, kept.end()) << "O1: acknowledged and lost: " << id.second << " of " << id.first;
    EXPECT_EQ(found->second, bytes_of(hash)) << "O2: other content than was acknowledged: " << id.second;
  }
  EXPECT_EQ(integrity_of(hub_data / "hub.db"), "ok");
}

void expect_whole(const Hub& hub) {
  const Outcome outcome = hub.try_to_run({"verify"});
  EXPECT_EQ(outcome.exit_code, 0) << "O5: " << outcome.err;
}

std::vector<LogRow> rows_of_log(const fs::path& hub_data) {
  auto connection = sqlite::Connection::open(hub_data / "hub.db", sqlite::Access::read_write);
  EXPECT_TRUE(connection) << connection.error().message;
  connection->busy_timeout_ms(10'000);
  EXPECT_TRUE(connection->no_checkpoint_on_close());
  auto query = connection->prepare(
      "SELECT teams.slug, seq, event_id, body, body_hash FROM events JOIN teams USING (team_id)"
      " ORDER BY team_id, seq");
  EXPECT_TRUE(query) << query.error().message;
  std::vector<LogRow> rows;
  for (;;) {
    const auto there = query->step();
    EXPECT_TRUE(there) << there.error().message;
    if (!there || !*there) return rows;
    rows.push_back({query->text(0), static_cast<std::uint64_t>(query->integer(1)), query->text(2),
                    query->text(3), query->text(4)});
  }
}

}  // namespace pawprint::testing
