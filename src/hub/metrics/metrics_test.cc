#include "hub/metrics/metrics.h"

#include <gtest/gtest.h>

namespace pawprint::hub::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Metrics, TellWhatWasCountedAndWhatIsReadNow) {
  Metrics metrics;
  metrics.request_answered("/healthz", 200);
  metrics.request_answered("/healthz", 200);
  metrics.request_answered("", 404);
  metrics.events_judged("success", "", 2);
  metrics.events_judged("error", "schema_mismatch", 1);
  metrics.committed(3ms);
  const std::string text = metrics.text(
      {.events_behind = 7, .connections = 2, .sockets = 1, .tls_too_many = 4, .tls_handshake = 3});
  for (const char* line : {
           "pawprint_hub_requests_total{route=\"/healthz\",status=\"200\"} 2\n",
           "pawprint_hub_requests_total{route=\"none\",status=\"404\"} 1\n",
           "pawprint_hub_events_total{category=\"\",verdict=\"success\"} 2\n",
           "pawprint_hub_events_total{category=\"schema_mismatch\",verdict=\"error\"} 1\n",
           "pawprint_hub_commit_seconds_bucket{le=\"0.0025\"} 0\n",
           "pawprint_hub_commit_seconds_bucket{le=\"0.005\"} 1\n",
           "pawprint_hub_events_behind 7\n",
           "pawprint_hub_connections 2\n",
           "pawprint_hub_live_sockets 1\n",
           "pawprint_hub_tls_failures_total{reason=\"too_many\"} 4\n",
           "pawprint_hub_tls_failures_total{reason=\"handshake\"} 3\n",
       }) {
    EXPECT_TRUE(text.contains(line)) << line << "is not in\n" << text;
  }
}

}  // namespace
}  // namespace pawprint::hub::metrics
