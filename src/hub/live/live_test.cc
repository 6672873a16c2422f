// The live channel over real sockets, on a store of its own.
#include "hub/live/live.h"

#include <gtest/gtest.h>

#include "hub/live/live_fixture.h"

namespace pawprint::hub::live {
namespace {

class LiveTest : public LiveFixture {};

TEST_F(LiveTest, TheFirstFrameIsTheSnapshotAndEveryLaterEventFollows) {
  store_events(ada_, 1, 5);
  Watcher watcher = watch(ada_);
  const auto snapshot = watcher.next();
  EXPECT_EQ(text_at(snapshot, "type"), "snapshot");
  EXPECT_EQ(snapshot.at("work_packages").as_array().size(), 5U);
  EXPECT_EQ(text_at(snapshot.at("work_packages").as_array()[0].as_object(), "lane"), "planned");
  EXPECT_FALSE(snapshot.at("truncated").as_bool());
  store_events(ada_, 6, 1000);
  watcher.read_until_seq(1005);
  EXPECT_EQ(watcher.snapshot_seq(), 5U);
  watcher.expect_no_hole();
}

TEST_F(LiveTest, WhoIsOverTheQuotaIsToldThatAndHowLongToWait) {
  stop_hub();
  quota_ = {.events_per_second = 1, .burst_events = 5, .bytes_per_second = 1e6, .burst_bytes = 1e6};
  start_hub();
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("clock");
  for (std::uint64_t number = 1; number <= 5; ++number) watcher.send(event_of({.number = number}));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(text_at(watcher.next(), "status"), "success");
  watcher.send(event_of({.number = 6}));
  EXPECT_EQ(watcher.read_to_end(), net::kCloseTryLater);
  EXPECT_TRUE(watcher.ended_with().contains("the team is over its quota: wait 1 s")) << watcher.ended_with();
}

TEST_F(LiveTest, WhereNewEventsCannotBeReadWatchersEndAndTheHubSaysSoOnce) {
  store_events(ada_, 1, 5);
  Watcher machine = watch(ada_, "?stream=clock");
  machine.next_of("clock");
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  moved_clock_.advance_ms(1'000);
  store_events(ada_, 6, 1);
  machine.next_of("clock");  // by now the hub has read up to it, and goes on from there
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(
      other->execute("BEGIN IMMEDIATE;"
                     "INSERT INTO events SELECT team_id, 7, 'another', project_uuid, event_type, lamport, "
                     "node_id, received_at_ms, 'damaged', body_hash FROM events WHERE seq = 6;"
                     "UPDATE teams SET head_seq = 7 WHERE head_seq = 6;"
                     "COMMIT"));
  EXPECT_EQ(watcher.read_to_end(), net::kCloseTryLater);
  moved_clock_.advance_ms(1'000);
  machine.send(event_of({.number = 8}));
  EXPECT_EQ(text_at(machine.next_of("ack"), "status"), "success") << "it reads no events";
  // One clock a second: of this second it may have been told before the event came.
  moved_clock_.advance_ms(1'000);
  store_events(ada_, 9, 1);
  for (std::int64_t told = 0; told < 8;) {
    const auto clock = machine.next_of("clock");
    ASSERT_TRUE(clock.contains("value"));
    told = clock.at("value").as_int64();
  }
  stop_hub();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_TRUE(failures_[0].contains("the event at seq 7 is not what was stored")) << failures_[0];
}

TEST_F(LiveTest, WhoHasADamagedEventGoesOnBehindIt) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  store_events(ada_, 1, 3);
  watcher.read_until_seq(3);
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(other->execute("UPDATE events SET body = 'damaged' WHERE seq = 3"));
  watcher.resume(connect(ada_));
  store_events(ada_, 4, 2);
  watcher.read_until_seq(5);
  watcher.expect_no_hole();
}

TEST_F(LiveTest, AnEventComesAsItWasSent) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  const std::string event = event_of({.number = 1, .padding = 70'000});
  watcher.send(event);
  std::string text = watcher.next_text();
  if (text.contains(R"("type":"ack")")) text = watcher.next_text();
  EXPECT_TRUE(text.ends_with(",\"event\":" + event + "}"));
}

TEST_F(LiveTest, ASentEventIsAnsweredOnceItIsStored) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("snapshot");
  watcher.send(event_of({.number = 1}));
  const auto ack = watcher.next_of("ack");
  EXPECT_EQ(text_at(ack, "event_id"), event_id(1));
  EXPECT_EQ(text_at(ack, "status"), "success");
  EXPECT_EQ(head_of(acme_), 1U);
  watcher.send(R"({"type":"event",)" + event_of({.number = 1}).substr(1));
  EXPECT_EQ(text_at(watcher.next_of("ack"), "status"), "duplicate");
}

TEST_F(LiveTest, WhatIsNoEventIsRefusedAloneAndInItsPlace) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("snapshot");
  watcher.next_of("clock");
  const std::string texts[] = {
      event_of({.number = 1}), "{}]},{", "[1]", R"({"type":"nonsense"})", R"({"event_id":"01","payload":{}})",
      event_of({.number = 2})};
  for (const std::string& text : texts) watcher.send(text);
  std::string answers;
  for (std::size_t i = 0; i < std::size(texts); ++i) answers += text_at(watcher.next(), "type") + " ";
  EXPECT_EQ(answers, "ack error error error error ack ");
  EXPECT_EQ(head_of(acme_), 2U);
}

// Whatever it would be between the brackets of a batch.
TEST_F(LiveTest, AFrameIsOneValueAndNothingOfWhatIsNoneIsStored) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("clock");
  const std::string first = event_of({.number = 1}), second = event_of({.number = 2});
  for (const std::string& text : {first + "," + second, first + ",", first + ",\"x\"", first + "],\"x\":[1",
                                  first + "]}", first + second, "," + first, "[" + first + "]",
                                  first.substr(0, first.size() - 1), std::string(), std::string(",")}) {
    watcher.send(text);
    const auto answer = watcher.next();
    EXPECT_EQ(text_at(answer, "type") + " " + text_at(answer, "error_category"), "error malformed") << text;
    EXPECT_EQ(head_of(acme_), 0U) << text;
  }
  watcher.send(" " + first + "\n");
  EXPECT_EQ(text_at(watcher.next(), "status"), "success");
  EXPECT_EQ(store_->log().read(acme_.team_id, 0, 1)->front().body, first);
}

TEST_F(LiveTest, WhatIsNoUtf8IsRefusedAloneAndInItsPlace) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("clock");
  std::uint64_t number = 0;
  for (const std::string_view text : {"\xFF", "{\"event_id\":\"\xC3\"}", "\xED\xA0\x80"}) {
    for (int i = 0; i < 10; ++i) watcher.send(event_of({.number = ++number}));
    watcher.send(text);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(text_at(watcher.next(), "type"), "ack") << i;
    EXPECT_EQ(text_at(watcher.next(), "error_category"), "malformed");
  }
  EXPECT_EQ(head_of(acme_), number);
}

// As a batch does.
TEST_F(LiveTest, AnIdThatIsANumberIsSaidAsItWasWritten) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("clock");
  for (const std::string_view id : {"1.50", "5", "1E2", "true", "123456789012345678901234567890"}) {
    watcher.send(fmt::format(R"({{"event_id":{}}})", id));
    const std::string answer = watcher.next_text();
    EXPECT_TRUE(answer.starts_with(fmt::format(R"({{"type":"error","event_id":{},)", id))) << answer;
  }
}

TEST_F(LiveTest, AViewerReadsAndDoesNotWrite) {
  const auto vera = add_user("vera@example.org", acme_, store::kRoleViewer);
  Watcher watcher = watch(vera);
  watcher.next_of("snapshot");
  watcher.send(event_of({.number = 1}));
  const auto refused = watcher.next_of("error");
  EXPECT_EQ(text_at(refused, "error_category"), "forbidden");
  EXPECT_EQ(text_at(refused, "event_id"), event_id(1));
  watcher.send(R"({"event_id":1.50})");
  EXPECT_TRUE(watcher.next_text().contains(R"("event_id":1.50,)"));
  watcher.send("[]");
  EXPECT_TRUE(watcher.next_of("error").at("event_id").is_null());
  EXPECT_EQ(head_of(acme_), 0U);
  store_events(ada_, 1, 1);
  watcher.read_until_seq(1);
}

TEST_F(LiveTest, NoFrameCrossesTeams) {
  Watcher ada = watch(ada_);
  Watcher bob = watch(bob_);
  ada.next_of("snapshot");
  bob.next_of("snapshot");
  store_events(ada_, 1, 10);
  store_events(bob_, 101, 3, {.project = kOtherProject});
  bob.read_until_seq(3);
  ada.read_until_seq(10);
  EXPECT_EQ(bob.seqs().size(), 3U);
  store_events(bob_, 104, 1);
  EXPECT_TRUE(bob.next_text().contains(event_id(104)));
}

TEST_F(LiveTest, ACursorOfAnotherTeamIsNone) {
  store_events(ada_, 1, 10);
  store_events(bob_, 101, 10);
  Watcher ada = watch(ada_);
  ada.next_of("snapshot");
  Watcher bob = watch(bob_);
  bob.next_of("snapshot");
  bob.send(fmt::format(R"({{"type":"subscribe","since":"{}"}})", ada.cursor()));
  EXPECT_EQ(text_at(bob.next(), "type"), "resync");
}

TEST_F(LiveTest, OnlyTheProjectsThatWereAskedForCome) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  watcher.send(fmt::format(R"({{"type":"subscribe","projects":["{}"]}})", kOtherProject));
  watcher.send(R"({"type":"subscribe","projects":"all"})");
  EXPECT_EQ(text_at(watcher.next(), "type"), "error");  // and the first one holds
  store_events(ada_, 1, 10);
  store_events(ada_, 11, 2, {.project = kOtherProject});
  store_events(ada_, 13, 10);
  store_events(ada_, 23, 1, {.project = kOtherProject});
  watcher.read_until_seq(23);
  EXPECT_EQ(watcher.seqs(), (std::vector<std::uint64_t>{11, 12, 23}));
}

TEST_F(LiveTest, ASubscriberGoesOnWhereItWas) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  store_events(ada_, 1, 10);
  watcher.read_until_seq(10);
  store_events(ada_, 11, 700);
  watcher.resume(connect(ada_));
  watcher.read_until_seq(710);
  watcher.expect_no_hole();
}

TEST_F(LiveTest, ACursorThatCannotBeContinuedIsSaidToBeNone) {
  store_events(ada_, 1, 3);
  const auto events = store_->log().read(acme_.team_id, 0, 3);
  const auto hash = board::hash_prefix((*events)[1].body_hash);
  const board::Cursor good{store_->epoch(), 2, hash};
  board::Cursor other_epoch = good, future = good, changed = good;
  other_epoch.epoch = "01KGJX5B3V9M3S4T5V6W700001";
  future.seq = 4;
  changed.body_hash[0] = static_cast<std::uint8_t>(changed.body_hash[0] + 1);
  const std::string bad[] = {board::encode_cursor(other_epoch), board::encode_cursor(future),
                             board::encode_cursor(changed), "nonsense"};
  for (const std::string& cursor : bad) {
    Watcher watcher = watch(ada_);
    watcher.next_of("snapshot");
    watcher.send(fmt::format(R"({{"type":"subscribe","since":"{}"}})", cursor));
    const auto resync = watcher.next();
    EXPECT_EQ(text_at(resync, "type"), "resync");
    EXPECT_NE(text_at(resync, "reason"), "");
    EXPECT_EQ(text_at(watcher.next(), "type"), "snapshot");
    EXPECT_EQ(watcher.snapshot_seq(), 3U);
  }
}

TEST_F(LiveTest, TheClockStreamHasNoEventsAndAtMostOneClockASecond) {
  store_events(ada_, 1, 3);
  Watcher watcher = watch(ada_, "?stream=clock");
  const auto snapshot = watcher.next();
  EXPECT_TRUE(snapshot.at("work_packages").as_array().empty());
  EXPECT_EQ(watcher.next_of("clock").at("value").as_int64(), 3);
  moved_clock_.advance_ms(1'000);
  store_events(ada_, 4, 3);
  EXPECT_EQ(watcher.next().at("value").as_int64(), 6);
  store_events(ada_, 7, 3);
  watcher.send(event_of({.number = 10}));
  EXPECT_EQ(text_at(watcher.next(), "type"), "ack");  // no clock yet
  moved_clock_.advance_ms(1'000);
  EXPECT_EQ(watcher.next().at("value").as_int64(), 10);
}

TEST_F(LiveTest, WhoAnswersPingsStaysAndWhoIsSilentIsDropped) {
  Watcher lively = watch(ada_);
  Watcher silent = watch(ada_);
  lively.next_of("snapshot");
  silent.next_of("snapshot");
  for (int round = 0; round < 3; ++round) {
    moved_clock_.advance_ms(20'000);
    const auto ping = lively.next_of("ping");
    EXPECT_NE(text_at(ping, "timestamp"), "");
    lively.send(R"({"type":"pong","timestamp":"now"})");
    lively.send(event_of({.number = static_cast<std::uint64_t>(round + 1)}));
    lively.next_of("ack");  // the pong is taken in too
  }
  EXPECT_EQ(silent.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, WhoWasRemovedFromTheTeamIsSentAway) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme_));
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, WhatComesFromSomebodyWhoWasRemovedIsNotStored) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.send(event_of({.number = 1}));
  watcher.next_of("ack");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme_));
  if (watcher.socket().send(event_of({.number = 2}), kLong)) watcher.read_to_end();
  EXPECT_EQ(head_of(acme_), 1U);
}

TEST_F(LiveTest, WhoWasRemovedWhileComingInIsSentAway) {
  before_open_ = [this] { ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme_)); };
  Watcher watcher = watch(ada_);
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, ASessionThatEndsTakesItsSocketsWithItAndNoOthers) {
  Digest token{};
  const auto family = store_->sessions().begin(ada_.user_id, acme_.team_id, token, kNowMs + 1'000'000);
  ASSERT_TRUE(family);
  identity::Principal signed_in = ada_;
  signed_in.session_id = family->family_id;
  Watcher ending = watch(signed_in);
  Watcher staying = watch(ada_);
  ending.next_of("snapshot");
  staying.next_of("snapshot");
  ASSERT_TRUE(store_->sessions().revoke(family->family_id));
  EXPECT_EQ(ending.read_to_end(), net::kClosePolicy);
  store_events(ada_, 1, 1);
  staying.read_until_seq(1);
}

TEST_F(LiveTest, AnotherPasswordEndsTheSocketsOfAllSessions) {
  Digest token{};
  const auto family = store_->sessions().begin(ada_.user_id, acme_.team_id, token, kNowMs + 1'000'000);
  ASSERT_TRUE(family);
  identity::Principal signed_in = ada_;
  signed_in.session_id = family->family_id;
  Watcher watcher = watch(signed_in);
  watcher.next_of("snapshot");
  ASSERT_TRUE(store_->users().set_password("ada@example.org", "another hash"));
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, WhoCameByASessionWithAnEndIsSentAwayAtIt) {
  identity::Principal on_page = ada_;
  on_page.ends_at_ms = moved_clock_.monotonic_ms() + 30'000;
  Watcher ending = watch(on_page);
  Watcher staying = watch(ada_);
  ending.next_of("snapshot");
  staying.next_of("snapshot");
  store_events(ada_, 1, 1);
  ending.read_until_seq(1);
  moved_clock_.advance_ms(30'000);
  EXPECT_EQ(ending.read_to_end(), net::kClosePolicy);
  store_events(ada_, 2, 1);
  staying.read_until_seq(2);
}

TEST_F(LiveTest, AMachineWhoseTokenIsRevokedIsSentAway) {
  Digest token{};
  const auto machine = store_->machine_tokens().issue(acme_, "ci", token);
  ASSERT_TRUE(machine);
  identity::Principal ci{machine->token_id, acme_.team_id, acme_.slug, std::string(store::kRoleMember)};
  ci.is_machine = true;
  Watcher watcher = watch(ci, "?stream=clock");
  watcher.next_of("snapshot");
  ASSERT_TRUE(store_->machine_tokens().revoke(machine->token_id));
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, WhatNobodyWasToldOfIsFoundOutAllTheSame) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  store_->on_access_change(nullptr);
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme_));
  moved_clock_.advance_ms(30'000);
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, WhoseRoleChangedIsSentAwayAndComesBackWithTheNewOne) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  ASSERT_TRUE(store_->users().set_role("ada@example.org", acme_, store::kRoleViewer));
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
  Watcher again = watch(ada_);
  again.next_of("snapshot");
  again.send(event_of({.number = 1}));
  EXPECT_EQ(text_at(again.next_of("error"), "status"), "error");
}

TEST_F(LiveTest, WhoseTeamWasClosedIsSentAway) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  ASSERT_TRUE(store_->users().close_team(acme_));
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LiveTest, AHubThatStopsAnswersWhatItTookAndSaysSo) {
  Watcher watcher = watch(ada_, "?stream=clock");
  watcher.next_of("snapshot");
  for (std::uint64_t number = 1; number <= 50; ++number) watcher.send(event_of({.number = number}));
  watcher.next_of("ack");
  std::jthread stopping([&] { live_->stop(); });
  std::uint64_t acks = 1;
  while (!watcher.next_of("ack").empty()) ++acks;
  EXPECT_EQ(watcher.socket().close_code(), net::kCloseGoingAway);
  EXPECT_EQ(head_of(acme_), acks);
}

}  // namespace
}  // namespace pawprint::hub::live
