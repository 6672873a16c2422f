// What each route does. A handler finds the exchange with its principal (unless the route is open), the
// decoded names of its path and the inflated body.
#pragma once

#include "hub/edge/exchange.h"

namespace pawprint::hub::edge {

// routes_token.cc
net::ServerAnswer sign_in(Exchange& exchange);
net::ServerAnswer refresh_token(Exchange& exchange);
net::ServerAnswer switch_team(Exchange& exchange);
net::ServerAnswer revoke_token(Exchange& exchange);
net::ServerAnswer who_am_i(Exchange& exchange);

// routes_invitations.cc
net::ServerAnswer invite(Exchange& exchange);
net::ServerAnswer list_invitations(Exchange& exchange);
net::ServerAnswer withdraw_invitation(Exchange& exchange);
net::ServerAnswer accept_invitation(Exchange& exchange);
net::ServerAnswer join_team(Exchange& exchange);

// pages_invitation.cc
net::ServerAnswer show_invitation(Exchange& exchange);
net::ServerAnswer accept_on_page(Exchange& exchange);

// routes_oauth.cc
net::ServerAnswer begin_device(Exchange& exchange);
net::ServerAnswer issue_oauth_token(Exchange& exchange);

// pages_welcome.cc
net::ServerAnswer show_welcome(Exchange& exchange);

// pages_sign_in.cc
net::ServerAnswer show_sign_in(Exchange& exchange);
net::ServerAnswer sign_in_on_page(Exchange& exchange);
net::ServerAnswer sign_out_on_page(Exchange& exchange);
net::ServerAnswer page_style(Exchange& exchange);

// pages_device.cc: exchange.web is set
net::ServerAnswer show_device(Exchange& exchange);
net::ServerAnswer decide_device(Exchange& exchange);

// routes_events.cc
net::ServerAnswer take_batch(Exchange& exchange);
net::ServerAnswer list_events(Exchange& exchange);

// routes_boards.cc
net::ServerAnswer list_projects(Exchange& exchange);
net::ServerAnswer show_project(Exchange& exchange);
net::ServerAnswer show_feature(Exchange& exchange);
net::ServerAnswer list_nodes(Exchange& exchange);

// routes_live.cc
net::ServerAnswer issue_ws_token(Exchange& exchange);
net::ServerAnswer open_live(Exchange& exchange);

// routes_operations.cc
net::ServerAnswer sync_health(Exchange& exchange);
net::ServerAnswer process_is_up(Exchange& exchange);
net::ServerAnswer hub_is_ready(Exchange& exchange);
net::ServerAnswer show_metrics(Exchange& exchange);

}  // namespace pawprint::hub::edge
