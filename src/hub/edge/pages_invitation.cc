// Where somebody who was invited into a team accepts it: as a newcomer, or as the user they are already.
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/html.h"

namespace pawprint::hub::edge {
namespace {

// What was typed stays, but for the password.
net::ServerAnswer invitation_form(int status, std::string_view secret, const access::Newcomer& person,
                                  std::string_view fault) {
  constexpr std::string_view kFocus = " autofocus";
  return page(status, "Join a team",
              fmt::format("{}<form method=\"post\" action=\"/invitation\">\n"
                          "<label>Invitation <input name=\"invitation\" required{} autocomplete=\"off\" "
                          "spellcheck=\"false\" value=\"{}\"></label>\n"
                          "<label>E-mail address <input name=\"email\" type=\"email\" required{} "
                          "autocomplete=\"username\" value=\"{}\"></label>\n"
                          "<label>Name, if you like <input name=\"name\" autocomplete=\"name\" value=\"{}\">"
                          "</label>\n<label>Password: a new one, or yours if you have an account here <input "
                          "name=\"password\" type=\"password\" required></label>\n"
                          "<button class=\"main\">Join</button>\n</form>\n",
                          fault_text(fault), secret.empty() ? kFocus : "", html_text(secret),
                          secret.empty() ? "" : kFocus, html_text(person.email), html_text(person.name)));
}

}  // namespace

net::ServerAnswer show_invitation(Exchange& exchange) {
  return invitation_form(200, query_value(exchange, "invitation").value_or(""), {}, "");
}

net::ServerAnswer accept_on_page(Exchange& exchange) {
  const std::string secret = form_value(exchange, "invitation").value_or("");
  const std::string email = form_value(exchange, "email").value_or("");
  const std::string name = form_value(exchange, "name").value_or("");
  const std::string password = form_value(exchange, "password").value_or("");
  const access::Newcomer person{email, name, password};
  auto pair = exchange.services.access.accept_as_newcomer(secret, person, exchange.request.remote_address);
  if (!pair && pair.error().why == access::Denial::known_user) {
    pair = exchange.services.access.accept_with_password(secret, email, password,
                                                         exchange.request.remote_address);
  }
  if (pair) {
    return page(
        200, "Welcome",
        fmt::format("<p>You are in team {} now. On your machine: <code>pawprint auth login</code></p>\n",
                    html_text(pair->team_slug)));
  }
  const access::Denial why = pair.error().why;
  if (why == access::Denial::unavailable || why == access::Denial::throttled) {
    return denied_page(exchange, pair.error());
  }
  return invitation_form(why == access::Denial::unusable ? 400 : 403, secret, person, pair.error().message);
}

}  // namespace pawprint::hub::edge
