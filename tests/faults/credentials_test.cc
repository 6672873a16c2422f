// Credentials that are forged, stolen, used a second time or too late, at the real hub.
#include <sodium.h>

#include <atomic>
#include <barrier>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <thread>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "faults/preloaded.h"
#include "harness/subscriber.h"
#include "hub/identity/base64url.h"

namespace pawprint::testing {
namespace {

namespace json = boost::json;
using hub::identity::base64url;
using hub::identity::from_base64url;

constexpr int kClosePolicy = 1008;
constexpr long kGraceIsOver = 31;  // seconds
constexpr long kAccessHasExpired = 901;

class Credentials : public FaultTest {
 protected:
  // Of a JWT.
  struct Token {
    json::object header, claims;
    std::string message() const {
      return base64url(json::serialize(header)) + "." + base64url(json::serialize(claims));
    }
  };
  static Token parts_of(const std::string& token) {
    const auto first = token.find('.'), second = token.rfind('.');
    const auto part = [&](std::size_t from, std::size_t to) {
      return json::parse(from_base64url(token.substr(from, to - from)).value_or("")).as_object();
    };
    return {part(0, first), part(first + 1, second)};
  }
  static std::string sealed(const std::string& message, const std::string& seed) {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
    crypto_sign_seed_keypair(public_key.data(), secret_key.data(),
                             reinterpret_cast<const unsigned char*>(seed.data()));
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         secret_key.data());
    return message + "." + base64url(signature);
  }
  // What the hub itself signs with.
  std::string hubs_seed() const {
    const std::string text = read_text(hub_.data() / "keys/signing.key");
    return from_base64url(text.substr(0, text.find('\n'))).value();
  }

  // Of reading, writing, and a ticket to the live channel.
  std::string statuses(const std::string& token) {
    Member stranger(member_);
    stranger.present(token);
    const auto status = [](const Result<net::HttpAnswer>& answer) { return answer ? answer->status : 0; };
    return fmt::format("{} {} {}", status(stranger.send("GET", "/api/v1/events")),
                       status(stranger.batch(std::vector<std::string>{})),
                       status(stranger.send("POST", "/api/v1/ws-token/")));
  }

  struct Session {
    std::string access, refresh;
  };
  static Session session_in(const Result<net::HttpAnswer>& answer) {
    EXPECT_TRUE(answer && answer->status == 200);
    const auto tokens = json::parse(answer ? answer->body : "{}").as_object();
    return {tokens.at("access").as_string().c_str(), tokens.at("refresh").as_string().c_str()};
  }
  Session sign_in() {
    return session_in(member_.send("POST", "/api/v1/token/",
                                   fmt::format(R"({{"username":"{}","password":"{}"}})", kUser, kPassword)));
  }
  Result<net::HttpAnswer> refresh(const std::string& token) {
    return member_.send("POST", "/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", token));
  }

  void let_pass(long seconds) { write_text(passed_, std::to_string(seconds)); }
  void start_with_a_clock_to_move() {
    let_pass(0);
    hub_.kill();
    hub_.start(preloaded({{"PAW_TIME_PASSED", passed_}}));
  }

  fs::path passed_ = directory_.path() / "passed";
  Member member_ = kim();
};

TEST_F(Credentials, ThatAreForgedOpenNothing) {
  const std::string ours = member_.access();
  const Token right = parts_of(ours);
  const std::string seed = hubs_seed();
  ASSERT_EQ(statuses(sealed(right.message(), seed)), "200 200 200") << "else the rest proves nothing";
  const auto with_header = [&](const char* name, json::value value) {
    Token changed = right;
    changed.header[name] = std::move(value);
    return sealed(changed.message(), seed);
  };
  const auto with_claim = [&](const char* name, json::value value) {
    Token changed = right;
    changed.claims[name] = std::move(value);
    return sealed(changed.message(), seed);
  };
  std::vector<std::string> forged;
  for (const char* alg : {"none", "None", "HS256", "ES256", ""}) forged.push_back(with_header("alg", alg));
  for (const char* typ : {"JWT", "rt+jwt", ""}) forged.push_back(with_header("typ", typ));
  for (const char* kid : {"0123456789abcdef", "../signing.key", ""}) {
    forged.push_back(with_header("kid", kid));
  }
  for (const char* name : {"aud", "iss"}) forged.push_back(with_claim(name, "another-hub"));
  forged.push_back(with_claim("exp", 1));
  forged.push_back(with_claim("sub", "01KGJX5B3V9M3S4T5V00000000"));
  forged.push_back(with_claim("team", parts_of(robin().access()).claims.at("team")));
  forged.push_back(sealed(right.message(), std::string(crypto_sign_SEEDBYTES, 'x')));
  Token raised = right;
  raised.claims["role"] = "owner";
  forged.push_back(raised.message() + ours.substr(ours.rfind('.')));
  Token unsigned_one = right;
  unsigned_one.header["alg"] = "none";
  forged.push_back(unsigned_one.message() + ".");
  forged.push_back(unsigned_one.message());
  for (const std::string& token : forged) EXPECT_EQ(statuses(token), "401 401 401") << token;
  EXPECT_EQ(statuses(ours), "200 200 200");
}

TEST_F(Credentials, OfATicketOpenOneSocketForManyWhoTryAtOnce) {
  constexpr int kMany = 16;
  const std::string ticket = member_.ws_token();
  EXPECT_EQ(statuses(ticket), "401 401 401") << "it is good for one thing";
  std::atomic<int> opened = 0, refused = 0;
  {
    std::barrier begin(kMany);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kMany; ++i) {
      threads.emplace_back([&] {
        RawConnection connection(hub_.url());
        begin.arrive_and_wait();
        const int status = open_live_channel(connection, ticket).status;
        opened += status == 101 ? 1 : 0;
        refused += status == 401 ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(refused, kMany - 1);
  RawConnection later(hub_.url());
  EXPECT_EQ(open_live_channel(later, ticket).status, 401);
  RawConnection without(hub_.url());
  EXPECT_EQ(open_live_channel(without, member_.access()).status, 401) << "who has no ticket";
}

TEST_F(Credentials, OfASessionWhoseParentIsReplayedAreAllOverWithItsSockets) {
  start_with_a_clock_to_move();
  const Session stolen = sign_in();
  const Session other = sign_in();
  const Session second = session_in(refresh(stolen.refresh));
  const Session third = session_in(refresh(second.refresh));
  Member owner(member_), elsewhere(member_);
  owner.present(third.access);
  elsewhere.present(other.access);
  Subscriber watching, beside;
  watching.connect(owner);
  beside.connect(elsewhere);
  let_pass(kGraceIsOver);
  EXPECT_EQ(refresh(stolen.refresh)->status, 401);
  EXPECT_EQ(refresh(third.refresh)->status, 401) << "the newest of the family too";
  for (const Session& ended : {stolen, second, third}) EXPECT_EQ(statuses(ended.access), "401 401 401");
  EXPECT_EQ(watching.read_to_end(), kClosePolicy);
  EXPECT_EQ(elsewhere.batch(member_events(1, 1), ledger_).success, 1U) << "another session of theirs";
  EXPECT_TRUE(beside.read_until(1));
  EXPECT_EQ(refresh(sign_in().refresh)->status, 200) << "the owner signs in again and goes on";
  expect_laws();
}

TEST_F(Credentials, ThatHaveExpiredOpenNothingAndARefreshDoes) {
  start_with_a_clock_to_move();
  const Session session = sign_in();
  Member member(member_);
  member.present(session.access);
  const std::string ticket = member.ws_token();
  let_pass(kAccessHasExpired);
  EXPECT_EQ(statuses(session.access), "401 401 401");
  RawConnection late(hub_.url());
  EXPECT_EQ(open_live_channel(late, ticket).status, 401);
  EXPECT_EQ(statuses(session_in(refresh(session.refresh)).access), "200 200 200");
}

}  // namespace
}  // namespace pawprint::testing
