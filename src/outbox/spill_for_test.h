// A home with an outbox and a spill, and disks that fail.
#pragma once

#include <fstream>
#include <functional>

#include "base/disk_above_for_test.h"
#include "outbox/home_for_test.h"
#include "outbox/spill_file.h"
#include "protocol/envelope.h"

namespace pawprint::outbox {

// The real disk, but files take no more than `room_bytes` in all, and syncs are seen.
class SmallDisk final : public DiskAbove {
 public:
  class SmallFile final : public FileAbove {
   public:
    SmallFile(std::unique_ptr<File> file, SmallDisk& disk) : FileAbove(std::move(file)), disk_(disk) {}
    Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
      const std::size_t fitting = std::min<std::size_t>(bytes.size(), disk_.room_bytes_);
      disk_.room_bytes_ -= fitting;
      PAW_TRY(written, below_->write_at(offset, bytes.substr(0, fitting)));
      if (fitting == bytes.size()) return {};
      return fail(ErrorKind::io, "cannot write the file: No space left on device");
    }
    Result<void> sync() override {
      PAW_TRY(seen, disk_.at_sync());
      return below_->sync();
    }

   private:
    SmallDisk& disk_;
  };

  SmallDisk(Disk& below, std::uint64_t room_bytes) : DiskAbove(below), room_bytes_(room_bytes) {}
  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    PAW_TRY(file, below_.open(path, mode, permissions));
    return std::make_unique<SmallFile>(std::move(file), *this);
  }
  Result<void> sync_directory(const Path& path) override {
    PAW_TRY(seen, at_sync());
    return below_.sync_directory(path);
  }
  Result<void> remove(const Path& path) override {
    PAW_TRY(removed, below_.remove(path));
    after_remove(path);
    return {};
  }

  std::function<void(const Path&)> after_remove = [](const Path&) {};
  std::function<Result<void>()> at_sync = []() -> Result<void> { return {}; };  // before each; may refuse it

 private:
  std::uint64_t room_bytes_;
};

class SpillHomeTest : public HomeTest {
 protected:
  static constexpr std::uint64_t kRoomy = 10'000;

  using HomeTest::HomeTest;

  void SetUp() override {
    HomeTest::SetUp();
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
  }

  static std::string id(std::uint64_t lamport) { return fmt::format("01HX{:022}", lamport); }
  static NewRow event(std::uint64_t lamport, std::optional<std::int64_t> link_id = std::nullopt) {
    protocol::Envelope envelope;
    envelope.event_id = id(lamport);
    envelope.event_type = "Note";
    envelope.aggregate_id = "WP01";
    envelope.aggregate_type = "WorkPackage";
    envelope.payload = "{}";
    envelope.node_id = "a1b2c3d4e5f6";
    envelope.lamport_clock = lamport;
    envelope.timestamp = "2026-05-28T20:26:40.000Z";
    envelope.team_slug = "local";
    envelope.project_uuid = "11111111-1111-4111-8111-111111111111";
    return {envelope.event_id, lamport, link_id, envelope.project_uuid, protocol::write_envelope(envelope)};
  }
  Result<void> spill(std::uint64_t first, std::uint64_t last,
                     const std::optional<LinkMark>& link = std::nullopt) {
    std::vector<NewRow> rows;
    for (std::uint64_t lamport = first; lamport <= last; ++lamport) rows.push_back(event(lamport));
    return Spill(environment_, home_).append(rows, link, Durability::process);
  }
  static LinkMark mark(const Link& link) { return {link.link_id, link.linked_at_ms}; }

  // The Lamport values of the queue in the order in which the rows came in.
  std::vector<std::uint64_t> queued() {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    auto query = connection->prepare("SELECT lamport FROM queue ORDER BY id");
    std::vector<std::uint64_t> values;
    while (query->step().value()) values.push_back(static_cast<std::uint64_t>(query->integer(0)));
    return values;
  }
  static std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> values;
    for (std::uint64_t value = first; value <= last; ++value) values.push_back(value);
    return values;
  }
  std::string content(const Path& path) { return read_file(disk_, path).value().value_or(""); }
  Path spill_path(std::string_view name) { return home_ / "spill" / name; }
};

}  // namespace pawprint::outbox
