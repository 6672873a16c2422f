// A member of the hub's team who sends what a test says over one connection, and sees what comes back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/raw_connection.h"
#include "harness/sandbox.h"

namespace pawprint::testing {

// A WPStatusChanged of team acme with this id, Lamport value and JSON in its payload.
std::string event_with(int number, std::string_view payload_end = {});

// {"events":[...]}
std::string batch_of(const std::vector<std::string>& events);

class HubWriter {
 public:
  explicit HubWriter(const Hub& hub);

  // `headers` are whole lines, each with its CRLF.
  RawAnswer post(std::string_view path, std::string_view body, std::string_view headers = {});
  RawAnswer get(std::string_view target);
  RawAnswer batch(std::string_view body) { return post("/api/v1/events/batch/", body); }
  RawAnswer gzipped_batch(std::string_view compressed);
  RawAnswer chunked_batch(std::string_view chunks);  // as they go over the wire, the last one included

  // "success duplicate error:malformed", or "413: <body>" for another status than 200.
  static std::string verdicts_in(const RawAnswer& answer);
  std::string verdicts_of(const std::vector<std::string>& events);

  // Whether the same connection takes and answers another request.
  bool can_go_on() { return get("/healthz").status == 200; }

  std::string ws_token();
  const std::string& host() const { return host_; }

 private:
  std::string host_;
  RawConnection connection_;
  std::string access_;
};

}  // namespace pawprint::testing
