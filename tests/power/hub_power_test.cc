// The hub's store on a disk whose power is cut, or that fails, at every call in turn. One caller at a time:
// the writer's thread is waited for, so calls come in one order.
#include "base/hash.h"
#include "hub/store/store.h"
#include "power/power_test_base.h"

namespace pawprint::power {
namespace {

namespace store = hub::store;

class HubPower : public PowerTest {
 protected:
  static constexpr int kStored = 3;
  static constexpr std::size_t kLargeBytes = 3600000;  // below what a WAL may have, with the next one above

  Result<std::unique_ptr<store::Store>> open_store() {
    return store::Store::open(environment_, root_ / "hub");
  }

  static store::NewEvent event(int number) {
    store::NewEvent made;
    made.event_id = "E" + std::to_string(number);
    made.body_hash = sha256(made.event_id);
    made.event_type = "T";
    made.node_id = "a1b2c3d4e5f6";
    made.lamport = static_cast<std::uint64_t>(number);
    made.body = made.event_id;
    return made;
  }

  void given_a_hub() {
    given([&] {
      auto opened = open_store();
      ASSERT_TRUE(opened) << opened.error().message;
      team_id_ = (*opened)->users().add_team("acme", "")->team_id;
      for (int i = 1; i <= kStored; ++i) append(**opened, i, before_);
    });
  }

  // What a hub does with a batch: told once it is stored.
  void append(store::Store& hub, int number, Told& told) const {
    const store::NewEvent one = event(number);
    if (hub.log().append(team_id_, {&one, 1})) told.stored.push_back({one.event_id});
  }

  // A hub that starts and takes two batches.
  void serve(Told& told) {
    const auto opened = open_store();
    if (!opened) return;
    for (int i = 1; i <= 2; ++i) append(**opened, kStored + i, told);
  }

  // The next hub on this disk has what was told, without a gap, and goes on.
  void expect_kept(const Told& told) {
    const auto opened = open_store();
    ASSERT_TRUE(opened) << opened.error().message;
    const auto events = (*opened)->log().read_as_is(team_id_, 0, 100);
    ASSERT_TRUE(events) << events.error().message;
    std::set<std::string> there;
    std::uint64_t seq = 0;
    for (const store::LoggedEvent& each : *events) {
      EXPECT_EQ(each.seq, ++seq);
      EXPECT_TRUE(there.insert(each.event_id).second) << "twice: " << each.event_id;
      EXPECT_EQ(each.body_hash, sha256(each.event_id));
    }
    EXPECT_EQ((*opened)->log().head(team_id_).value(), seq);
    for (const Told* list : {&std::as_const(before_), &told}) {
      for (const Told::Event& each : list->stored) {
        EXPECT_TRUE(there.contains(each.id)) << "acknowledged and lost: " << each.id;
      }
    }
    Told now;
    append(**opened, 100, now);
    EXPECT_EQ(now.stored.size(), 1U);
  }

  std::string team_id_;
  Told before_;
  Image image_while_open_;
};

TEST_F(HubPower, WhatWasAcknowledgedIsThereAfterAPowerCut) {
  given_a_hub();
  cut_at_every_call([&](Told& told) { serve(told); }, [&](const Told& told) { expect_kept(told); });
}

// The WAL is so large that the first batch brings a checkpoint of a thousand pages: some of its calls stand
// for all of them.
TEST_F(HubPower, ACheckpointThatIsCutLosesNothingThatWasAcknowledged) {
  constexpr std::uint64_t kStride = 131;
  constexpr std::uint64_t kCheckpointCalls = 800;
  given([&] {
    auto opened = open_store();
    ASSERT_TRUE(opened) << opened.error().message;
    team_id_ = (*opened)->users().add_team("acme", "")->team_id;
    store::NewEvent large = event(1);
    large.body = std::string(kLargeBytes, 'x');
    ASSERT_TRUE((*opened)->log().append(team_id_, {&large, 1}));
    before_.stored.push_back({large.event_id});
    machine_->storage().sync_everything();
    image_while_open_ = machine_->storage().image({});
  });
  start_ = image_while_open_;
  for (std::uint64_t call = 1;; call += kStride) {
    machine_->boot(start_, {Fault::Kind::cut, call, 0, false});
    Told told;
    serve(told);
    const bool cut = machine_->struck();
    SCOPED_TRACE("power cut at " + machine_->where());
    const Storage left = machine_->storage();
    for (const Fate::Writes writes : {Fate::Writes::lost, Fate::Writes::all, Fate::Writes::last_alone}) {
      machine_->boot(left.image({.writes = writes}));
      expect_kept(told);
    }
    EXPECT_TRUE(cut || call > kCheckpointCalls) << "there was no checkpoint";
    if (HasFailure() || !cut) return;
  }
}

// A kernel reports a failed sync once: what the file has then reads well, and the disk does not have it.
TEST_F(HubPower, AfterASyncThatFailedTheNextHubAcknowledgesOnlyWhatTheDiskHas) {
  given_a_hub();
  const Path kernel = top_ / "kernel";
  int failures = 0;
  for (std::uint64_t call = 1;; ++call) {
    machine_->boot(start_, {Fault::Kind::error, call, EIO, false});
    Told told;
    std::optional<Storage> left;
    {
      const auto opened = open_store();
      if (opened) {
        // The process ends here, and the kernel keeps what it has in its memory.
        (*opened)->on_sync_failure([&] {
          left = machine_->storage();
          std::filesystem::remove_all(kernel);
          std::filesystem::copy(root_, kernel, std::filesystem::copy_options::recursive);
        });
        for (int i = 1; i <= 2 && !left; ++i) append(**opened, kStored + i, told);
      }
    }
    if (left) {
      ++failures;
      machine_->storage() = *left;
      std::filesystem::remove_all(root_);
      std::filesystem::copy(kernel, root_, std::filesystem::copy_options::recursive);
    }
    const bool struck = machine_->struck();
    machine_->repair();
    SCOPED_TRACE("EIO at " + machine_->where());
    std::optional<Storage> cut;
    {
      const auto next = open_store();
      ASSERT_TRUE(next) << next.error().message;
      append(**next, 50, told);
      cut = machine_->storage();
    }
    machine_->boot(cut->image({}));
    expect_kept(told);
    if (HasFailure() || !struck) break;
  }
  EXPECT_GT(failures, 0);
}

}  // namespace
}  // namespace pawprint::power
