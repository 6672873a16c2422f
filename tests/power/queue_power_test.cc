#include <array>

#include "outbox/salvage.h"
#include "outbox/spill_file.h"
#include "power/power_test_base.h"
#include "sqlite/connection.h"

namespace pawprint::power {
namespace {

// What is done with a queue that is there: a crash leaves each row where it was or where it was to go.
class QueuePower : public PowerTest {
 protected:
  static outbox::NewRow row(std::uint64_t lamport, std::optional<std::int64_t> link_id) {
    return {"01HX0000000000000000000" + std::to_string(100 + lamport),
            lamport,
            link_id,
            "11111111-1111-4111-8111-111111111111",
            R"({"n":1})",
            "/repo/.git"};
  }
  void given_linked_rows(std::uint64_t count) {
    given([&] {
      outbox::Outbox outbox = open_outbox();
      outbox::Link link;
      link.project_uuid = "11111111-1111-4111-8111-111111111111";
      link.repo_instance = "/repo/.git";
      link.server_origin = "http://127.0.0.1:1";
      link.team_id = "team-1";
      link.team_slug = "acme";
      link.user_id = "user-1";
      link_ = outbox.link(link, false).value().link;
      for (std::uint64_t i = 1; i <= count; ++i) {
        const std::array rows{row(i, link_.link_id)};
        ASSERT_TRUE(outbox.append(rows, Durability::power));
      }
    });
  }
  std::map<std::string, std::uint64_t> rows_by_state() {
    std::map<std::string, std::uint64_t> counts;
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    EXPECT_TRUE(connection && connection->no_checkpoint_on_close());
    auto query = connection->prepare("SELECT state, count(*) FROM queue GROUP BY state");
    for (auto more = query->step(); more && *more; more = query->step())
      counts[query->text(0)] = static_cast<std::uint64_t>(query->integer(1));
    return counts;
  }
  // The counters tell what the rows tell.
  void expect_sound_counters() {
    outbox::Outbox outbox = open_outbox();
    auto counts = rows_by_state();
    const std::array sessions{outbox::SessionKey{"http://127.0.0.1:1", "team-1", "user-1"}};
    const auto snapshot = outbox.snapshot(sessions);
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    EXPECT_EQ(snapshot->pending + snapshot->unlinked, counts["pending"]);
    std::uint64_t parked = 0;
    for (const auto& [reason, count] : snapshot->parked) parked += count;
    EXPECT_EQ(parked, counts["parked"]);
  }
  outbox::Link link_;
};

TEST_F(QueuePower, ASettlementIsMadeWholeOrNotAtAllAndOnceItIsToldItIsThere) {
  given_linked_rows(4);
  const auto settle = [&](Told& told) {
    auto outbox = outbox::Outbox::open(environment_, home_);
    if (!outbox) return;
    const auto rows = outbox->sendable(link_, 10, 1 << 20);
    if (!rows || rows->size() != 4) return;
    const std::array settlements{outbox::Settlement{(*rows)[0].id, outbox::RowState::sent, ""},
                                 outbox::Settlement{(*rows)[1].id, outbox::RowState::sent, ""},
                                 outbox::Settlement{(*rows)[2].id, outbox::RowState::parked, "bad: no"}};
    told.finished = outbox->settle(settlements).has_value();
  };
  const auto check = [&](const Told& told) {
    expect_sound_counters();
    auto counts = rows_by_state();
    EXPECT_TRUE(counts["sent"] == 0 || counts["sent"] == 2) << counts["sent"];
    EXPECT_EQ(counts["parked"], counts["sent"] / 2);
    EXPECT_EQ(counts["sent"] + counts["parked"] + counts["pending"], 4U);
    EXPECT_TRUE(!told.finished || counts["sent"] == 2) << "told, and not there";
  };
  cut_at_every_call(settle, check);
  fail_every_call(settle, check);
}

TEST_F(QueuePower, WhatARestoredHubMayHaveLostGoesBackWholeOrTheNextDeliveryGoesOn) {
  constexpr std::string_view kEpochs[] = {"01HX0000000000000000000001", "01HX0000000000000000000002"};
  given_linked_rows(4);
  given([&] {
    outbox::Outbox outbox = open_outbox();
    const auto rows = outbox.sendable(link_, 3, 1 << 20).value();
    std::vector<outbox::Settlement> settlements;
    for (const outbox::SendableRow& each : rows) settlements.push_back({each.id, outbox::RowState::sent, ""});
    ASSERT_TRUE(outbox.settle(settlements));
    ASSERT_TRUE(outbox.hear_epoch(link_, kEpochs[0]));
  });
  const auto hear = [&](Told& told) {
    auto outbox = outbox::Outbox::open(environment_, home_);
    if (outbox) told.finished = outbox->hear_epoch(link_, kEpochs[1]).has_value();
  };
  const auto check = [&](const Told& told) {
    expect_sound_counters();
    EXPECT_TRUE(!told.finished || rows_by_state()["pending"] == 4) << "told, and not there";
    outbox::Outbox outbox = open_outbox();
    const auto heard = outbox.hear_epoch(link_, kEpochs[1]);
    EXPECT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(rows_by_state()["pending"], 4U);
    expect_sound_counters();
  };
  cut_at_every_call(hear, check);
  fail_every_call(hear, check);
}

TEST_F(QueuePower, ARefillLosesNoLineAndBringsNoneTwice) {
  std::vector<std::string> ids;
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(*disk_, home_ / "pawprint.toml", "[sync]\nqueue_limit = 2\n", 0600));
    Told told;
    emit(told, Durability::power, 6);
    ASSERT_TRUE(disk_->remove(home_ / "pawprint.toml"));
    for (const Told::Event& each : told.stored) ids.push_back(each.id);
  });
  ASSERT_EQ(ids.size(), 6U);
  for (const std::uint64_t room : {std::uint64_t{100}, std::uint64_t{4}}) {
    const auto refill = [&](Told&) {
      auto outbox = outbox::Outbox::open(environment_, home_);
      if (outbox && !outbox->refill(room)) return;
    };
    const auto check = [&](const Told& told) {
      for (const std::string& id : ids) EXPECT_TRUE(stored().contains(id)) << id;
      expect_kept(told);
      outbox::Outbox outbox = open_outbox();
      ASSERT_TRUE(outbox.refill(100));
      EXPECT_TRUE(outbox::Spill(environment_, home_).files().value().empty());
      for (const auto& [id, each] : stored()) EXPECT_TRUE(each.in_queue) << id;
      expect_sound_counters();
    };
    cut_at_every_call(refill, check);
    fail_every_call(refill, check);
  }
}

TEST_F(QueuePower, ASalvageThatIsCutIsFinishedByTheNextOneAndCostsNoEvent) {
  given_linked_rows(6);
  given([&] {
    outbox::Outbox outbox = open_outbox();
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->no_checkpoint_on_close());
    ASSERT_TRUE(connection->execute("SELECT count(*) FROM queue"));
    ASSERT_TRUE(connection->checkpoint_truncate());
  });
  given([&] {
    auto file = disk_->open(home_ / "outbox.db", OpenMode::read_write, 0600);
    ASSERT_TRUE(file && (*file)->write_at(0, std::string(100, 'Z')));
  });
  const auto open = [&](Told& told) {
    told.finished = outbox::Outbox::open(environment_, home_).has_value();
  };
  const auto check = [&](const Told&) {
    expect_sound_counters();
    EXPECT_EQ(rows_by_state()["pending"], 6U);
    EXPECT_EQ(open_outbox().high_water().value(), 6U);
  };
  cut_at_every_call(open, check);
  fail_every_call(open, check);
}

}  // namespace
}  // namespace pawprint::power
