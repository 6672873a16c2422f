#include "hub/identity/access_token.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "base/format.h"
#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {
namespace {

constexpr std::int64_t kNowS = 1'770'120'000;

Keys keys_of(std::string_view seed, std::string_view kid) {
  Keys keys;
  keys.kid = kid;
  crypto_sign_seed_keypair(keys.public_key.data(), keys.secret_key.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
  return keys;
}

class AccessTokenTest : public testing::Test {
 protected:
  // A token with any header and claims, properly signed by `keys`.
  static std::string sign(const Keys& keys, std::string_view header, std::string_view claims) {
    const std::string message = base64url(header) + "." + base64url(claims);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         keys.secret_key.data());
    return message + "." + base64url(signature);
  }
  static std::string claims(std::string_view audience, std::string_view expiry) {
    return fmt::format(
        R"({{"iss":"pawprint-hub","aud":{},"sub":"u","team":"t","team_slug":"s","role":"r","iat":1770120000,"exp":{}}})",
        audience, expiry);
  }
  bool accepts(std::string_view token) {
    const auto verified = tokens_.verify(token);
    EXPECT_TRUE(verified || verified.error().kind == ErrorKind::not_signed_in);
    return verified.has_value();
  }

  const Keys keys_ = keys_of("0123456789abcdef0123456789abcdef", "k1");
  const std::string header_ = R"({"alg":"EdDSA","typ":"at+jwt","kid":"k1"})";
  const std::string good_claims_ = claims(R"("pawprint-hub")", "1770120900");
  ManualClock clock_{kNowS * 1000};
  SeededRandom random_{3};
  AccessTokens tokens_{keys_, clock_, random_};
  const Principal ada_{"user-1", "team-1", "acme", "member", "session-1"};
};

TEST_F(AccessTokenTest, SaysForWhomItIs) {
  const auto principal = tokens_.verify(tokens_.issue(ada_));
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->user_id, "user-1");
  EXPECT_EQ(principal->team_id, "team-1");
  EXPECT_EQ(principal->team_slug, "acme");
  EXPECT_EQ(principal->role, "member");
  EXPECT_EQ(principal->session_id, "session-1");
}

TEST_F(AccessTokenTest, CarriesTheClaimsOfItsProfile) {
  const std::string token = tokens_.issue(ada_);
  const auto dot = token.find('.');
  EXPECT_EQ(from_base64url(token.substr(0, dot)), header_);
  const std::string body = *from_base64url(token.substr(dot + 1, token.rfind('.') - dot - 1));
  EXPECT_TRUE(body.starts_with(
      R"({"iss":"pawprint-hub","aud":"pawprint-hub","sub":"user-1","team":"team-1",)"
      R"("team_slug":"acme","role":"member","sid":"session-1","iat":1770120000,"exp":1770120900,"jti":")"))
      << body;
}

TEST_F(AccessTokenTest, LivesForItsLifetimeAndNoLonger) {
  const std::string token = tokens_.issue(ada_);
  clock_.advance_ms(kAccessLifetimeSeconds * 1000 - 1000);
  EXPECT_TRUE(accepts(token));
  clock_.advance_ms(1000);
  EXPECT_FALSE(accepts(token));
}

// The hub's clock was ahead for a while.
TEST_F(AccessTokenTest, WhatWasIssuedInTheFutureIsRefused) {
  const std::string token = tokens_.issue(ada_);
  clock_.jump_wall_ms(-300'000);
  EXPECT_TRUE(accepts(token));
  clock_.jump_wall_ms(-1'000);
  EXPECT_FALSE(accepts(token));
}

TEST_F(AccessTokenTest, AChangedByteAnywhereIsRefused) {
  const std::string token = tokens_.issue(ada_);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(accepts(changed)) << i;
  }
}

// libsodium takes some bytes above 127 for letters.
TEST_F(AccessTokenTest, ATextHasOneBase64urlFormAndATokenOneSignature) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("AA") + static_cast<char>(byte) + "A";
    const auto read = from_base64url(text);
    EXPECT_TRUE(!read || base64url(*read) == text) << byte;
  }
}

TEST_F(AccessTokenTest, WhatTheHeaderSaysIsComparedNotObeyed) {
  ASSERT_TRUE(accepts(sign(keys_, header_, good_claims_)));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"none","typ":"at+jwt","kid":"k1"})", good_claims_)));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})", good_claims_)));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"EdDSA","typ":"JWT","kid":"k1"})", good_claims_)));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"EdDSA","typ":"at+jwt","kid":"k2"})", good_claims_)));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"EdDSA","typ":"at+jwt"})", good_claims_)));
  EXPECT_FALSE(accepts(base64url(R"({"alg":"none","typ":"at+jwt","kid":"k1"})") + "." +
                       base64url(good_claims_) + "."));
}

TEST_F(AccessTokenTest, OfAnotherKeyIsRefused) {
  const Keys other = keys_of("another-seed-another-seed-another", "k1");
  EXPECT_FALSE(accepts(sign(other, header_, good_claims_)));
}

TEST_F(AccessTokenTest, ClaimsThatAreNotOursAreRefused) {
  EXPECT_FALSE(accepts(sign(keys_, header_, claims(R"("another-service")", "1770120900"))));
  EXPECT_FALSE(accepts(sign(keys_, header_, claims(R"("pawprint-hub")", "\"1770120900\""))));
  EXPECT_FALSE(accepts(sign(keys_, header_, claims(R"("pawprint-hub")", "1.8e9"))));
  EXPECT_FALSE(accepts(sign(keys_, header_, claims(R"("pawprint-hub")", "1770120000"))));
  EXPECT_FALSE(accepts(sign(
      keys_, header_, R"({"iss":"pawprint-hub","aud":"pawprint-hub","iat":1770120000,"exp":1770120900})")));
  EXPECT_FALSE(accepts(sign(keys_, header_, "[]")));
}

TEST_F(AccessTokenTest, WhatIsNoTokenIsRefused) {
  for (const char* bad : {"", ".", "..", "a.b", "a.b.c", "....", "prt_x"}) EXPECT_FALSE(accepts(bad)) << bad;
  EXPECT_FALSE(accepts(std::string(1'000'000, '.')));
}

TEST_F(AccessTokenTest, OfAKeyThatWasReplacedHoldUntilTheyExpireOrTheKeyIsRetired) {
  const std::string before = tokens_.issue(ada_);
  Keys changed = keys_of("abcdef0123456789abcdef0123456789", "k2");
  changed.former.push_back({"k1", keys_.public_key, clock_.unix_ms()});
  tokens_.use(changed);
  EXPECT_TRUE(accepts(before));
  const std::string after = tokens_.issue(ada_);
  EXPECT_TRUE(accepts(after));
  EXPECT_TRUE(from_base64url(after.substr(0, after.find('.')))->contains(R"("kid":"k2")"));
  EXPECT_FALSE(accepts(sign(keys_, R"({"alg":"EdDSA","typ":"at+jwt","kid":"k2"})", good_claims_)))
      << "each kid has its own key";
  changed.former.clear();
  changed.lapsed.push_back("k1");
  tokens_.use(changed);
  EXPECT_FALSE(accepts(before));
  EXPECT_TRUE(accepts(after));
  EXPECT_TRUE(tokens_.counts("k1")) << "what it has opened goes on";
  changed.lapsed.clear();
  tokens_.use(changed);
  EXPECT_FALSE(tokens_.counts("k1"));
}

}  // namespace
}  // namespace pawprint::hub::identity
