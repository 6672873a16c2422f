#include "power/power_test_base.h"

#include <unistd.h>

#include <algorithm>

#include "base/format.h"
#include "client/make_emitter.h"
#include "outbox/spill_line.h"
#include "sqlite/connection.h"

namespace pawprint::power {

void PowerTest::SetUp() {
  // In memory where that is possible: the machine forgets by itself, thousands of times.
  const bool has_memory = ::access("/dev/shm", W_OK) == 0;
  std::string pattern = (has_memory ? "/dev/shm/" : testing::TempDir()) + "paw-power-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  top_ = std::filesystem::canonical(pattern);
  root_ = top_ / "machine";
  home_ = root_ / "home";
  project_ = root_ / "project";
  machine_ = std::make_unique<Machine>(root_);
  disk_ = std::make_unique<FaultDisk>(real_, *machine_);
  vfs_ = std::make_unique<FaultVfs>(*machine_);
  environment_.variables["PAWPRINT_HOME"] = home_.string();
  environment_.directory = project_;
  environment_.user_home = top_;
  environment_.hostname = "host";
  environment_.username = "user";
  environment_.clock = &time_;
  environment_.random = &random_;
  environment_.disk = disk_.get();
  start_ = {{"project/", ""}, {"project/.kittify/", ""}};
  machine_->boot(start_);
}

void PowerTest::TearDown() {
  RecordProperty("disks_looked_at", std::to_string(images_));
  vfs_.reset();
  std::filesystem::remove_all(top_);
}

void PowerTest::given(const std::function<void()>& prepare) {
  prepare();
  machine_->storage().sync_everything();
  start_ = machine_->storage().image({});
}

void PowerTest::cut_at_every_call(const Act& act, const Check& check) {
  for (std::uint64_t call = 1;; ++call) {
    machine_->boot(start_, {Fault::Kind::cut, call, 0, false});
    random_ = SeededRandom(call);
    Told told;
    act(told);
    const bool cut = machine_->struck();
    const std::string where = machine_->where();
    const Storage left = machine_->storage();
    power_was_cut_ = true;
    std::set<Image> seen;
    for (const Fate& fate : left.fates()) {
      Image image = left.image(fate);
      if (!seen.insert(image).second) continue;
      ++images_;
      SCOPED_TRACE(fmt::format("power cut at {}; {}", where, fate.text()));
      machine_->boot(image);
      random_ = SeededRandom(1'000'000 + call);
      check(told);
      if (HasFailure()) return;
    }
    if (!cut) return;
  }
}

void PowerTest::fail_every_call(const Refusal& refusal, const Act& act, const Check& check) {
  for (std::uint64_t call = 1;; ++call) {
    machine_->boot(start_, {Fault::Kind::error, call, refusal.code, refusal.lasting});
    random_ = SeededRandom(call);
    Told told;
    act(told);
    const bool struck = machine_->struck();
    machine_->repair();
    SCOPED_TRACE(fmt::format("{} at {}", refusal.name, machine_->where()));
    random_ = SeededRandom(1'000'000 + call);
    power_was_cut_ = false;
    check(told);
    if (HasFailure()) return;
    ++images_;
    SCOPED_TRACE("and then a power cut");
    power_was_cut_ = true;
    machine_->boot(Storage(machine_->storage()).image({}));
    random_ = SeededRandom(2'000'000 + call);
    check(told);
    if (HasFailure() || !struck) return;
  }
}

void PowerTest::fail_every_call(const Act& act, const Check& check) {
  for (const Refusal& refusal : kRefusals) {
    fail_every_call(refusal, act, check);
    if (HasFailure()) return;
  }
}

Event PowerTest::event(std::size_t payload_bytes) const {
  Event event;
  event.event_type = "PowerNote";
  event.aggregate_id = "WP01";
  event.payload = fmt::format(R"({{"text":"{}"}})", std::string(payload_bytes, 'x'));
  return event;
}

void PowerTest::emit(Told& told, Durability durability, int events, std::size_t payload_bytes) {
  Emitter emitter = client::make_emitter(environment_);
  emit(emitter, told, durability, events, payload_bytes);
}

void PowerTest::emit(Emitter& emitter, Told& told, Durability durability, int events,
                     std::size_t payload_bytes) {
  for (int i = 0; i < events; ++i) {
    const auto receipt = emitter.emit(event(payload_bytes), durability);
    if (receipt) {
      told.stored.push_back({receipt->event_id, receipt->lamport_clock, receipt->durable_to, receipt->where});
    } else {
      told.refusals.push_back(receipt.error().message);
    }
  }
}

outbox::Outbox PowerTest::open_outbox() {
  auto opened = outbox::Outbox::open(environment_, home_);
  if (!opened) throw std::runtime_error(opened.error().message);
  return *std::move(opened);
}

std::string PowerTest::content(const Path& path) {
  return read_file(real_, path).value().value_or("");
}

std::map<std::string, PowerTest::StoredEvent> PowerTest::stored() {
  std::map<std::string, StoredEvent> all;
  auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
  EXPECT_TRUE(connection && connection->no_checkpoint_on_close());
  auto query = connection->prepare("SELECT event_id, lamport FROM queue");
  EXPECT_TRUE(query) << query.error().message;
  for (auto row = query->step(); row && *row; row = query->step()) {
    StoredEvent& each = all[query->text(0)];
    each.lamport = static_cast<std::uint64_t>(query->integer(1));
    each.in_queue = true;
  }
  const auto names = real_.list(home_ / "spill");
  for (const std::string& name : *names) {
    if (name != "events.jsonl" && !name.starts_with("refill-")) continue;
    std::string text = content(home_ / "spill" / name);
    std::ranges::replace(text, '\0', '\n');
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      if (auto line = outbox::read_spill_line(text.substr(begin, end - begin))) {
        all[line->row.event_id].in_spill = true;
        all[line->row.event_id].lamport = line->row.lamport;
      }
      begin = end + 1;
    }
  }
  return all;
}

bool PowerTest::may_be_gone(const Told::Event& event) const {
  return power_was_cut_ && event.durable_to == Durability::process;
}

void PowerTest::expect_kept(const Told& told) {
  Told now;
  emit(now, Durability::power, 2);
  ASSERT_EQ(now.stored.size(), 2U) << (now.refusals.empty() ? "" : now.refusals.front());
  EXPECT_EQ(now.stored[1].lamport, now.stored[0].lamport + 1);
  const auto all = stored();
  std::set<std::uint64_t> values;
  for (const auto& [id, each] : all) EXPECT_TRUE(values.insert(each.lamport).second) << each.lamport;
  for (const Told::Event& each : told.stored) {
    if (may_be_gone(each)) continue;
    EXPECT_TRUE(all.contains(each.id)) << "lost " << each.id << " of " << each.lamport;
    EXPECT_LT(each.lamport, now.stored[0].lamport);
  }
  auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
  ASSERT_TRUE(connection && connection->no_checkpoint_on_close());
  auto integrity = connection->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(integrity && integrity->step());
  EXPECT_EQ(integrity->text(0), "ok");
}

}  // namespace pawprint::power
