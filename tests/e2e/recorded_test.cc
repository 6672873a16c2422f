// What a released `pawprint` and the hub of its time said to each other, kept in contracts/recorded: its
// requests are played to today's hub, and its hub's answers to today's `pawprint`.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <mutex>

#include "base/format.h"
#include "harness/ledger.h"
#include "harness/raw_connection.h"
#include "harness/sandbox.h"
#include "net/gzip.h"
#include "net/http_server.h"

namespace pawprint::testing {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxBody = 1U << 20;

struct Recording {
  std::string method, path, body;
  std::vector<std::string> headers;
  int status = 0;
  std::vector<std::string> answer_headers;
  std::string answer;
};

std::vector<std::string> strings_in(const json::value& array) {
  std::vector<std::string> strings;
  for (const auto& one : array.as_array()) strings.emplace_back(one.as_string());
  return strings;
}

std::vector<Recording> recordings_of(const std::string& version) {
  const auto file = fs::path(PAWPRINT_SOURCE_DIR) / "contracts/recorded" / ("pawprint-" + version + ".json");
  std::vector<Recording> all;
  const auto whole = json::parse(read_text(file));
  for (const auto& one : whole.as_array()) {
    const auto& request = one.at("request");
    const auto& answer = one.at("answer");
    all.push_back({std::string(request.at("method").as_string()), std::string(request.at("path").as_string()),
                   std::string(request.at("body").as_string()), strings_in(request.at("headers")),
                   answer.at("status").to_number<int>(), strings_in(answer.at("headers")),
                   std::string(answer.at("body").as_string())});
  }
  return all;
}

bool is_compressed(const Recording& recorded) {
  return std::ranges::find(recorded.headers, "Content-Encoding: gzip") != recorded.headers.end();
}

// A client of that version: its requests as they were, but for the tokens, which are those it is given now.
class RecordedClient {
 public:
  explicit RecordedClient(const Hub& hub) : host_(hub.url().substr(7)), connection_(hub.url()) {}

  RawAnswer play(const Recording& recorded) {
    std::string body = filled(recorded.body);
    if (is_compressed(recorded)) body = *net::gzip(body);
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", recorded.method, recorded.path, host_);
    for (const std::string& header : recorded.headers) text += filled(header) + "\r\n";
    if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
    return connection_.exchange(text + "\r\n" + body);
  }

  // Every member that the answer had is there, of the same kind; what a client acts upon is the same.
  void compare(const json::value& now, const json::value& then, const std::string& path) {
    if (then.is_string() && then.get_string().starts_with("{")) {
      ASSERT_TRUE(now.is_string()) << path;
      tokens_[then.get_string().c_str()] = now.get_string().c_str();
      return;
    }
    ASSERT_EQ(now.kind(), then.kind()) << path;
    if (then.is_object()) {
      for (const auto& [name, value] : then.get_object()) {
        const auto* member = now.get_object().if_contains(name);
        ASSERT_NE(member, nullptr) << path << "." << name;
        compare(*member, value, path + "." + std::string(name));
      }
    } else if (then.is_array()) {
      ASSERT_EQ(now.get_array().size(), then.get_array().size()) << path;
      for (std::size_t i = 0; i < then.get_array().size(); ++i) {
        compare(now.get_array()[i], then.get_array()[i], path + "[]");
      }
    } else if (path.ends_with("event_id") || path.ends_with("status") || path.ends_with("slug")) {
      EXPECT_EQ(now, then) << path;
    }
  }

 private:
  std::string filled(std::string text) const {
    for (const auto& [name, token] : tokens_) {
      if (const auto at = text.find(name); at != std::string::npos) text.replace(at, name.size(), token);
    }
    return text;
  }

  std::string host_;
  RawConnection connection_;
  std::map<std::string, std::string> tokens_;
};

// A hub of that version, as far as its answers were recorded: to each path they come in their order, the last
// of them again and again. Results name the events that were sent.
class RecordedHub {
 public:
  explicit RecordedHub(const std::string& version) {
    for (Recording& one : recordings_of(version)) answers_[one.method + " " + one.path].push_back(one);
    net::ServerOptions options;
    auto started = net::start_http_server(options, [this](const net::ServerRequest& head) {
      return net::Admission{.with_body = [this, head](const std::string& body) { return answer(head, body); },
                            .max_body_bytes = kMaxBody};
    });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  std::set<std::string> taken() {
    const std::scoped_lock lock(mutex_);
    return taken_;
  }
  int asked(const std::string& route) {
    const std::scoped_lock lock(mutex_);
    return static_cast<int>(asked_[route]);
  }

 private:
  net::ServerAnswer answer(const net::ServerRequest& head, const std::string& body) {
    const std::scoped_lock lock(mutex_);
    const std::string route = head.method + " " + head.target;
    const auto& recorded = answers_[route];
    const std::size_t turn = asked_[route]++;
    if (recorded.empty())
      return {404, {{"Content-Type", "application/json"}}, R"({"error":"there is nothing"})"};
    const Recording& one = recorded[std::min(turn, recorded.size() - 1)];
    net::ServerAnswer made{one.status, {}, one.answer};
    for (const std::string& header : one.answer_headers) {
      made.headers.push_back({header.substr(0, header.find(':')), header.substr(header.find(':') + 2)});
    }
    if (one.status == 200 && one.answer.starts_with("{\"results\"")) made.body = results_for(head, body, one);
    return made;
  }

  std::string results_for(const net::ServerRequest& head, const std::string& body, const Recording& one) {
    const bool compressed = head.header("Content-Encoding") != nullptr;
    const auto sent = json::parse(compressed ? *net::gunzip(body, kMaxBody) : body);
    const json::object pattern = json::parse(one.answer).at("results").as_array().at(0).as_object();
    json::array results;
    for (const auto& event : sent.at("events").as_array()) {
      json::object result = pattern;
      result["event_id"] = event.at("event_id");
      taken_.emplace(event.at("event_id").as_string());
      results.push_back(result);
    }
    return json::serialize(json::object{{"results", results}});
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<Recording>> answers_;
  std::map<std::string, std::size_t> asked_;
  std::set<std::string> taken_;
  std::unique_ptr<net::HttpServer> server_;
};

class Recorded : public ::testing::TestWithParam<std::string> {
 protected:
  TemporaryDirectory directory_;
};

INSTANTIATE_TEST_SUITE_P(Pawprint, Recorded, ::testing::Values("0.1.0"), [](const auto& one) {
  std::string name = "v" + one.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST_P(Recorded, ClientAtTodaysHubIsAnsweredAsThen) {
  Hub hub(directory_.path() / "hub");
  RecordedClient client(hub);
  std::size_t events = 0;
  for (const Recording& recorded : recordings_of(GetParam())) {
    SCOPED_TRACE(recorded.method + " " + recorded.path);
    if (recorded.status == 401) {  // it was given to a token whose key had been retired
      const std::string kid = hub.run({"key", "list"}, "").substr(0, 16);
      hub.run({"key", "rotate"}, "");
      hub.run({"key", "retire", kid}, "");
    }
    const RawAnswer answer = client.play(recorded);
    ASSERT_EQ(answer.status, recorded.status) << answer.head << answer.body;
    for (const std::string& header : recorded.answer_headers) {
      EXPECT_FALSE(answer.header(header.substr(0, header.find(':'))).empty()) << header;
    }
    ASSERT_NO_FATAL_FAILURE(client.compare(json::parse(answer.body), json::parse(recorded.answer), ""));
    if (recorded.status == 200 && is_compressed(recorded)) {
      events += json::parse(recorded.body).at("events").as_array().size();
    }
  }
  const auto rows = rows_of_log(hub.data());
  EXPECT_EQ(rows.size(), events);
  for (const Recording& recorded : recordings_of(GetParam())) {
    if (recorded.status != 200 || !is_compressed(recorded)) continue;
    const auto same = [&](const LogRow& row) { return recorded.body.contains(row.body); };
    EXPECT_TRUE(std::ranges::any_of(rows, same)) << "not stored byte for byte: " << recorded.body;
  }
  expect_whole(hub);
}

TEST_P(Recorded, HubAnswersAreUnderstoodByTodaysClient) {
  RecordedHub hub(GetParam());
  const Machine machine(directory_.path() / "home", directory_.path() / "project");
  machine.git({"init", "-q"});
  ASSERT_EQ(machine.json({"init"}).exit_code, 0);
  const auto signed_in = machine.json(
      {"auth", "login", "--server", hub.url(), "--username", kUser, "--password-stdin", "--link"},
      std::string(kPassword) + "\n");
  ASSERT_EQ(signed_in.exit_code, 0) << signed_in.err;
  std::set<std::string> emitted;
  for (int i = 0; i < 3; ++i) {  // the second of them meets the 401 that was recorded, and a refresh
    const auto made = machine.json({"emit", "Ping", "--aggregate", "A"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    emitted.emplace(made.data().at("event_id").as_string());
    const auto synced = machine.json({"sync", "now"});
    EXPECT_EQ(synced.exit_code, 0) << synced.err;
  }
  EXPECT_EQ(hub.taken(), emitted);
  EXPECT_EQ(hub.asked("POST /api/v1/token/refresh/"), 1);
  EXPECT_EQ(machine.json({"auth", "status"}).exit_code, 0);
}

}  // namespace
}  // namespace pawprint::testing
