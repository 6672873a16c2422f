// Credentials that are forged, stolen or used a second time: what each of them gets.
#include <gtest/gtest.h>
#include <sodium.h>

#include "hub/edge/edge_fixture.h"
#include "hub/identity/base64url.h"
#include "hub/identity/refresh_token.h"

namespace pawprint::hub::edge {
namespace {

class StolenTokensTest : public EdgeFixture {
 protected:
  struct Forged {
    std::string_view alg = "EdDSA", typ = "at+jwt", aud = "pawprint-hub", iss = "pawprint-hub";
    std::string kid = {};
    std::int64_t lives_s = 900;
  };

  void SetUp() override {
    EdgeFixture::SetUp();
    const auto keys = identity::load_or_make_keys(environment_, directory_);
    ASSERT_TRUE(keys);
    keys_ = *keys;
    team_id_ = (*store_->users().find_team("acme"))->team_id;
    ada_id_ = (*store_->users().find_user("ada@example.org"))->user_id;
  }

  // All of it right but for what `forged` says, and signed with the hub's own key.
  std::string token(const Forged& forged) const {
    const auto now_s = StoreFixture::kNowMs / 1000;
    const std::string header = fmt::format(R"({{"alg":"{}","typ":"{}","kid":"{}"}})", forged.alg, forged.typ,
                                           forged.kid.empty() ? keys_.kid : forged.kid);
    const std::string claims = fmt::format(
        R"({{"iss":"{}","aud":"{}","sub":"{}","team":"{}","team_slug":"acme","role":"owner","iat":1,"exp":{}}})",
        forged.iss, forged.aud, ada_id_, team_id_, now_s + forged.lives_s);
    const std::string message = identity::base64url(header) + "." + identity::base64url(claims);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         keys_.secret_key.data());
    return message + "." + identity::base64url(signature);
  }
  int status_of(const std::string& token) { return get("/api/v1/projects", token).status; }
  net::ServerAnswer refresh(const std::string& token) {
    return post("/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", token));
  }

  identity::Keys keys_;
  std::string team_id_, ada_id_;
};

TEST_F(StolenTokensTest, OneThatIsRightInEverythingIsAccepted) {
  EXPECT_EQ(status_of(token({})), 200) << "else the next tests prove nothing";
}

TEST_F(StolenTokensTest, AnAlgorithmOfNoneOrAnotherIsRefused) {
  for (const std::string_view alg : {"none", "None", "HS256", "ES256", ""}) {
    EXPECT_EQ(status_of(token({.alg = alg})), 401) << alg;
  }
  const std::string good = token({});
  const std::string claims = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  const std::string none = identity::base64url(R"({"alg":"none","typ":"at+jwt"})");
  EXPECT_EQ(status_of(none + claims + "."), 401);
  EXPECT_EQ(status_of(none + claims), 401);
}

TEST_F(StolenTokensTest, AWrongTypeIsRefused) {
  for (const std::string_view typ : {"JWT", "rt+jwt", ""})
    EXPECT_EQ(status_of(token({.typ = typ})), 401) << typ;
}

TEST_F(StolenTokensTest, AWrongAudienceOrIssuerIsRefused) {
  EXPECT_EQ(status_of(token({.aud = "another-hub"})), 401);
  EXPECT_EQ(status_of(token({.iss = "another-hub"})), 401);
}

TEST_F(StolenTokensTest, AWrongKeyIsRefused) {
  EXPECT_EQ(status_of(token({.kid = "0123456789abcdef"})), 401);
  EXPECT_EQ(status_of(token({.kid = "../signing.key"})), 401);
  identity::Keys own = keys_;
  crypto_sign_keypair(keys_.public_key.data(), keys_.secret_key.data());
  EXPECT_EQ(status_of(token({.kid = own.kid})), 401) << "the right name on another key";
}

TEST_F(StolenTokensTest, AnExpiredOneIsRefused) {
  EXPECT_EQ(status_of(token({.lives_s = 0})), 401);
}

TEST_F(StolenTokensTest, ATokenOfAKeyThatWasReplacedHoldsUntilTheKeyIsRetired) {
  const std::string before = token_of("ada@example.org");
  const auto rotated = identity::rotate_signing_key(environment_, directory_);
  ASSERT_TRUE(rotated);
  access_->use_keys(*rotated);
  EXPECT_EQ(status_of(before), 200);
  const auto retired = identity::retire_key(environment_, directory_, keys_.kid);
  ASSERT_TRUE(retired);
  access_->use_keys(*retired);
  EXPECT_EQ(status_of(before), 401);
  EXPECT_EQ(status_of(token_of("ada@example.org")), 200);
}

TEST_F(StolenTokensTest, AReplayedRefreshTokenEndsTheWholeFamily) {
  const std::string first = text(sign_in_as("ada@example.org"), "refresh");
  const std::string second = text(refresh(first), "refresh");
  EXPECT_EQ(text(refresh(first), "refresh"), second) << "its one successor, while that was not used";
  const std::string third = text(refresh(second), "refresh");
  clock_.advance_ms(identity::kReplayGraceMs + 1);
  EXPECT_EQ(refresh(first).status, 401);
  EXPECT_EQ(refresh(third).status, 401) << "the newest token of the family too";
}

TEST_F(StolenTokensTest, WhoeverStoleAParentLosesItWithTheOwner) {
  const std::string stolen = text(sign_in_as("ada@example.org"), "refresh");
  const std::string owners = text(refresh(text(refresh(stolen), "refresh")), "refresh");
  clock_.advance_ms(identity::kReplayGraceMs + 1);
  EXPECT_EQ(refresh(stolen).status, 401);
  EXPECT_EQ(refresh(owners).status, 401);
  const auto again = sign_in_as("ada@example.org");
  EXPECT_EQ(refresh(text(again, "refresh")).status, 200) << "the owner signs in again and goes on";
}

class EndedSessionTest : public StolenTokensTest {
 protected:
  void SetUp() override {
    StolenTokensTest::SetUp();
    const auto signed_in = sign_in_as("ada@example.org");
    refresh_ = text(signed_in, "refresh");
    access_token_ = text(signed_in, "access");
    EXPECT_EQ(statuses(), "200 200 200");
  }

  // Of reading, writing, and a ticket to the live channel.
  std::string statuses() {
    const int read = get("/api/v1/events", access_token_).status;
    const int written = batch(R"({"events":[]})", access_token_).status;
    const int ticket = send({"POST",
                             "/api/v1/ws-token/",
                             {{"Authorization", "Bearer " + access_token_}, {"Host", "hub.test"}},
                             {}})
                           .status;
    return fmt::format("{} {} {}", read, written, ticket);
  }
  store::Team acme() { return **store_->users().find_team("acme"); }

  std::string refresh_, access_token_;
};

TEST_F(EndedSessionTest, OneThatWasSignedOutTakesItsAccessTokenWithIt) {
  const std::string other = token_of("ada@example.org");
  ASSERT_EQ(send({"POST", "/oauth/revoke", {{"Content-Type", "application/x-www-form-urlencoded"}}, {}},
                 "token=" + refresh_)
                .status,
            200);
  EXPECT_EQ(statuses(), "401 401 401");
  EXPECT_EQ(status_of(other), 200) << "another session of the same user goes on";
}

TEST_F(EndedSessionTest, AReplayedRefreshTokenEndsTheAccessTokensToo) {
  const std::string second = text(refresh(refresh_), "refresh");
  ASSERT_EQ(refresh(second).status, 200);
  clock_.advance_ms(identity::kReplayGraceMs + 1);
  ASSERT_EQ(refresh(refresh_).status, 401);
  EXPECT_EQ(statuses(), "401 401 401");
}

TEST_F(EndedSessionTest, AnotherPasswordEndsThemAll) {
  ASSERT_TRUE(store_->users().set_password("ada@example.org", "another hash"));
  EXPECT_EQ(statuses(), "401 401 401");
}

TEST_F(EndedSessionTest, WhoLeftTheTeamReadsNothingEither) {
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme()));
  EXPECT_EQ(statuses(), "401 401 401");
}

TEST_F(EndedSessionTest, AViewerReadsOnAndWritesNothingFromThenOn) {
  ASSERT_TRUE(store_->users().set_role("ada@example.org", acme(), store::kRoleViewer));
  EXPECT_EQ(statuses(), "200 403 200");
}

TEST_F(EndedSessionTest, WhatIsRevokedWhileABodyComesIsNotStored) {
  const auto admitted = edge_->admit(
      {"POST", "/api/v1/events/batch/", {{"Authorization", "Bearer " + access_token_}}, "127.0.0.1"});
  ASSERT_TRUE(admitted.with_body);
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", acme()));
  const auto answer = admitted.with_body("{\"events\":[" + move_event(1, "planned", "in_progress") + "]}");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(store_->log().head(team_id_).value_or(99), 0U);
}

TEST_F(StolenTokensTest, ATicketIsGoodForOneUpgrade) {
  const auto issued =
      send({"POST",
            "/api/v1/ws-token/",
            {{"Authorization", "Bearer " + token_of("ada@example.org")}, {"Host", "hub.test"}},
            {}});
  const std::string ticket = text(issued, "ws_token");
  const net::ServerRequest upgrade{"GET", "/ws/v1/events/", bearer(ticket), {}, true};
  EXPECT_NE(send(upgrade).status, 401);
  EXPECT_EQ(send(upgrade).status, 401);
  EXPECT_EQ(get("/api/v1/projects", ticket).status, 401) << "and for nothing else";
}

}  // namespace
}  // namespace pawprint::hub::edge
