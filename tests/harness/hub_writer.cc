#include "harness/hub_writer.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"

namespace pawprint::testing {

std::string event_with(int number, std::string_view payload_end) {
  return fmt::format(
      R"({{"event_id":"01KH6J3Q8V000000000000{:04}","event_type":"WPStatusChanged","aggregate_id":"WP01",)"
      R"("aggregate_type":"WorkPackage","node_id":"a1b2c3d4e5f6","lamport_clock":{},)"
      R"("timestamp":"2026-02-03T12:00:00Z","team_slug":"acme",)"
      R"("project_uuid":"7c9e6679-7425-40de-944b-e07fc1f90ae7",)"
      R"("payload":{{"wp_id":"WP01","from_lane":"planned","to_lane":"planned","feature_slug":"032-sync"{}}}}})",
      number, number, payload_end);
}

std::string batch_of(const std::vector<std::string>& events) {
  std::string body = R"({"events":[)";
  for (const std::string& event : events) body += (&event == &events.front() ? "" : ",") + event;
  return body + "]}";
}

HubWriter::HubWriter(const Hub& hub) : host_(hub.url().substr(7)), connection_(hub.url()) {
  const RawAnswer answer =
      post("/api/v1/token/", fmt::format(R"({{"username":"{}","password":"{}"}})", kUser, kPassword));
  if (answer.status != 200) std::abort();
  access_ = boost::json::parse(answer.body).at("access").as_string().c_str();
}

RawAnswer HubWriter::post(std::string_view path, std::string_view body, std::string_view headers) {
  const std::string authorization = access_.empty() ? "" : "Authorization: Bearer " + access_ + "\r\n";
  return connection_.exchange(fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\n{}{}Content-Length: {}\r\n\r\n{}",
                                          path, host_, authorization, headers, body.size(), body));
}

RawAnswer HubWriter::get(std::string_view target) {
  return connection_.exchange(
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n", target, host_, access_));
}

RawAnswer HubWriter::gzipped_batch(std::string_view compressed) {
  return post("/api/v1/events/batch/", compressed, "Content-Encoding: gzip\r\n");
}

RawAnswer HubWriter::chunked_batch(std::string_view chunks) {
  return connection_.exchange(
      fmt::format("POST /api/v1/events/batch/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n{}",
                  host_, access_, chunks));
}

std::string HubWriter::verdicts_in(const RawAnswer& answer) {
  if (answer.status != 200) return fmt::format("{}: {}", answer.status, answer.body);
  std::string all;
  const boost::json::value body = boost::json::parse(answer.body);
  for (const auto& result : body.at("results").as_array()) {
    all += all.empty() ? "" : " ";
    all += result.at("status").as_string().c_str();
    if (const auto* category = result.as_object().if_contains("error_category")) {
      all += std::string(":") + category->as_string().c_str();
    }
  }
  return all;
}

std::string HubWriter::verdicts_of(const std::vector<std::string>& events) {
  return verdicts_in(batch(batch_of(events)));
}

std::string HubWriter::ws_token() {
  return boost::json::parse(post("/api/v1/ws-token/", "").body).at("ws_token").as_string().c_str();
}

}  // namespace pawprint::testing
