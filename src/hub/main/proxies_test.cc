// Behind a reverse proxy: whose attempts count against whom.
#include <gtest/gtest.h>

#include "hub/main/hub_fixture.h"

namespace pawprint::hub {
namespace {

constexpr int kTries = 11;

class ProxiesTest : public HubFixture {
 protected:
  void SetUp() override {
    HubFixture::SetUp();
    add_ada();
  }
  int sign_in_from(std::string_view forwarded_for, std::string_view password) const {
    net::HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/v1/token/";
    request.headers = {{"Content-Type", "application/json"}, {"X-Forwarded-For", std::string(forwarded_for)}};
    request.body = fmt::format(R"({{"username":"ada@example.org","password":"{}"}})", password);
    const auto answer = net::make_http_client()->send(request);
    EXPECT_TRUE(answer);
    return answer ? answer->status : 0;
  }
  void guess_from(std::string_view forwarded_for) const {
    int status = 401;
    for (int i = 0; i < kTries && status == 401; ++i) status = sign_in_from(forwarded_for, "a guess");
    EXPECT_EQ(status, 429);
  }
};

TEST_F(ProxiesTest, GuessesBehindATrustedOneAreThoseOfTheirAddress) {
  start({"--trusted-proxies", "127.0.0.0/8", "--log-requests"});
  guess_from("192.0.2.1");
  EXPECT_EQ(sign_in_from("192.0.2.1", "correct horse"), 429);
  EXPECT_EQ(sign_in_from("192.0.2.2, 192.0.2.1", "correct horse"), 429) << "what a client sends before it";
  EXPECT_EQ(sign_in_from("192.0.2.1, 192.0.2.2", "correct horse"), 200);
  EXPECT_TRUE(hub_->read_error_line().contains(R"("remote":"192.0.2.1")"));
}

TEST_F(ProxiesTest, NobodyIsTrustedWhoWasNotNamed) {
  start();
  guess_from("192.0.2.1");
  EXPECT_EQ(sign_in_from("192.0.2.2", "correct horse"), 429);
}

}  // namespace
}  // namespace pawprint::hub
