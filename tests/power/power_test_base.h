// A machine with a project and a home, whose power is cut, or whose disk refuses, at every call in turn.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <set>

#include "base/environment.h"
#include "outbox/outbox.h"
#include "pawprint/emitter.h"
#include "power/fault_disk.h"
#include "power/fault_vfs.h"

namespace pawprint::power {

// What the programs were told before the fault.
struct Told {
  struct Event {
    std::string id;
    std::uint64_t lamport = 0;
    Durability durable_to = Durability::power;
    Where where = Where::queue;
  };
  std::vector<Event> stored;
  std::vector<std::string> refusals;  // the messages of events that were not stored
  bool finished = false;              // for what is no event
};

// What a disk says that does not do what it is asked: once, or at every call from there on.
struct Refusal {
  const char* name;
  int code;
  bool lasting;
};
inline constexpr std::array kRefusals = {
    Refusal{"Eio", EIO, false},       Refusal{"EioForGood", EIO, true},
    Refusal{"Enospc", ENOSPC, false}, Refusal{"EnospcForGood", ENOSPC, true},
    Refusal{"Eintr", EINTR, false},
};

class PowerTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  using Act = std::function<void(Told&)>;
  using Check = std::function<void(const Told&)>;

  // Once without a fault; what it leaves is synced, and is where every trial begins.
  void given(const std::function<void()>& prepare);
  // Cuts the power at the first call of `act`, at the second, and so on until it ends uncut, and has `check`
  // look at each disk that such a cut can leave, on a machine that has booted.
  void cut_at_every_call(const Act& act, const Check& check);
  // Has one call after the other fail. `check` sees the machine as it goes on, and after that as it boots
  // when the power is cut then.
  void fail_every_call(const Refusal& refusal, const Act& act, const Check& check);
  // With each of kRefusals.
  void fail_every_call(const Act& act, const Check& check);

  // One program's life.
  void emit(Told& told, Durability durability, int events = 1, std::size_t payload_bytes = 0);
  void emit(Emitter& emitter, Told& told, Durability durability, int events, std::size_t payload_bytes);
  outbox::Outbox open_outbox();

  // The laws. Every event that was told to be stored is there, none twice; the database is sound; and what
  // is emitted now is numbered after all of them. Of those that were told to survive the process alone, no
  // more is asked once the power was cut.
  void expect_kept(const Told& told);
  bool may_be_gone(const Told::Event& event) const;
  struct StoredEvent {
    std::uint64_t lamport = 0;
    bool in_queue = false;
    bool in_spill = false;
  };
  std::map<std::string, StoredEvent> stored();
  std::string content(const Path& path);
  Event event(std::size_t payload_bytes) const;

  Path top_, root_, home_, project_;
  PosixDisk real_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<FaultVfs> vfs_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{1};
  Environment environment_;
  Image start_;
  bool power_was_cut_ = false;  // before what is looked at now
  std::uint64_t images_ = 0;    // disks looked at, for the record
};

}  // namespace pawprint::power
