#include "hub/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

#include "base/format.h"

namespace pawprint::hub::metrics {
namespace {

// Seconds; a commit with its sync takes 0.2 ms on a quick disk and tens of them on a slow one.
const prometheus::Histogram::BucketBoundaries kCommitSeconds{0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                             0.025,   0.05,   0.1,   0.25,   1,     5};

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

// A counter never falls: what was read before the last one was told changes nothing.
void bring_to(prometheus::Counter& counter, std::uint64_t value) {
  counter.Increment(static_cast<double>(value) - counter.Value());
}

}  // namespace

struct Metrics::Families {
  std::mutex telling;
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("pawprint_hub_requests_total")
                                                          .Help("Requests answered, by route and status.")
                                                          .Register(registry);
  prometheus::Family<prometheus::Counter>& events = prometheus::BuildCounter()
                                                        .Name("pawprint_hub_events_total")
                                                        .Help("Events judged, by verdict and why refused.")
                                                        .Register(registry);
  prometheus::Histogram& commits = prometheus::BuildHistogram()
                                       .Name("pawprint_hub_commit_seconds")
                                       .Help("Time of a commit of the store, its sync included.")
                                       .Register(registry)
                                       .Add({}, kCommitSeconds);
  prometheus::Gauge& events_behind =
      gauge(registry, "pawprint_hub_events_behind", "Events in the log that the boards do not show yet.");
  prometheus::Gauge& connections = gauge(registry, "pawprint_hub_connections", "Open HTTP connections.");
  prometheus::Gauge& sockets =
      gauge(registry, "pawprint_hub_live_sockets", "Open sockets of the live channel.");
  prometheus::Gauge& max_open = gauge(registry, "pawprint_hub_connections_limit",
                                      "HTTP connections and sockets that may be open at one time.");
  prometheus::Counter& turned_away = prometheus::BuildCounter()
                                         .Name("pawprint_hub_connections_turned_away_total")
                                         .Help(
                                             "Connections that were turned away because too many were open, "
                                             "in all or of strangers at one address.")
                                         .Register(registry)
                                         .Add({});
  prometheus::Family<prometheus::Counter>& no_tls =
      prometheus::BuildCounter()
          .Name("pawprint_hub_tls_failures_total")
          .Help("Connections that ended before TLS stood, by reason.")
          .Register(registry);
  prometheus::Counter& tls_too_many = no_tls.Add({{"reason", "too_many"}});
  prometheus::Counter& tls_handshake = no_tls.Add({{"reason", "handshake"}});
  prometheus::Gauge& disk_free =
      gauge(registry, "pawprint_hub_disk_free_bytes", "Room on the disk of the data directory.");
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::request_answered(std::string_view route, int status) {
  const std::string pattern(route.empty() ? "none" : route);
  families_->requests.Add({{"route", pattern}, {"status", fmt::format("{}", status)}}).Increment();
}

void Metrics::events_judged(std::string_view verdict, std::string_view category, std::size_t count) {
  families_->events.Add({{"verdict", std::string(verdict)}, {"category", std::string(category)}})
      .Increment(static_cast<double>(count));
}

void Metrics::committed(std::chrono::nanoseconds duration) {
  families_->commits.Observe(std::chrono::duration<double>(duration).count());
}

std::string Metrics::text(const Readings& readings) {
  const std::lock_guard lock(families_->telling);
  families_->events_behind.Set(static_cast<double>(readings.events_behind));
  families_->connections.Set(static_cast<double>(readings.connections));
  families_->sockets.Set(static_cast<double>(readings.sockets));
  families_->max_open.Set(static_cast<double>(readings.max_open));
  bring_to(families_->turned_away, readings.turned_away);
  bring_to(families_->tls_too_many, readings.tls_too_many);
  bring_to(families_->tls_handshake, readings.tls_handshake);
  families_->disk_free.Set(static_cast<double>(readings.disk_free_bytes));
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace pawprint::hub::metrics
