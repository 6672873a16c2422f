#include "hub/main/hub_log.h"

#include <cstdio>

#include "base/format.h"
#include "base/printable.h"
#include "protocol/envelope.h"

namespace pawprint::hub {
namespace {

using protocol::json_string;

constexpr int kFailed = 500;
constexpr std::size_t kMaxMethodBytes = 16;

std::string safe_string(std::string_view text) {
  return json_string(printable(text));
}

}  // namespace

void HubLog::request(const edge::Record& record) const {
  if (!every_request_ && record.status < kFailed) return;
  std::string line = fmt::format(
      R"({{"time":"{}","event":"request","request_id":"{}","method":{},"route":{},"status":{},"ms":{},"remote":{})",
      rfc3339_utc(clock_.unix_ms()), record.request_id,
      record.method.empty() ? "null"
                            : safe_string(std::string_view(record.method).substr(0, kMaxMethodBytes)),
      record.route.empty() ? "null" : json_string(record.route), record.status, record.took_ms,
      safe_string(record.remote_address));
  if (!record.failure.empty()) line += fmt::format(R"(,"failure":{})", safe_string(record.failure));
  line += "}\n";
  std::fputs(line.c_str(), stderr);
}

void HubLog::note(std::string_view event, std::string_view message) const {
  const std::string line = fmt::format(R"({{"time":"{}","event":"{}","message":{}}})"
                                       "\n",
                                       rfc3339_utc(clock_.unix_ms()), event, safe_string(message));
  std::fputs(line.c_str(), stderr);
}

}  // namespace pawprint::hub
