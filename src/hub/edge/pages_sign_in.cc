// Signing in and out on the hub's pages, and what all of them look like.
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/html.h"
#include "hub/edge/router.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::string_view kStyle = R"css(:root { color-scheme: light dark; }
body { --strong: #1a56c4; --on-strong: #fff; --fault: #b00020;
  font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; }
@media (prefers-color-scheme: dark) { body { --strong: #8ab4ff; --on-strong: #10131a; --fault: #ff8a95; } }
body > header, main { max-width: 32rem; margin: 0 auto; padding: 0 1.5rem; }
body > header { padding-top: 8vh; font-weight: 600; }
header a { color: inherit; text-decoration: none; }
main a { color: var(--strong); }
h1 { font-size: 1.5rem; margin-top: .5rem; }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid GrayText; border-radius: .25rem; }
label { display: block; margin: 1rem 0; }
input, select { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; margin-top: .25rem; }
input[name=user_code], .code { font-family: ui-monospace, monospace; letter-spacing: .1em; text-transform: uppercase; }
button { font: inherit; padding: .5rem 1.25rem; margin-right: .75rem; cursor: pointer; color: inherit; background: none;
  border: 1px solid currentColor; border-radius: .25rem; }
button.main { color: var(--on-strong); background: var(--strong); border-color: var(--strong); }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; overflow-wrap: anywhere; }
dt { font-weight: 600; }
dd { margin: 0; }
.fault { border-left: .25rem solid var(--fault); padding-left: .75rem; }
footer { margin-top: 3rem; font-size: .875rem; overflow-wrap: anywhere; }
footer button { padding: .25rem .75rem; margin-left: .5rem; }
)css";

// Back to a page of the hub, and to nothing else: no other site, and nothing that only a program reads.
std::string safe_target(std::string_view wanted) {
  const Match match = match_route(routes(), "GET", wanted.substr(0, wanted.find('?')));
  const bool is_page = match.route != nullptr && match.route->scope == Scope::page;
  return is_page && wanted.find_first_of("\r\n") == std::string_view::npos ? std::string(wanted) : "/device";
}

// What was typed stays, but for the password; whoever tries again goes on there.
net::ServerAnswer sign_in_form(int status, std::string_view target, std::string_view username,
                               std::string_view fault) {
  constexpr std::string_view kFocus = " autofocus";
  const bool again = !username.empty();
  return page(status, "Sign in",
              fmt::format("{}<p>To say whether a machine may sign in as you.</p>\n<form method=\"post\" "
                          "action=\"/sign-in\">\n"
                          "<input type=\"hidden\" name=\"to\" value=\"{}\">\n"
                          "<label>E-mail address <input name=\"username\" type=\"email\" required{} "
                          "autocomplete=\"username\" value=\"{}\"></label>\n"
                          "<label>Password <input name=\"password\" type=\"password\" required{} "
                          "autocomplete=\"current-password\"></label>\n"
                          "<button class=\"main\">Sign in</button>\n</form>\n",
                          fault_text(fault), html_text(target), again ? "" : kFocus, html_text(username),
                          again ? kFocus : ""));
}

net::Header session_cookie(const Exchange& exchange, std::string_view value, std::int64_t seconds) {
  const bool secure = hub_origin(exchange).value_or("").starts_with("https:");
  return {"Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kSessionCookie,
                                    value, seconds, secure ? "; Secure" : "")};
}

}  // namespace

net::ServerAnswer show_sign_in(Exchange& exchange) {
  return sign_in_form(200, safe_target(query_value(exchange, "to").value_or("")), "", "");
}

net::ServerAnswer sign_in_on_page(Exchange& exchange) {
  const std::string target = safe_target(form_value(exchange, "to").value_or(""));
  const std::string username = form_value(exchange, "username").value_or("");
  const auto cookie = exchange.services.access.begin_web_session(
      username, form_value(exchange, "password").value_or(""), exchange.request.remote_address);
  if (!cookie && cookie.error().why == access::Denial::wrong_password) {
    return sign_in_form(403, target, username, "wrong address or password");
  }
  if (!cookie) return denied_page(exchange, cookie.error());
  net::ServerAnswer answer = see_other(target);
  answer.headers.push_back(session_cookie(exchange, *cookie, access::kWebLifetimeSeconds));
  return answer;
}

net::ServerAnswer sign_out_on_page(Exchange& exchange) {
  const auto ended =
      exchange.services.access.end_web_session(cookie_value(exchange, kSessionCookie).value_or(""));
  if (!ended) return denied_page(exchange, ended.error());
  net::ServerAnswer answer = see_other("/sign-in");
  answer.headers.push_back(session_cookie(exchange, "", 0));
  return answer;
}

net::ServerAnswer page_style(Exchange&) {
  return {200, {{"Content-Type", "text/css; charset=utf-8"}}, std::string(kStyle)};
}

}  // namespace pawprint::hub::edge
