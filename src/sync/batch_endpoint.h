// The two endpoints of a hub that delivery uses (docs/protocol.md, batch ingest), one exchange each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "protocol/batch.h"
#include "sync/step.h"

namespace pawprint::sync {

// What a hub says of itself to everybody.
struct HubFacts {
  protocol::IngressLimits limits;  // the protocol's own if it advertises none
  std::string epoch;               // of its log; empty: it does not say
};

// Kind `unreachable`.
Result<HubFacts> ask_hub(net::HttpClient& http, std::string_view origin);

struct BatchRequest {
  std::string_view origin;
  std::string_view access_token;
  std::string_view gzipped_body;
  std::uint64_t queued = 0;  // events waiting, these included
  std::int64_t oldest_s = 0;
  std::int64_t now_s = 0;  // Unix, for an answer that names a time
};

struct BatchAnswer {
  Input input;                                 // Answered or Lost
  std::optional<std::uint64_t> highest_clock;  // the highest Lamport value that the hub knows of the team
  std::string epoch;                           // of its log; empty: it does not say
};

BatchAnswer post_batch(net::HttpClient& http, const BatchRequest& request);

}  // namespace pawprint::sync
