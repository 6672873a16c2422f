#include "harness/hub_reader.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <utility>

namespace pawprint::testing {
namespace {

boost::json::object exchange(const net::HttpRequest& request, const net::TlsTrust& trust) {
  const auto client = net::make_http_client(nullptr, trust);
  const auto answer = client->send(request);
  if (!answer || answer->status != 200) {
    std::cerr << request.url << ": " << (answer ? answer->body : answer.error().message) << "\n";
    std::abort();
  }
  return boost::json::parse(answer->body).as_object();
}

}  // namespace

HubReader::HubReader(const Hub& hub, net::TlsTrust trust) : url_(hub.url()), trust_(std::move(trust)) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/api/v1/token/";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = boost::json::serialize(boost::json::object{{"username", kUser}, {"password", kPassword}});
  access_ = std::string(exchange(request, trust_).at("access").as_string());
}

boost::json::object HubReader::get(const std::string& target) {
  net::HttpRequest request;
  request.url = url_ + target;
  request.headers = {{"Authorization", "Bearer " + access_}};
  return exchange(request, trust_);
}

std::map<std::string, std::string> HubReader::lanes(const std::string& project_uuid,
                                                    const std::string& feature) {
  std::map<std::string, std::string> result;
  const auto board = get("/api/v1/projects/" + project_uuid + "/features/" + feature);
  for (const auto& [lane, cards] : board.at("lanes").as_object()) {
    for (const auto& card : cards.as_array()) result[std::string(card.at("wp_id").as_string())] = lane;
  }
  return result;
}

bool HubReader::shows_conflict(const std::string& project_uuid, const std::string& feature) {
  const auto board = get("/api/v1/projects/" + project_uuid + "/features/" + feature);
  for (const auto& [lane, cards] : board.at("lanes").as_object()) {
    for (const auto& card : cards.as_array()) {
      if (!card.at("conflict").is_null()) return true;
    }
  }
  return false;
}

std::vector<boost::json::object> HubReader::events() {
  std::vector<boost::json::object> all;
  std::string after;
  for (;;) {
    const auto page = get("/api/v1/events?limit=500" + (after.empty() ? "" : "&after=" + after));
    const auto& rows = page.at("events").as_array();
    if (rows.empty()) return all;
    for (const auto& row : rows) all.push_back(row.at("event").as_object());
    after = std::string(rows.back().at("cursor").as_string());
  }
}

}  // namespace pawprint::testing
