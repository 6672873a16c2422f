// The hub's pages and the device grant that they approve, as a browser and a machine see them.
#include <gtest/gtest.h>

#include "hub/edge/edge_fixture.h"

namespace pawprint::hub::edge {
namespace {

class PagesTest : public EdgeFixture {
 protected:
  static constexpr std::string_view kHere = "http://hub.test";

  net::ServerAnswer browse(std::string target) { return send({"GET", std::move(target), browser(), {}}); }
  net::ServerAnswer submit(std::string target, std::string form, std::string_view origin = kHere) {
    std::vector<net::Header> headers = browser();
    headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    if (!origin.empty()) headers.push_back({"Origin", std::string(origin)});
    return send({"POST", std::move(target), headers, {}}, std::move(form));
  }
  std::vector<net::Header> browser() const {
    std::vector<net::Header> headers{{"Host", "hub.test"}};
    if (!cookie_.empty()) headers.push_back({"Cookie", "other=1; " + cookie_});
    return headers;
  }
  net::ServerAnswer sign_in_on_page(std::string_view password = kPassword) {
    auto answer =
        submit("/sign-in", fmt::format("username=ada%40example.org&password={}&to=%2Fdevice%3Fuser_code%3DX",
                                       password == kPassword ? "correct+horse" : password));
    const std::string set = header(answer, "Set-Cookie");
    if (!set.empty()) cookie_ = set.substr(0, set.find(';'));
    return answer;
  }
  net::ServerAnswer form(std::string target, std::string body) {
    return send({"POST",
                 std::move(target),
                 {{"Host", "hub.test"}, {"Content-Type", "application/x-www-form-urlencoded"}},
                 {}},
                std::move(body));
  }
  // What a machine gets when it asks to be signed in.
  boost::json::object ask(std::string more = {}) {
    return object_in(form("/oauth/device", "client_id=pawprint&machine=ada%40laptop" + more));
  }
  static std::string at(const boost::json::object& object, std::string_view key) {
    return std::string(object.at(key).as_string());
  }
  net::ServerAnswer poll(const boost::json::object& codes) {
    clock_.advance_ms(5000);
    return form("/oauth/token",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=" +
                    at(codes, "device_code"));
  }
  static std::string form_token_in(const net::ServerAnswer& answer) {
    constexpr std::string_view kBefore = "name=\"form_token\" value=\"";
    const auto found = answer.body.find(kBefore);
    EXPECT_NE(found, std::string::npos) << answer.body;
    return found == std::string::npos ? "" : answer.body.substr(found + kBefore.size(), 64);
  }
  net::ServerAnswer decide(const boost::json::object& codes, std::string_view decision,
                           std::string_view team = "acme") {
    const auto shown = browse("/device?user_code=" + at(codes, "user_code"));
    EXPECT_EQ(shown.status, 200);
    return submit("/device", fmt::format("form_token={}&user_code={}&team={}&decision={}",
                                         form_token_in(shown), at(codes, "user_code"), team, decision));
  }

  std::string cookie_;
};

TEST_F(PagesTest, AMachineIsSignedInOnceSomebodyHasSeenAndApprovedIt) {
  const auto codes = ask();
  EXPECT_EQ(at(codes, "verification_uri"), "http://hub.test/device");
  EXPECT_EQ(text(poll(codes), "error"), "authorization_pending");
  const auto led = browse("/device?user_code=" + at(codes, "user_code"));
  EXPECT_EQ(led.status, 303);
  EXPECT_TRUE(header(led, "Location").starts_with("/sign-in?to=/device%3Fuser_code%3D"));
  EXPECT_EQ(header(sign_in_on_page(), "Location"), "/device?user_code=X");
  const auto shown = browse("/device?user_code=" + at(codes, "user_code"));
  for (const char* wanted : {"ada@laptop", "pawprint", "127.0.0.1", "acme"}) {
    EXPECT_TRUE(shown.body.contains(wanted)) << wanted << shown.body;
  }
  EXPECT_EQ(decide(codes, "approve").status, 200);
  const auto tokens = poll(codes);
  ASSERT_EQ(tokens.status, 200) << tokens.body;
  EXPECT_EQ(text(tokens, "team_slug"), "acme");
  EXPECT_EQ(text(tokens, "token_type"), "Bearer");
  EXPECT_EQ(get("/api/v1/me", text(tokens, "access_token")).status, 200);
  const auto refreshed =
      form("/oauth/token", "grant_type=refresh_token&refresh_token=" + text(tokens, "refresh_token"));
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_EQ(text(refreshed, "session_id"), text(tokens, "session_id"));
}

TEST_F(PagesTest, WhatIsDeniedExpiredOrNonsenseIsA400WithItsWord) {
  sign_in_on_page();
  const auto codes = ask();
  EXPECT_EQ(decide(codes, "deny").status, 200);
  const auto denied = poll(codes);
  EXPECT_EQ(denied.status, 400);
  EXPECT_EQ(text(denied, "error"), "access_denied");
  const auto late = ask();
  EXPECT_EQ(text(form("/oauth/token",
                      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                      "&device_code=" +
                          at(late, "device_code")),
                 "error"),
            "authorization_pending");
  EXPECT_EQ(text(form("/oauth/token",
                      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                      "&device_code=" +
                          at(late, "device_code")),
                 "error"),
            "slow_down");
  clock_.advance_ms(access::kDeviceLifetimeSeconds * 1000);
  EXPECT_EQ(text(poll(late), "error"), "expired_token");
  EXPECT_EQ(text(form("/oauth/token", "grant_type=password"), "error"), "unsupported_grant_type");
  EXPECT_EQ(text(form("/oauth/token", "grant_type=refresh_token&refresh_token=x"), "error"), "invalid_grant");
  EXPECT_EQ(text(form("/oauth/device", ""), "error"), "invalid_request");
  EXPECT_EQ(text(form("/oauth/token", ""), "error"), "invalid_request");
}

// As RFC 6749, 5.2 has it: a client of OAuth knows no 415.
TEST_F(PagesTest, ABodyThatIsNoFormIsARequestOfOAuthThatIsInvalid) {
  for (const char* path : {"/oauth/device", "/oauth/token", "/oauth/revoke"}) {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/json"},
                                                          {"Content-Encoding", "br"},
                                                          {"Content-Encoding", "gzip"}}) {
      const auto refused = send({"POST", path, {{"Host", "hub.test"}, {name, value}}, {}}, "client_id=x");
      EXPECT_EQ(refused.status, 400) << path << value << refused.body;
      EXPECT_EQ(text(refused, "error"), "invalid_request") << refused.body;
      EXPECT_FALSE(text(refused, "error_description").empty());
    }
  }
  const auto no_host = send({"POST", "/oauth/device", {}, {}}, "client_id=x");
  EXPECT_EQ(no_host.status, 400);
  EXPECT_EQ(text(no_host, "error"), "invalid_request") << no_host.body;
}

TEST_F(PagesTest, AFormOfAnotherSiteOrOfAnotherSessionDoesNothing) {
  const std::string credentials = "username=ada%40example.org&password=correct+horse";
  EXPECT_EQ(submit("/sign-in", credentials, "https://evil.example").status, 403);
  EXPECT_EQ(submit("/sign-in", credentials, "null").status, 403);
  EXPECT_EQ(submit("/sign-in", credentials, "").status, 403);
  sign_in_on_page();
  const auto codes = ask();
  const std::string decision = "user_code=" + at(codes, "user_code") + "&team=acme&decision=approve";
  EXPECT_EQ(submit("/device", decision).status, 403) << "without the form's own token";
  EXPECT_EQ(submit("/device", decision + "&form_token=" + std::string(64, '0')).status, 403);
  const std::string token = form_token_in(browse("/device"));
  EXPECT_EQ(submit("/device", decision + "&form_token=" + token, "https://evil.example").status, 403);
  EXPECT_EQ(text(poll(codes), "error"), "authorization_pending");
  EXPECT_EQ(submit("/device", decision + "&form_token=" + token).status, 200);
}

TEST_F(PagesTest, APageLoadsRunsAndIsFramedByNothing) {
  sign_in_on_page();
  const auto hostile = ask("&team_slug=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E");
  const auto shown = browse("/device?user_code=" + at(hostile, "user_code"));
  const std::string policy = header(shown, "Content-Security-Policy");
  EXPECT_TRUE(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'")) << policy;
  EXPECT_FALSE(policy.contains("unsafe"));
  const auto named = object_in(
      form("/oauth/device", "client_id=%3Cscript%3E&machine=%3Cimg+src%3Dx%20onerror=1%3E%E2%80%AE"));
  const auto page = browse("/device?user_code=" + at(named, "user_code"));
  EXPECT_FALSE(page.body.contains("<script") || page.body.contains("<img")) << page.body;
  EXPECT_TRUE(page.body.contains("&lt;img src=x onerror=1&gt;\\u{202e}")) << page.body;
  EXPECT_EQ(header(page, "Cache-Control"), "no-store");
}

TEST_F(PagesTest, WhoOpensTheHubInABrowserIsToldWhatItIsAndProgramsGetJson) {
  const auto welcome = browse("/");
  EXPECT_EQ(welcome.status, 200);
  for (const char* wanted : {"pawprint sync server http://hub.test", "/device", "/invitation"})
    EXPECT_TRUE(welcome.body.contains(wanted)) << wanted << welcome.body;
  const auto nothing = send({"GET", "/nothing", {{"Accept", "text/html,*/*;q=0.8"}}, {}});
  EXPECT_EQ(nothing.status, 404);
  EXPECT_TRUE(nothing.body.contains("There is nothing here")) << nothing.body;
  EXPECT_EQ(text(get("/nothing"), "error"), "there is nothing at this path");
}

TEST_F(PagesTest, WhatWasTypedStaysButForThePassword) {
  const auto wrong = submit("/sign-in", "username=%22%3E%3Ci%3Eada&password=never+told");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_TRUE(wrong.body.contains("value=\"&quot;&gt;&lt;i&gt;ada\"")) << wrong.body;
  EXPECT_FALSE(wrong.body.contains("never told")) << wrong.body;
  const auto joined = submit("/invitation", "invitation=x%3C&email=a%40b.c&name=%3Cb%3E&password=never+told");
  EXPECT_EQ(joined.status, 403);
  for (const char* wanted : {"\"x&lt;\"", "\"a@b.c\"", "\"&lt;b&gt;\"", "The invitation does not hold"})
    EXPECT_TRUE(joined.body.contains(wanted)) << wanted << joined.body;
  EXPECT_FALSE(joined.body.contains("never told")) << joined.body;
}

TEST_F(PagesTest, SigningInLeadsToPagesOfTheHubAlone) {
  for (const char* target :
       {"//evil.example/device", "https://evil.example", "/api/v1/me", "/device%0d%0aX:1", ""}) {
    const auto answer =
        submit("/sign-in", fmt::format("username=ada%40example.org&password=correct+horse&to={}", target));
    EXPECT_EQ(answer.status, 303) << answer.body;
    EXPECT_EQ(header(answer, "Location"), "/device") << target;
  }
  const std::string set = header(sign_in_on_page(), "Set-Cookie");
  EXPECT_TRUE(set.contains("HttpOnly") && set.contains("SameSite=Strict")) << set;
  EXPECT_EQ(sign_in_on_page("wrong").status, 403);
}

TEST_F(PagesTest, WhoSignedOutOrLeftTheTeamDecidesNothingAnyMore) {
  sign_in_on_page();
  const std::string token = form_token_in(browse("/device"));
  EXPECT_EQ(submit("/sign-out", "form_token=" + token).status, 303);
  EXPECT_EQ(browse("/device").status, 303);
  sign_in_on_page();
  EXPECT_EQ(browse("/device").status, 200);
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", **team));
  EXPECT_EQ(browse("/device").status, 303);
}

TEST_F(PagesTest, CodesCannotBeTriedOutAndOnlyAnOwnTeamIsGiven) {
  sign_in_on_page();
  const auto codes = ask();
  const auto foreign = decide(codes, "approve", "other");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(text(poll(codes), "error"), "authorization_pending");
  for (std::size_t i = 0; i < access::kMaxFailures; ++i) {
    EXPECT_EQ(browse("/device?user_code=BBBBBBBB").status, 404);
  }
  EXPECT_EQ(browse("/device?user_code=" + at(codes, "user_code")).status, 429);
}

TEST_F(PagesTest, AnApprovalOfSomebodyWhoLeavesBeforeItIsUsedIsWorthNothing) {
  sign_in_on_page();
  const auto codes = ask();
  EXPECT_EQ(decide(codes, "approve").status, 200);
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", **team));
  EXPECT_EQ(text(poll(codes), "error"), "access_denied");
}

}  // namespace
}  // namespace pawprint::hub::edge
