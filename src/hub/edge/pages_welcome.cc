// What somebody sees who opens the hub's address in a browser.
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/html.h"

namespace pawprint::hub::edge {

net::ServerAnswer show_welcome(Exchange& exchange) {
  const std::string origin = hub_origin(exchange).value_or("URL");
  return page(
      200, "A Pawprint hub",
      fmt::format("<p>What teams do with their command-line tools arrives here. There is no board to "
                  "look at in the browser yet.</p>\n"
                  "<p>To send a project's events here, type in it:</p>\n"
                  "<pre>pawprint sync server {}\npawprint auth login</pre>\n"
                  "<p>A machine without a browser shows a code: <a href=\"/device\">sign a machine "
                  "in</a>.</p>\n"
                  "<p>Somebody gave you an invitation: <a href=\"/invitation\">join a team</a>.</p>\n",
                  html_text(origin)));
}

}  // namespace pawprint::hub::edge
