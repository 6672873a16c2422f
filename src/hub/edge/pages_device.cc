// Where somebody says whether a machine may sign in as them (RFC 8628, 3.3).
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/html.h"
#include "hub/edge/json_answer.h"

namespace pawprint::hub::edge {
namespace {

std::string who_is_here(const Exchange& exchange) {
  return fmt::format(
      "<footer>\n<form method=\"post\" action=\"/sign-out\">\n{}Signed in as {}. <button>Sign out"
      "</button>\n</form>\n</footer>\n",
      form_token_field(exchange), html_text(exchange.web->email));
}

net::ServerAnswer code_form(const Exchange& exchange, int status, std::string_view user_code,
                            std::string_view fault) {
  return page(
      status, "Sign a machine in",
      fmt::format("{}<form method=\"get\" action=\"/device\">\n"
                  "<label>The code that the machine shows <input name=\"user_code\" required autofocus "
                  "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" "
                  "maxlength=\"20\" placeholder=\"BCDF-GHJK\" value=\"{}\"></label>\n"
                  "<button class=\"main\">Go on</button>\n</form>\n{}",
                  fault_text(fault), html_text(user_code), who_is_here(exchange)));
}

// The team that the machine asked for comes first, else the user's default one.
std::string team_choice(const std::vector<store::Membership>& memberships, std::string_view wanted) {
  std::string options;
  for (const store::Membership& one : memberships) {
    options += fmt::format("<option value=\"{0}\"{1}>{2} ({0}), as {3}</option>\n", html_text(one.team.slug),
                           one.team.slug == wanted ? " selected" : "", html_text(one.team.name),
                           html_text(one.role));
  }
  return fmt::format("<label>For the team <select name=\"team\">\n{}</select></label>\n", options);
}

net::ServerAnswer decision_form(const Exchange& exchange, const access::DeviceRequest& waiting,
                                std::string_view user_code,
                                const std::vector<store::Membership>& memberships) {
  const std::string machine = waiting.machine.empty() ? "(it does not say)" : html_text(waiting.machine);
  return page(
      200, "May this machine sign in as you?",
      fmt::format(
          "<dl>\n<dt>Machine</dt><dd>{}</dd>\n<dt>Program</dt><dd>{}</dd>\n"
          "<dt>Asks from</dt><dd>{}</dd>\n<dt>Code</dt><dd class=\"code\">{}</dd>\n</dl>\n"
          "<p>Only the address and the code are certain; the names are what the machine says of itself. "
          "Approve only if you have just started this sign-in, and your machine shows this code.</p>\n"
          "<form method=\"post\" action=\"/device\">\n{}"
          "<input type=\"hidden\" name=\"user_code\" value=\"{}\">\n{}"
          "<button name=\"decision\" value=\"approve\">Approve</button>\n"
          "<button name=\"decision\" value=\"deny\">Deny</button>\n</form>\n{}",
          machine, html_text(waiting.client_id), html_text(waiting.address), html_text(user_code),
          form_token_field(exchange), html_text(user_code), team_choice(memberships, waiting.team_slug),
          who_is_here(exchange)));
}

net::ServerAnswer no_such_code(Exchange& exchange, std::string_view user_code, const access::Denied& why) {
  if (why.why != access::Denial::rejected) return denied_page(exchange, why);
  return code_form(exchange, 404, user_code, "no machine waits under this code. Codes hold for 15 minutes");
}

}  // namespace

net::ServerAnswer show_device(Exchange& exchange) {
  const std::string user_code = query_value(exchange, "user_code").value_or("");
  if (user_code.empty()) return code_form(exchange, 200, "", "");
  const auto waiting =
      exchange.services.access.device_waiting(*exchange.web, user_code, exchange.request.remote_address);
  if (!waiting) return no_such_code(exchange, user_code, waiting.error());
  const auto memberships = exchange.services.store.users().memberships(exchange.web->principal.user_id);
  if (!memberships) return store_failed(exchange, memberships.error());
  return decision_form(exchange, *waiting, user_code, *memberships);
}

net::ServerAnswer decide_device(Exchange& exchange) {
  access::Access& access = exchange.services.access;
  const std::string& address = exchange.request.remote_address;
  const std::string user_code = form_value(exchange, "user_code").value_or("");
  const std::string decision = form_value(exchange, "decision").value_or("");
  if (decision == "approve") {
    const std::string team = form_value(exchange, "team").value_or("");
    const auto approved = access.approve_device(*exchange.web, user_code, team, address);
    if (!approved) return no_such_code(exchange, user_code, approved.error());
    return page(200, "Approved", "<p>The machine signs in by itself now. You can close this page.</p>\n");
  }
  if (decision != "deny")
    return code_form(exchange, 400, user_code, "the form says neither approve nor deny");
  const auto refused = access.deny_device(*exchange.web, user_code, address);
  if (!refused) return no_such_code(exchange, user_code, refused.error());
  return page(200, "Denied", "<p>The machine does not sign in. You can close this page.</p>\n");
}

}  // namespace pawprint::hub::edge
