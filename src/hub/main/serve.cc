#include "hub/main/serve.h"

#include <atomic>
#include <cstdio>

#include "base/format.h"
#include "base/printable.h"
#include "hub/board/projector.h"
#include "hub/edge/edge.h"
#include "hub/fanout/fanout.h"
#include "hub/live/live.h"
#include "hub/main/admin.h"
#include "hub/main/admin_socket.h"
#include "hub/main/counting.h"
#include "hub/main/data_directory.h"
#include "hub/main/signals.h"
#include "hub/main/sync_failure.h"
#include "protocol/limits.h"

namespace pawprint::hub {
namespace {

constexpr std::chrono::seconds kDrainTime{10};
constexpr net::ServerOptions::Crew kCrew{8, 128};
// As many password checks as the gate lets in at once, so that none of these threads waits for it.
constexpr net::ServerOptions::Crew kPasswordCrew{access::kMaxPasswordChecks,
                                                 access::kMaxWaitingPasswordChecks};

void log_failures(const edge::Record& record) {
  if (record.status < 500) return;
  const std::string line =
      fmt::format("pawprint-hub: {} {}: {} ({}): {}\n", printable(record.method), printable(record.path),
                  record.status, record.request_id, printable(record.failure));
  std::fputs(line.c_str(), stderr);
}

void print_ready(const Serve& wanted, std::uint16_t port) {
  const std::string host = wanted.address.contains(':') ? "[" + wanted.address + "]" : wanted.address;
  const std::string_view scheme = wanted.tls ? "https" : "http";
  std::fputs(fmt::format("listening {}://{}:{}\n", scheme, host, port).c_str(), stdout);
  std::fflush(stdout);
}

Result<std::vector<std::string>> team_ids(store::Store& store) {
  PAW_TRY(teams, store.users().teams());
  std::vector<std::string> ids;
  for (store::Team& team : teams) ids.push_back(std::move(team.team_id));
  return ids;
}

net::ServerOptions options_of(const Serve& wanted, edge::Edge& edge) {
  net::ServerOptions options;
  options.address = wanted.address;
  options.port = wanted.port;
  options.tls = wanted.tls;
  options.max_body_bytes = protocol::max_bytes_per_batch;
  options.crew = kCrew;
  options.slow_crew = kPasswordCrew;
  options.is_slow = edge::Edge::checks_password;
  options.overloaded = [&edge](int status) { return edge.overloaded(status); };
  return options;
}

// A certificate that cannot be used must not end a hub that runs well with the one before.
void reload(net::HttpServer& server) {
  const auto reloaded = server.reload_tls();
  const std::string line =
      reloaded ? std::string("pawprint-hub: the certificate was read again\n")
               : fmt::format("pawprint-hub: nothing was reloaded: {}\n", printable(reloaded.error().message));
  std::fputs(line.c_str(), stderr);
}

// Who hears of a log's growth, for as long as it lives.
class GrowthWatch {
 public:
  GrowthWatch(store::Log& log, store::Log::Grown grown) : log_(log) { log_.on_growth(std::move(grown)); }
  ~GrowthWatch() { log_.on_growth(nullptr); }
  GrowthWatch(const GrowthWatch&) = delete;

 private:
  store::Log& log_;
};

}  // namespace

Result<void> serve(const Environment& environment, const Serve& wanted) {
  const Signals signals;
  metrics::Metrics metrics;  // stands before the store, whose last commits are counted too
  PAW_TRY(data, open_data_directory(environment, wanted.data));
  PAW_TRY(keys, identity::load_or_make_keys(environment, wanted.data));
  access::Access access(environment, *data.store, keys);
  stop_on_sync_failure(*data.store);
  PAW_TRY(token, metrics_token(*environment.disk, wanted.metrics_token_file));
  data.store->on_commit([&metrics](std::chrono::nanoseconds took) { metrics.committed(took); });
  ingest::Ingest ingest(*data.store, *environment.clock, wanted.quota, count_verdicts(metrics));
  board::Board board(*data.store);
  PAW_TRY(teams, team_ids(*data.store));
  board::Projector projector(board, std::move(teams));
  const auto fanout = fanout::make_local_fanout();
  const GrowthWatch watch(data.store->log(), [&](std::string_view team_id) {
    projector.wake(team_id);
    fanout->grown(team_id);
  });
  live::Live live({*data.store, access, ingest, board, *environment.clock}, *fanout);
  const auto open_live = [&live](const identity::Principal& principal, bool clock_only) {
    return live.open(principal, clock_only);
  };
  std::atomic<net::HttpServer*> listening = nullptr;
  const auto show_metrics = [&]() -> Result<std::string> {
    PAW_TRY(behind, data.store->boards().events_behind());
    const net::HttpServer* now = listening;
    return metrics.text({behind, now ? now->connections() : 0, now ? now->web_sockets() : 0});
  };
  edge::Edge edge(environment,
                  {*data.store,
                   access,
                   ingest,
                   board,
                   wanted.public_url,
                   open_live,
                   wanted.tls.has_value(),
                   {show_metrics, token}},
                  [&metrics](const edge::Record& record) {
                    metrics.request_answered(record.route, record.status);
                    log_failures(record);
                  });

  PAW_TRY(server, net::start_http_server(
                      options_of(wanted, edge),
                      [&edge](net::ServerRequest head) { return edge.admit(std::move(head)); },
                      [&edge] { return edge.too_large(); }));
  listening = server.get();
  PAW_TRY(admin, AdminSocket::open(wanted.data, [&](const AdminRequest& request) {
            return administer({environment, *data.store, board, wanted.data,
                               [&access](const identity::Keys& changed) { access.use_keys(changed); }},
                              request);
          }));
  print_ready(wanted, server->port());

  while (signals.wait() == SIGHUP) reload(*server);
  const EndsAtOnce ends_at_once;
  live.stop();
  server->stop(kDrainTime);
  return {};
}

}  // namespace pawprint::hub
