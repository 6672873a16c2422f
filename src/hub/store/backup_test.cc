#include "hub/store/backup.h"

#include <gtest/gtest.h>

#include <fstream>

#include "hub/store/store_fixture.h"
#include "protocol/canonical.h"

namespace pawprint::hub::store {
namespace {

class BackupTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    acme_ = make_team("acme");
    const auto user = store_->users().add_user("ada@example.org", "Ada", "hash", acme_, kRoleMember);
    ASSERT_TRUE(user);
    ASSERT_TRUE(store_->sessions().begin(user->user_id, acme_.team_id, kToken, kNowMs + 1000));
    append(1);
    backup_ = directory_ / "backup.db";
    elsewhere_ = directory_ / "elsewhere";
    ASSERT_TRUE(disk_.make_directories(elsewhere_, 0700));
  }
  void append(std::uint8_t number) {
    NewEvent event;
    event.event_id = std::string("event ") + static_cast<char>('0' + number);
    event.event_type = "any";
    event.node_id = "node";
    event.body = std::to_string(number);
    event.body_hash = *protocol::content_hash(std::to_string(number));
    ASSERT_TRUE(store_->log().append(acme_.team_id, {&event, 1}));
  }
  Result<Restored> restore_into(const Path& directory) { return restored(backup_, directory); }
  Result<Restored> restored(const Path& file, const Path& directory) {
    PAW_TRY(backup, open_backup(disk_, file));
    return restore(environment_, std::move(backup), directory);
  }
  static constexpr Digest kToken{1, 2, 3};
  Team acme_;
  Path backup_, elsewhere_;
};

TEST_F(BackupTest, ABackupOfAHubInUseIsTheHubOfThatMomentWithAnotherEpoch) {
  ASSERT_TRUE(store_->back_up(backup_));
  append(2);
  EXPECT_EQ((*disk_.status(backup_))->mode, 0600U);
  EXPECT_EQ(*disk_.status(directory_ / "backup.db.part"), std::nullopt);
  const auto done = restore_into(elsewhere_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ((*disk_.status(elsewhere_ / "hub.db"))->mode, 0600U);
  auto restored = Store::open(environment_, elsewhere_);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_NE((*restored)->epoch(), store_->epoch());
  EXPECT_EQ(*(*restored)->log().head(acme_.team_id), 1U);
  EXPECT_EQ(*store_->log().head(acme_.team_id), 2U);
  EXPECT_TRUE((*restored)->users().find_user("ada@example.org")->has_value());
  EXPECT_EQ(*(*restored)->sessions().find(kToken), std::nullopt);
  EXPECT_TRUE(store_->sessions().find(kToken)->has_value());
}

TEST_F(BackupTest, NoTokenOfAMachineAndNoInvitationOfTheBackupHoldsAnyMore) {
  const auto kept = store_->machine_tokens().issue(acme_, "kept", Digest{4});
  clock_.advance_ms(1);
  const auto revoked = store_->machine_tokens().issue(acme_, "revoked", Digest{5});
  clock_.advance_ms(1);
  const auto long_revoked = store_->machine_tokens().issue(acme_, "long revoked", Digest{6});
  ASSERT_TRUE(kept && revoked && long_revoked);
  ASSERT_TRUE(store_->machine_tokens().revoke(long_revoked->token_id));
  ASSERT_TRUE(store_->invitations().issue(
      {.team = acme_, .role = kRoleOwner, .email = "", .lifetime_ms = 1000, .inviter_id = ""}, Digest{7}));
  ASSERT_TRUE(store_->back_up(backup_));
  ASSERT_TRUE(store_->machine_tokens().revoke(revoked->token_id));
  clock_.advance_ms(1);
  const auto done = restore_into(elsewhere_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->revoked_tokens, 2);
  const auto restored = Store::open(environment_, elsewhere_);
  ASSERT_TRUE(restored) << restored.error().message;
  const auto tokens = (*restored)->machine_tokens().list(acme_.team_id);
  ASSERT_EQ(tokens->size(), 3U);
  EXPECT_EQ(tokens->at(0).revoked_at_ms, kNowMs + 3);
  EXPECT_EQ(tokens->at(1).revoked_at_ms, kNowMs + 3);
  EXPECT_EQ(tokens->at(2).revoked_at_ms, kNowMs + 2) << "this one was before the backup";
  EXPECT_EQ(*(*restored)->invitations().find(Digest{7}), std::nullopt);
}

TEST_F(BackupTest, AFileThatIsThereIsNotOverwritten) {
  ASSERT_TRUE(store_->back_up(backup_));
  append(2);
  const auto again = store_->back_up(backup_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::failed);
  ASSERT_TRUE(restore_into(elsewhere_));
  const auto twice = restore_into(elsewhere_);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::failed);
  EXPECT_FALSE(twice.error().hint.empty());
}

TEST_F(BackupTest, AHintNamesTheBackupAsOneWordOfAShell) {
  backup_ = directory_ / "my backup.db";
  ASSERT_TRUE(store_->back_up(backup_));
  const auto refused = restore_into(directory_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint, "pawprint-hub restore '" + backup_.string() + "' --data ANOTHER_DIR");
}

TEST_F(BackupTest, WhatACrashLeftBehindIsNotInTheWay) {
  std::ofstream(directory_ / "backup.db.part") << "half a copy";
  ASSERT_TRUE(store_->back_up(backup_));
  std::ofstream(elsewhere_ / "hub.db.part") << "half a copy";
  EXPECT_TRUE(restore_into(elsewhere_));
}

TEST_F(BackupTest, WhatIsNoWholeBackupOfAHubIsRefusedAndLeavesNoHub) {
  ASSERT_TRUE(store_->back_up(backup_));
  const std::string whole = *read_file(disk_, backup_).value();
  std::string flipped = whole;
  for (std::size_t at = 4096 * 2; at < 4096 * 3; ++at) flipped[at] = static_cast<char>(~flipped[at]);
  for (const std::string& bytes : {std::string("no database at all, but long enough to be looked at"),
                                   whole.substr(0, whole.size() / 2), flipped}) {
    std::ofstream(backup_, std::ios::binary | std::ios::trunc) << bytes;
    const auto refused = restore_into(elsewhere_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << refused.error().message;
    EXPECT_TRUE(refused.error().message.contains("damaged")) << refused.error().message;
    EXPECT_FALSE(refused.error().message.contains('\n')) << refused.error().message;
    EXPECT_TRUE(disk_.list(elsewhere_)->empty());
  }
  std::filesystem::remove(backup_);
  ASSERT_TRUE(sqlite::Connection::open(backup_, sqlite::Access::create)->execute("CREATE TABLE other(a)"));
  EXPECT_EQ(restore_into(elsewhere_).error().kind, ErrorKind::invalid);
  EXPECT_EQ(restored(directory_ / "none.db", elsewhere_).error().kind, ErrorKind::io);
}

// As on a disk that is full by then: what is there of the copy would only take room.
TEST_F(BackupTest, ACopyThatCannotBeFinishedIsGone) {
  ASSERT_TRUE(store_->back_up(backup_));
  const Path taken = directory_ / "taken.db";
  ASSERT_TRUE(disk_.make_directories(taken, 0700));
  EXPECT_FALSE(vacuum_into(disk_, backup_, taken)) << "a directory has that name";
  EXPECT_EQ(*disk_.status(directory_ / "taken.db.part"), std::nullopt);
  auto connection = sqlite::Connection::open(backup_, sqlite::Access::read_write);
  ASSERT_TRUE(connection->execute(
      "CREATE TRIGGER keeps BEFORE UPDATE ON hub_meta BEGIN SELECT RAISE(ABORT, 'no'); END"));
  EXPECT_FALSE(restore_into(elsewhere_)) << "the epoch cannot be another one";
  EXPECT_TRUE(disk_.list(elsewhere_)->empty());
}

// It has the epoch of the hub that it was made of, so no client would send again what it lacks.
TEST_F(BackupTest, OnePutInPlaceByHandIsRefused) {
  ASSERT_TRUE(store_->back_up(elsewhere_ / "hub.db"));
  const auto refused = Store::open(environment_, elsewhere_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint,
            "pawprint-hub restore " + (elsewhere_ / "hub.db").string() + " --data ANOTHER_DIR");
}

TEST_F(BackupTest, ACopyThatIsStoppedIsGoneAndSoIsALookAtTheFile) {
  std::stop_source stop;
  stop.request_stop();
  const auto copied = store_->back_up(backup_, stop.get_token());
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().kind, ErrorKind::interrupted);
  EXPECT_EQ(*disk_.status(backup_), std::nullopt);
  EXPECT_EQ(*disk_.status(directory_ / "backup.db.part"), std::nullopt);
  EXPECT_EQ(store_->find_damage(stop.get_token()).error().kind, ErrorKind::interrupted);
  EXPECT_TRUE(store_->back_up(backup_));
  EXPECT_TRUE(store_->find_damage()->empty());
}

TEST_F(BackupTest, AProbeSaysWhetherTheStoreCanBeWritten) {
  ASSERT_TRUE(store_->write_probe().check());
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->execute("ALTER TABLE hub_meta RENAME TO lost"));
  EXPECT_TRUE(store_->write_probe().check());  // for a second what was found holds
  clock_.advance_ms(1000);
  EXPECT_FALSE(store_->write_probe().check());
  ASSERT_TRUE(other->execute("ALTER TABLE lost RENAME TO hub_meta"));
  clock_.advance_ms(1000);
  EXPECT_TRUE(store_->write_probe().check());
}

}  // namespace
}  // namespace pawprint::hub::store
