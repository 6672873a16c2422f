// From argv to what pawprint-hub shall do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/disk.h"
#include "hub/ingest/quota.h"
#include "hub/main/admin_request.h"
#include "net/tls_context.h"
#include "net/trusted_proxies.h"

namespace pawprint::hub {

struct Serve {
  Path data;
  std::string address;
  std::uint16_t port = 0;
  std::optional<net::TlsFiles> tls = {};  // there, or `address` is loopback, or plain http was insisted on
  std::string public_url = {};            // an origin; empty: as each request says
  ingest::QuotaLimits quota = {};
  std::uint64_t disk_floor_bytes = 128U << 20;  // what is kept free of the disk; 0: nothing
  std::size_t max_connections = 0;              // 0: as many as the process may have, up to a number of ours
  std::size_t max_sockets_of_team = 2048;
  bool log_requests = false;
  net::TrustedProxies trusted_proxies = {};
  Path metrics_token_file = {};  // empty: metrics are for this machine only
};

// What `serve` would do, with the same options.
struct CheckConfig {
  Serve serve;
  std::map<std::string, std::string, std::less<>> values;  // of each option of `serve`; empty: none
};

struct Administer {
  Path data;
  AdminRequest request;  // complete but for the password
  bool takes_password = false;
};

struct ShowText {
  std::string text;  // what --help and --version print
};

using Command = std::variant<Serve, CheckConfig, Administer, ShowText>;

// `words` is argv without the program's name. Kind `usage` for anything else than the commands above, and for
// plain http at an address that other machines
// could reach without --insecure.
Result<Command> parse_arguments(std::span<const std::string> words);

// An error of settings that names them, as "--tls-cert, --tls-key", so that where they come from can be told.
Error named(std::string_view flags, Error error);

}  // namespace pawprint::hub
