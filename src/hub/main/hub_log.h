// What a hub that serves says on stderr: one JSON object per line. Nothing that a stranger sent is in it but
// the method of a request: no path, query, header, body, and so no password, token or event.
#pragma once

#include <string_view>

#include "base/clock_source.h"
#include "hub/edge/edge.h"

namespace pawprint::hub {

// Thread-safe. A line is written in one piece; who reads them slowly slows the hub down.
class HubLog {
 public:
  HubLog(ClockSource& clock, bool every_request) : clock_(clock), every_request_(every_request) {}

  // {"time","event":"request","request_id","method","route","status","ms","remote","failure"}: `route` is the
  // pattern of the route or null, `method` null if what came was no request, `failure` what the hub itself
  // could not do, or left out. Of requests that did not fail (5xx) only if all are wanted.
  void request(const edge::Record& record) const;

  // {"time","event","message"}: what the hub did by itself.
  void note(std::string_view event, std::string_view message) const;

 private:
  ClockSource& clock_;
  bool every_request_;
};

}  // namespace pawprint::hub
