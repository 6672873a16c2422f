// What a hub shows to a member of its team, read over its public API.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "harness/sandbox.h"
#include "net/http_client.h"

namespace pawprint::testing {

class HubReader {
 public:
  explicit HubReader(const Hub& hub, net::TlsTrust trust = {});  // whom to trust for a hub at https://
  boost::json::object get(const std::string& target);

  // wp_id -> lane of a feature's board; aborts if the hub has no such board.
  std::map<std::string, std::string> lanes(const std::string& project_uuid, const std::string& feature);
  bool shows_conflict(const std::string& project_uuid, const std::string& feature);
  // Every event of the team in the order of the log.
  std::vector<boost::json::object> events();

 private:
  std::string url_;
  net::TlsTrust trust_;
  std::string access_;
};

}  // namespace pawprint::testing
