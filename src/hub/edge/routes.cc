#include "hub/edge/handlers.h"
#include "hub/edge/router.h"
#include "protocol/limits.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::uint64_t kCredentialBytes = 16U << 10;
constexpr std::uint64_t kBatchBytes = protocol::max_decompressed_bytes_per_batch;

// Every route of the hub: method, path, who may call it, bytes of body, what it does, form of the
// body if it is not JSON.
constexpr Route kRoutes[] = {
    {"POST", "/api/v1/token/", Scope::open, kCredentialBytes, sign_in},
    {"POST", "/api/v1/token/refresh/", Scope::open, kCredentialBytes, refresh_token},
    {"POST", "/api/v1/token/team", Scope::member, kCredentialBytes, switch_team},
    {"POST", "/oauth/revoke", Scope::open, kCredentialBytes, revoke_token, Media::form},
    {"POST", "/oauth/device", Scope::open, kCredentialBytes, begin_device, Media::form},
    {"POST", "/oauth/token", Scope::open, kCredentialBytes, issue_oauth_token, Media::form},
    {"GET", "/api/v1/me", Scope::ingest, 0, who_am_i},

    {"POST", "/api/v1/invitations", Scope::owner, kCredentialBytes, invite},
    {"GET", "/api/v1/invitations", Scope::owner, 0, list_invitations},
    {"POST", "/api/v1/invitations/{id}/withdraw", Scope::owner, 0, withdraw_invitation},
    {"POST", "/api/v1/invitations/accept", Scope::open, kCredentialBytes, accept_invitation},
    {"POST", "/api/v1/invitations/join", Scope::member, kCredentialBytes, join_team},

    {"POST", "/api/v1/events/batch/", Scope::ingest, kBatchBytes, take_batch},
    {"GET", "/api/v1/events", Scope::member, 0, list_events},

    {"POST", "/api/v1/ws-token/", Scope::ingest, 0, issue_ws_token},
    {"POST", "/api/v1/ws-token", Scope::ingest, 0, issue_ws_token},
    {"GET", "/ws/v1/events/", Scope::ticket, 0, open_live},

    {"GET", "/api/v1/projects", Scope::member, 0, list_projects},
    {"GET", "/api/v1/projects/{uuid}", Scope::member, 0, show_project},
    {"GET", "/api/v1/projects/{uuid}/features/{slug}", Scope::member, 0, show_feature},

    {"GET", "/api/v1/nodes", Scope::member, 0, list_nodes},

    {"GET", "/", Scope::sign_in, 0, show_welcome},
    {"GET", "/sign-in", Scope::sign_in, 0, show_sign_in},
    {"POST", "/sign-in", Scope::sign_in, kCredentialBytes, sign_in_on_page, Media::form},
    {"POST", "/sign-out", Scope::page, kCredentialBytes, sign_out_on_page, Media::form},
    {"GET", "/device", Scope::page, 0, show_device},
    {"POST", "/device", Scope::page, kCredentialBytes, decide_device, Media::form},
    {"GET", "/invitation", Scope::sign_in, 0, show_invitation},
    {"POST", "/invitation", Scope::sign_in, kCredentialBytes, accept_on_page, Media::form},
    {"GET", "/page.css", Scope::open, 0, page_style},

    {"GET", "/api/v1/sync/health/", Scope::open, 0, sync_health},
    {"GET", "/healthz", Scope::open, 0, process_is_up},
    {"GET", "/readyz", Scope::open, 0, hub_is_ready},
    {"GET", "/metrics", Scope::open, 0, show_metrics},
};

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

}  // namespace pawprint::hub::edge
