// What the running program says on stderr of those who use it, and what it never says.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <sstream>

#include "hub/main/hub_fixture.h"
#include "net/scripted_peer_for_test.h"
#include "net/web_socket_client.h"

namespace pawprint::hub {
namespace {

namespace json = boost::json;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr const char* kWrongPassword = "not-the-password-of-anybody";
constexpr const char* kTitle = "a title that is nobody's business";

class LogTest : public HubFixture {
 protected:
  using Headers = std::vector<net::Header>;

  net::HttpAnswer ask(std::string_view method, const std::string& target, std::string body = {},
                      std::string_view type = "application/json", Headers headers = {}) {
    net::HttpRequest request;
    request.method = method;
    request.url = url_ + target;
    request.headers = std::move(headers);
    if (method == "POST") request.headers.push_back({"Content-Type", std::string(type)});
    request.body = std::move(body);
    auto answer = net::make_http_client()->send(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : net::HttpAnswer{};
  }

  // A member of the answer's object, to be found in no line of the log.
  std::string secret(const net::HttpAnswer& answer, std::string_view key) {
    boost::system::error_code failed;
    const auto object = json::parse(answer.body, failed);
    const auto* value = failed ? nullptr : object.as_object().if_contains(json::string_view(key));
    EXPECT_TRUE(value != nullptr && value->is_string()) << key << " is not in " << answer.body;
    std::string text = value != nullptr && value->is_string() ? value->get_string().c_str() : "none";
    secrets_[std::string(key) + std::to_string(secrets_.size())] = text;
    return text;
  }

  static Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

  static std::string batch_of(std::uint64_t number) {
    std::string text = event(number);
    text.replace(text.find("First"), 5, kTitle);
    return protocol::write_batch(std::vector{text});
  }

  void come_in_by_password() {
    ask("POST", "/api/v1/token/",
        fmt::format(R"({{"username":"ada@example.org","password":"{}"}})", kWrongPassword));
    const auto signed_in = ask("POST", "/api/v1/token/", kCredentials);
    access_ = secret(signed_in, "access");
    const std::string refresh = secret(signed_in, "refresh");
    const auto again = ask("POST", "/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", refresh));
    secret(again, "access");
    secret(again, "refresh");
    ask("POST", "/api/v1/token/refresh/", R"({"refresh":"prt_a-token-that-was-made-up"})");
    secrets_["made up"] = "a-token-that-was-made-up";
  }

  void watch() {
    const std::string ticket =
        secret(ask("POST", "/api/v1/ws-token/", "", kForm, bearer(access_)), "ws_token");
    const auto opened =
        net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/", .headers = bearer(ticket)});
    ASSERT_TRUE(opened && opened->socket);
    EXPECT_EQ(
        net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/", .headers = bearer(ticket)})
            ->status,
        401);
  }

  void come_in_by_device() {
    const auto codes = ask("POST", "/oauth/device", "client_id=pawprint&machine=laptop", kForm);
    const std::string user_code = secret(codes, "user_code");
    const std::string device_code = secret(codes, "device_code");
    const Headers here{{"Origin", url_}};
    const auto page = ask("POST", "/sign-in",
                          "username=ada%40example.org&password=correct+horse&to=%2Fdevice", kForm, here);
    const std::string* set = page.header("Set-Cookie");
    ASSERT_NE(set, nullptr) << page.status << page.body;
    const std::string cookie = set->substr(0, set->find(';'));
    secrets_["cookie"] = cookie.substr(cookie.find('=') + 1);
    const Headers browser{{"Origin", url_}, {"Cookie", cookie}};
    const auto shown = ask("GET", "/device?user_code=" + user_code, "", kForm, browser);
    constexpr std::string_view kBefore = "name=\"form_token\" value=\"";
    const auto found = shown.body.find(kBefore);
    ASSERT_NE(found, std::string::npos) << shown.body;
    const std::string form_token = shown.body.substr(found + kBefore.size(), 64);
    secrets_["form token"] = form_token;
    const auto approved =
        ask("POST", "/device",
            fmt::format("form_token={}&user_code={}&team=acme&decision=approve", form_token, user_code),
            kForm, browser);
    EXPECT_EQ(approved.status, 200) << approved.body;
    const auto tokens =
        ask("POST", "/oauth/token",
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=" + device_code,
            kForm);
    secret(tokens, "access_token");
    secret(tokens, "refresh_token");
  }

  // Every line as the object that it is.
  std::vector<json::object> end_and_read() {
    hub_->signal(SIGTERM);
    EXPECT_EQ(hub_->wait(), 0);
    text_ = hub_->rest_of_errors();
    std::vector<json::object> lines;
    std::istringstream in(text_);
    for (std::string line; std::getline(in, line);) {
      boost::system::error_code failed;
      const auto value = json::parse(line, failed);
      EXPECT_TRUE(!failed && value.is_object()) << line;
      if (!failed && value.is_object()) lines.push_back(value.get_object());
    }
    return lines;
  }

  std::map<std::string, std::string> secrets_{{"password", "correct horse"},
                                              {"its form", "correct+horse"},
                                              {"wrong password", kWrongPassword},
                                              {"payload", kTitle},
                                              {"user", "ada@example.org"}};
  std::string access_, text_;
};

TEST_F(LogTest, NamesEachRequestByItsIdAndRouteAndHoldsNoSecretAndNoEvent) {
  add_ada();
  const Ended issued = run_to_end({"token", "issue", "--team", "acme", "--name", "ci", "--data", data_});
  const std::string machine = issued.out.substr(0, issued.out.find('\n'));
  secrets_["machine"] = machine;
  start({"--log-requests"});
  come_in_by_password();
  watch();
  come_in_by_device();
  const auto answer = ask("POST", "/api/v1/events/batch/", batch_of(1), "application/json", bearer(access_));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(ask("POST", "/api/v1/events/batch/", batch_of(2), "application/json", bearer(machine)).status,
            200);
  EXPECT_EQ(ask("POST", "/api/v1/events/batch/", std::string("{\"events\":[") + kTitle, "application/json",
                bearer(access_))
                .status,
            400);
  EXPECT_EQ(ask("GET", "/api/v1/events?after=cursor-in-a-query", "", kForm, bearer(access_)).status, 410);
  EXPECT_EQ(ask("GET", "/there/is/a-token-in-a-path", "").status, 404);
  secrets_["query"] = "cursor-in-a-query";
  secrets_["path"] = "a-token-in-a-path";

  std::map<std::string, std::set<std::int64_t>> statuses;
  std::set<std::string> ids;
  for (const json::object& line : end_and_read()) {
    EXPECT_EQ(line.at("event").as_string(), "request");
    EXPECT_EQ(line.at("request_id").as_string().size(), 26U);
    EXPECT_TRUE(ids.insert(line.at("request_id").as_string().c_str()).second);
    EXPECT_GE(line.at("ms").as_int64(), 0);
    EXPECT_EQ(line.at("remote").as_string(), "127.0.0.1");
    EXPECT_TRUE(line.at("time").as_string().ends_with("Z"));
    const std::string route = line.at("route").is_null() ? "none" : line.at("route").as_string().c_str();
    statuses[route].insert(line.at("status").as_int64());
  }
  using Statuses = std::set<std::int64_t>;
  EXPECT_TRUE(ids.contains(*answer.header("X-Request-Id")));
  EXPECT_EQ(statuses["/api/v1/token/"], (Statuses{200, 401}));
  EXPECT_EQ(statuses["/api/v1/token/refresh/"], (Statuses{200, 401}));
  EXPECT_EQ(statuses["/api/v1/ws-token/"], Statuses{200});
  EXPECT_EQ(statuses["/ws/v1/events/"], (Statuses{101, 401}));
  EXPECT_EQ(statuses["/oauth/token"], Statuses{200});
  EXPECT_EQ(statuses["/api/v1/events/batch/"], (Statuses{200, 400}));
  EXPECT_EQ(statuses["none"], Statuses{404});
  for (const auto& [name, text] : secrets_) {
    EXPECT_FALSE(text_.contains(text)) << "the log has the " << name << ": " << text;
  }
}

TEST_F(LogTest, HasALineForEachRequestThatNoHandlerSaw) {
  start({"--log-requests"});
  const auto port = static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
  const auto say = [&](std::string_view request) {
    const auto socket = net::Socket::connected_to(port);
    socket.send(request);
    return socket.receive_until("\r\n\r\n");
  };
  const std::string chunk = fmt::format("{:x}\r\n{}", 2U << 20, std::string(2U << 20, 'b'));
  const std::string asked =
      say("POST /api/v1/token/?a-secret HTTP/1.1\r\nHost: x\r\nExpect: a-secret\r\n\r\n");
  const std::string no_upgrade = say("GET /ws/v1/events/?a-secret HTTP/1.1\r\nHost: x\r\n\r\n");
  say("a-secret that is no request\r\n\r\n");
  say("GET /a-secret HTTP/1.1\r\nX: " + std::string(40'000, 'x'));
  say("POST /api/v1/token/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);

  std::vector<std::string> told, ids;
  for (const json::object& line : end_and_read()) {
    EXPECT_TRUE(line.at("event").as_string() == "request" && line.at("ms").as_int64() >= 0);
    EXPECT_EQ(line.at("remote").as_string(), "127.0.0.1");
    told.push_back(json::serialize(line.at("method")) + json::serialize(line.at("route")) +
                   json::serialize(line.at("status")));
    ids.push_back(line.at("request_id").as_string().c_str());
  }
  ASSERT_EQ(told.size(), 5U) << text_;
  EXPECT_TRUE(asked.contains("X-Request-Id: " + ids[0])) << asked;
  EXPECT_TRUE(no_upgrade.contains("X-Request-Id: " + ids[1])) << no_upgrade;
  EXPECT_EQ(told,
            (std::vector<std::string>{R"("POST""/api/v1/token/"417)", R"("GET""/ws/v1/events/"426)",
                                      "nullnull400", R"("GET"null431)", R"("POST""/api/v1/token/"413)"}));
  EXPECT_FALSE(text_.contains("a-secret")) << text_;
}

TEST_F(LogTest, WithoutBeingAskedToItHasNoLineForWhatWentWell) {
  add_ada();
  start();
  sign_in();
  EXPECT_EQ(send_batch(1, 1).size(), 1U);
  EXPECT_EQ(send("GET", "/nowhere")->status, 404);
  EXPECT_TRUE(end_and_read().empty()) << text_;
}

}  // namespace
}  // namespace pawprint::hub
