#include <array>
#include <fstream>

#include "client/make_emitter.h"
#include "power/power_test_base.h"
#include "sqlite/connection.h"

namespace pawprint::power {
namespace {

class EmitPower : public PowerTest {
 protected:
  // What an event is worth that was told to survive a power cut.
  void cut(const Act& act) {
    cut_at_every_call(act, [&](const Told& told) { expect_kept(told); });
  }
};

TEST_F(EmitPower, TheFirstEventOfAMachineIsThereOnceItIsTold) {
  cut([&](Told& told) { emit(told, Durability::power); });
}

TEST_F(EmitPower, AnEventIsThereOnceItIsTold) {
  given([&] {
    Told told;
    emit(told, Durability::power, 3);
  });
  cut([&](Told& told) { emit(told, Durability::power, 3); });
}

TEST_F(EmitPower, EventsThatMayBeLostLoseNoOther) {
  given([&] {
    Told told;
    emit(told, Durability::power);
  });
  cut([&](Told& told) {
    emit(told, Durability::process, 2);
    emit(told, Durability::power);
    emit(told, Durability::process, 2);
  });
}

TEST_F(EmitPower, TheCheckpointThatAnEventBringsLosesNone) {
  given([&] {
    Told told;
    emit(told, Durability::process, 9, 55'000);
  });
  cut([&](Told& told) { emit(told, Durability::power, 2, 30'000); });
}

TEST_F(EmitPower, TheWalThatIsWrittenOverLosesNone) {
  cut([&](Told& told) {
    Emitter emitter = client::make_emitter(environment_);
    machine_->hold_fault();
    emit(emitter, told, Durability::power, 8, 55'000);
    machine_->release_fault();
    emit(emitter, told, Durability::process, 1, 55'000);  // brings a checkpoint
    emit(emitter, told, Durability::power, 2, 2'000);
    if (!machine_->struck()) {
      EXPECT_GT(std::filesystem::file_size(home_ / "outbox.db-wal"), 500'000U);
    }
  });
}

// As a foreign program does that opens the queue and closes it.
TEST_F(EmitPower, AnEventIsThereOnceItIsToldThoughTheWalHadGone) {
  given([&] {
    Told told;
    emit(told, Durability::power);
    auto foreign = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(foreign && foreign->execute("SELECT count(*) FROM meta"));
  });
  ASSERT_FALSE(std::filesystem::exists(home_ / "outbox.db-wal"));
  cut([&](Told& told) { emit(told, Durability::power, 2); });
}

TEST_F(EmitPower, WhatTheQueueHasNoRoomForIsInTheSpillOnceItIsTold) {
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(*disk_, home_ / "pawprint.toml", "[sync]\nqueue_limit = 1\n", 0600));
    Told told;
    emit(told, Durability::power);
  });
  cut([&](Told& told) {
    emit(told, Durability::power, 2);
    emit(told, Durability::process, 2);
    emit(told, Durability::power);
  });
}

// Without a WAL, as on a file system that several machines may use.
TEST_F(EmitPower, AnEventOfAHomeOnNfsIsThereOnceItIsTold) {
  disk_->kind = {"NFS", false};
  cut([&](Told& told) { emit(told, Durability::power, 2); });
}

// What is told when the disk refuses one call, or every call from one on, is true: then, and after the power
// has gone as well.
class EmitFaults : public PowerTest, public testing::WithParamInterface<Refusal> {
 protected:
  void fail_each(const Act& act) {
    fail_every_call(GetParam(), act, [&](const Told& told) {
      for (const std::string& refusal : told.refusals)
        EXPECT_TRUE(refusal.contains("not stored") || refusal.contains("cannot ")) << refusal;
      EXPECT_LE(told.refusals.size(), GetParam().lasting ? 99U : 1U);
      expect_kept(told);
      expect_where_told(told);
    });
  }
  void expect_where_told(const Told& told) {
    const auto all = stored();
    for (const Told::Event& each : told.stored) {
      if (may_be_gone(each)) continue;
      const auto found = all.find(each.id);
      ASSERT_TRUE(found != all.end()) << "lost " << each.id;
      EXPECT_TRUE(found->second.in_queue || each.where == Where::spill) << each.id;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Power, EmitFaults, testing::ValuesIn(kRefusals),
                         [](const auto& each) { return each.param.name; });

TEST_P(EmitFaults, OfTheFirstEventOfAMachineAreTold) {
  fail_each([&](Told& told) { emit(told, Durability::power, 2); });
}

TEST_P(EmitFaults, LoseNothingThatWasTold) {
  given([&] {
    Told told;
    emit(told, Durability::power);
  });
  fail_each([&](Told& told) { emit(told, Durability::power, 3); });
}

TEST_P(EmitFaults, OfASyncAreNotForgottenByTheNextOne) {
  given([&] {
    Told told;
    emit(told, Durability::power);
  });
  fail_each([&](Told& told) {
    emit(told, Durability::process, 2);
    emit(told, Durability::power, 2);
    emit(told, Durability::power);
  });
}

TEST_P(EmitFaults, OfTheSpillAreTold) {
  given([&] {
    ASSERT_TRUE(disk_->make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(*disk_, home_ / "pawprint.toml", "[sync]\nqueue_limit = 1\n", 0600));
    Told told;
    emit(told, Durability::power);
  });
  fail_each([&](Told& told) {
    emit(told, Durability::process);
    emit(told, Durability::power, 2);
  });
}

}  // namespace
}  // namespace pawprint::power
