#include "hub/main/serve.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "base/error_line.h"
#include "base/format.h"
#include "hub/board/projector.h"
#include "hub/edge/edge.h"
#include "hub/fanout/fanout.h"
#include "hub/live/live.h"
#include "hub/main/admin.h"
#include "hub/main/admin_socket.h"
#include "hub/main/counting.h"
#include "hub/main/data_directory.h"
#include "hub/main/hub_log.h"
#include "hub/main/preflight.h"
#include "hub/main/signals.h"
#include "hub/main/sync_failure.h"
#include "hub/store/way_back.h"
#include "protocol/limits.h"

namespace pawprint::hub {
namespace {

constexpr std::chrono::seconds kDrainTime{10};
// Two threads are left for the others when one team keeps as many busy as it may.
constexpr net::ServerOptions::Crew kCrew{
    .workers = 8, .max_waiting = 1016, .workers_of_account = 6, .most_of_account = 128};
// As many password checks as the gate lets in at once, so that none of these threads waits for it. Who asks
// for many from one address leaves some places to others.
constexpr net::ServerOptions::Crew kPasswordCrew{
    .workers = access::kMaxPasswordChecks,
    .max_waiting = access::kMaxWaitingPasswordChecks,
    .most_of_account = access::kMaxWaitingPasswordChecks * 3 / 4};
constexpr std::uint64_t kBodyBytesOfTeam = 16U << 20;

void print_ready(const Serve& wanted, std::uint16_t port) {
  const std::string host = wanted.address.contains(':') ? "[" + wanted.address + "]" : wanted.address;
  const std::string_view scheme = wanted.tls ? "https" : "http";
  std::fputs(fmt::format("listening {}://{}:{}\n", scheme, host, port).c_str(), stdout);
  std::fflush(stdout);
}

Result<std::vector<std::string>> team_ids(store::Store& store) {
  auto teams = store.users().teams();
  if (!teams) return std::unexpected(store.with_way_back(teams.error()));
  std::vector<std::string> ids;
  for (store::Team& team : *teams) ids.push_back(std::move(team.team_id));
  return ids;
}

net::ServerOptions options_of(const Serve& wanted, std::size_t max_open, edge::Edge& edge) {
  net::ServerOptions options;
  options.address = wanted.address;
  options.port = wanted.port;
  options.tls = wanted.tls;
  options.max_body_bytes = protocol::max_bytes_per_batch;
  options.max_open = max_open;
  options.max_strangers_of_address = std::max<std::size_t>(1, max_open / 2);
  options.is_proxy = [&wanted](std::string_view address) { return wanted.trusted_proxies.trusts(address); };
  options.max_body_bytes_of_account = kBodyBytesOfTeam;
  options.crew = kCrew;
  options.slow_crew = kPasswordCrew;
  options.is_slow = edge::Edge::checks_password;
  options.unserved = [&edge](const net::Unserved& request) { return edge.unserved(request); };
  return options;
}

// A certificate that cannot be used must not end a hub that runs well with the one before.
void reload(net::HttpServer& server, const HubLog& log) {
  const auto reloaded = server.reload_tls();
  if (reloaded) {
    log.note("certificate", "the certificate was read again");
  } else {
    log.note("certificate", "nothing was reloaded: " + reloaded.error().message);
  }
}

void tell_migration(const store::MigrationReport& report, const HubLog& log) {
  if (report.from == 0 || report.steps.empty()) return;
  log.note("schema",
           fmt::format("the database was brought from schema version {} to {}", report.from, report.to));
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

// `readings` with what is to be read now; `server` is nullptr before there is one.
Result<std::string> metrics_now(metrics::Metrics& metrics, store::Store& store, metrics::Readings readings,
                                const net::HttpServer* server) {
  PAW_TRY(behind, store.boards().events_behind());
  PAW_TRY(disk_free_bytes, store.disk_room().free_bytes());
  readings.events_behind = behind;
  readings.disk_free_bytes = disk_free_bytes;
  if (server != nullptr) {
    readings.connections = server->connections();
    readings.sockets = server->web_sockets();
    readings.turned_away = server->turned_away();
    const net::TlsFailures no_tls = server->tls_failures();
    readings.tls_too_many = no_tls.too_many;
    readings.tls_handshake = no_tls.handshake;
  }
  return metrics.text(readings);
}

// What is under way has `kDrainTime` to end.
void drain(live::Live& live, net::HttpServer& server, AdminSocket& admin, const HubLog& log) {
  using std::chrono::milliseconds;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + kDrainTime;
  admin.end_what_takes_long();
  live.stop();
  server.stop(kDrainTime);
  const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
  if (admin.stop(std::max(left, milliseconds{0}))) return;
  // As on a disk that hangs. What it leaves behind is in nobody's way.
  log.note("stopping", "a command of an administrator was cut off: verify, rebuild or backup");
  std::_Exit(0);
}

}  // namespace

Result<void> serve(const Environment& environment, const Serve& wanted) {
  const Signals signals;
  const HubLog log(*environment.clock, wanted.log_requests);
  PAW_TRY(settings, look_at_settings(environment, wanted));
  const std::size_t max_open = settings.room.connections;
  metrics::Metrics metrics;  // stands before the store, whose last commits are counted too
  PAW_TRY(data, open_data_directory(environment, wanted.data));
  PAW_TRY(keys, identity::load_or_make_keys(environment, wanted.data));
  tell_migration(data.store->migrated(), log);
  data.store->disk_room().keep_free(wanted.disk_floor_bytes);
  access::Access access(environment, *data.store, keys);
  stop_on_sync_failure(*data.store);
  data.store->on_commit([&metrics](std::chrono::nanoseconds took) { metrics.committed(took); });
  ingest::Ingest ingest(*data.store, *environment.clock, wanted.quota, count_verdicts(metrics));
  board::Board board(*data.store);
  PAW_TRY(teams, team_ids(*data.store));
  board::Projector projector(board, std::move(teams),
                             [&log](const Error& error) { log.note("board", error_line(error)); });
  const auto fanout = fanout::make_local_fanout();
  const GrowthWatch watch(data.store->log(), [&](std::string_view team_id) {
    projector.wake(team_id);
    fanout->grown(team_id);
  });
  live::Live live({*data.store, access, ingest, board, *environment.clock, wanted.max_sockets_of_team,
                   [&log](const Error& error) { log.note("live", error_line(error)); }},
                  *fanout);
  const auto open_live = [&live](const identity::Principal& principal, bool clock_only) {
    return live.open(principal, clock_only);
  };
  data.store->on_access_change([&live](std::string_view user_id) { live.look_again_at(user_id); });
  std::atomic<net::HttpServer*> listening = nullptr;
  const auto show_metrics = [&] {
    return metrics_now(metrics, *data.store, {.max_open = max_open}, listening);
  };
  edge::Edge edge(environment,
                  {*data.store,
                   access,
                   ingest,
                   board,
                   wanted.public_url,
                   open_live,
                   wanted.tls.has_value(),
                   {show_metrics, settings.metrics_token},
                   wanted.trusted_proxies},
                  [&metrics, &log](const edge::Record& record) {
                    metrics.request_answered(record.route, record.status);
                    log.request(record);
                  });

  PAW_TRY(server,
          net::start_http_server(options_of(wanted, max_open, edge),
                                 [&edge](net::ServerRequest head) { return edge.admit(std::move(head)); }));
  listening = server.get();
  const auto perform = [&](const AdminRequest& request, std::stop_token stop) {
    return administer({environment, *data.store, board, wanted.data,
                       [&access, &live](const identity::Keys& changed) {
                         access.use_keys(changed);
                         live.look_again_at_all();
                       },
                       std::move(stop)},
                      request);
  };
  PAW_TRY(admin, AdminSocket::open(wanted.data, perform, takes_long));
  if (!settings.room.warning.empty()) log.note("limit", settings.room.warning);
  print_ready(wanted, server->port());

  while (signals.wait() == SIGHUP) reload(*server, log);
  const EndsAtOnce ends_at_once;
  drain(live, *server, *admin, log);
  return {};
}

}  // namespace pawprint::hub
