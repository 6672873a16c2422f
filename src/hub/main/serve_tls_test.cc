// The real program over TLS, and what its signals do.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>

#include "base/format.h"
#include "hub/main/program_for_test.h"
#include "net/certificates_for_test.h"
#include "net/http_client.h"
#include "net/scripted_peer_for_test.h"

namespace pawprint::hub {
namespace {

class ServeTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    std::string pattern = testing::TempDir() + "paw-serve-tls-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    authority_ = std::make_unique<net::Authority>(path("ca.pem"));
    issue("IP:127.0.0.1");
  }
  void TearDown() override {
    hub_.reset();
    std::filesystem::remove_all(root_);
  }

  std::string path(std::string_view name) const { return fmt::format("{}/{}", root_, name); }
  void issue(const std::string& subject) { authority_->issue(subject, path("cert.pem"), path("key.pem")); }

  void start(std::vector<std::string> more = {}, const char* listen = "127.0.0.1:0") {
    std::vector<std::string> words{"serve", "--data", path("data"), "--listen", listen};
    words.insert(words.end(), more.begin(), more.end());
    hub_ = std::make_unique<Program>(words, "");
    const std::string line = hub_->read_line();
    ASSERT_TRUE(line.starts_with("listening http")) << line << hub_->rest_of_errors();
    url_ = line.substr(std::string_view("listening ").size());
  }
  void start_with_tls() { start({"--tls-cert", path("cert.pem"), "--tls-key", path("key.pem")}); }

  std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoul(url_.substr(url_.rfind(':') + 1)));
  }

  // A client without connections from before.
  Result<net::HttpAnswer> health() const { return get("/healthz"); }
  Result<net::HttpAnswer> get(std::string_view target) const {
    net::HttpRequest request;
    request.url = fmt::format("{}{}", url_, target);
    return net::make_http_client(nullptr, {path("ca.pem")})->send(request);
  }

  std::string root_, url_;
  std::unique_ptr<net::Authority> authority_;
  std::unique_ptr<Program> hub_;
};

TEST_F(ServeTlsTest, ItIsServedOverTlsAndEndsAsWithout) {
  start_with_tls();
  EXPECT_TRUE(url_.starts_with("https://127.0.0.1:")) << url_;
  const auto answer = health();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  hub_->signal(SIGTERM);
  EXPECT_EQ(hub_->wait(), 0);
  EXPECT_EQ(hub_->rest_of_errors(), "");
}

TEST_F(ServeTlsTest, ConnectionsThatEndBeforeTlsStandsAreCounted) {
  start_with_tls();
  EXPECT_TRUE(get("/metrics")->body.contains("pawprint_hub_tls_failures_total{reason=\"handshake\"} 0\n"));
  const net::Socket plain = net::Socket::connected_to(port());
  plain.send("GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n");
  EXPECT_FALSE(plain.receive_all().contains("200"));
  net::HttpRequest unknowing;
  unknowing.url = url_;
  EXPECT_FALSE(net::make_http_client()->send(unknowing)) << "who does not know the authority";
  const std::string text = get("/metrics")->body;
  EXPECT_TRUE(text.contains("pawprint_hub_tls_failures_total{reason=\"handshake\"} 2\n")) << text;
  EXPECT_TRUE(text.contains("pawprint_hub_tls_failures_total{reason=\"too_many\"} 0\n")) << text;
}

// What a client is told to open next is as encrypted as what it asked over.
TEST_F(ServeTlsTest, AddressesThatItGivesOutAreThoseOfTls) {
  start_with_tls();
  net::HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/oauth/device";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "client_id=pawprint";
  const auto answer = net::make_http_client(nullptr, {path("ca.pem")})->send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->body.contains("https://127.0.0.1:")) << answer->body;
}

TEST_F(ServeTlsTest, SighupBringsANewCertificateAndABadOneIsToldAndPassedOver) {
  start_with_tls();
  std::ofstream(path("cert.pem")) << "half a certif";
  hub_->signal(SIGHUP);
  const std::string refused = hub_->read_error_line();
  EXPECT_TRUE(refused.contains("nothing was reloaded: cannot use the certificate " + path("cert.pem")))
      << refused;
  EXPECT_TRUE(health());
  issue("DNS:hub.example.org");
  hub_->signal(SIGHUP);
  EXPECT_TRUE(hub_->read_error_line().contains("the certificate was read again"));
  const auto other = health();
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().message.contains("IP address mismatch")) << other.error().message;
}

TEST_F(ServeTlsTest, AHubWithoutTlsSurvivesSighup) {
  start();
  hub_->signal(SIGHUP);
  EXPECT_TRUE(hub_->read_error_line().contains("nothing was reloaded"));
  const auto answer = health();
  EXPECT_TRUE(answer && answer->status == 200);
}

TEST_F(ServeTlsTest, FilesThatCannotBeUsedEndTheStartWithTheReason) {
  std::ofstream(path("key.pem")) << "no key";
  const Ended ended = run_to_end({"serve", "--data", path("data"), "--listen", "127.0.0.1:0", "--tls-cert",
                                  path("cert.pem"), "--tls-key", path("key.pem")});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(ended.err.contains("cannot use the key " + path("key.pem"))) << ended.err;
}

TEST_F(ServeTlsTest, WhatIsWrongWithAFileIsSaidInWordsWithTheCommandThatLooksIntoIt) {
  const auto refused = [&](const std::string& certificate, const std::string& key) {
    return run_to_end({"serve", "--data", path("data"), "--listen", "127.0.0.1:0", "--tls-cert", certificate,
                       "--tls-key", key})
        .err;
  };
  const std::string cert = path("cert.pem"), key = path("key.pem"), none = path("none.pem");
  EXPECT_TRUE(refused(none, key).contains("the certificate " + none + ": No such file or directory"))
      << refused(none, key);
  EXPECT_TRUE(refused(cert, none).contains("the key " + none + ": No such file or directory"))
      << refused(cert, none);
  EXPECT_TRUE(refused(key, key).contains("the certificate " + key + ": it has none in PEM (no start line)"))
      << refused(key, key);
  EXPECT_TRUE(refused(key, key).contains("\n  try: openssl x509 -noout -text -in " + key + "\n"));
  EXPECT_TRUE(refused(cert, cert).contains("the key " + cert + ": it has none in PEM (unsupported)"))
      << refused(cert, cert);
  EXPECT_TRUE(refused(cert, cert).contains("\n  try: openssl pkey -noout -in " + cert + "\n"));
}

TEST_F(ServeTlsTest, PlainHttpIsForThisMachineUnlessInsistedOn) {
  const std::vector<std::string> words{"serve", "--data", path("data"), "--listen", "0.0.0.0:0"};
  const Ended refused = run_to_end(words);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(refused.err.contains("--tls-cert")) << refused.err;
  start({"--insecure"}, "0.0.0.0:0");
  EXPECT_TRUE(url_.starts_with("http://0.0.0.0:")) << url_;
}

// A request whose body never comes holds up a drain; who does not want to wait says so.
TEST_F(ServeTlsTest, ASecondSignalEndsAtOnceWhatTheFirstOneLetFinish) {
  start();
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  constexpr std::string_view kBegun =
      "POST /api/v1/token/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
      "Expect: 100-continue\r\n\r\n";
  ASSERT_EQ(::send(client, kBegun.data(), kBegun.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kBegun.size()));
  char byte = 0;
  ASSERT_EQ(::recv(client, &byte, 1, 0), 1);  // 100 Continue: the request is under way
  hub_->signal(SIGTERM);
  while (health()) {
  }
  hub_->signal(SIGTERM);
  EXPECT_EQ(hub_->wait(), 128 + SIGTERM);
  EXPECT_TRUE(hub_->rest_of_errors().contains("told twice to stop"));
  ::close(client);
}

}  // namespace
}  // namespace pawprint::hub
