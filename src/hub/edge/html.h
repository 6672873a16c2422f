// The hub's own pages: plain HTML without scripts, for the few things that a person does in a browser.
#pragma once

#include <string>
#include <string_view>

#include "hub/edge/exchange.h"
#include "net/http_server.h"

namespace pawprint::hub::edge {

// Text of others, fit for an element and for a quoted attribute; control and bidi characters made visible.
std::string html_text(std::string_view text);

// A whole page around `body`. Nothing may be loaded but the hub's own style sheet, forms go to the hub alone,
// and no other site may frame it (CSP 3).
net::ServerAnswer page(int status, std::string_view title, std::string_view body);

// Whether somebody looks at it in a browser: the request says that it takes HTML.
bool wants_page(const Exchange& exchange);

// What was wrong with what came by the form below it: a sentence without its period. "" for nothing.
std::string fault_text(std::string_view fault);

// 303: where a form leads once it is done.
net::ServerAnswer see_other(std::string_view target);

// The hidden field that a form of somebody signed in brings back.
std::string form_token_field(const Exchange& exchange);

// A page for what went wrong, with the status that its JSON would have.
net::ServerAnswer denied_page(Exchange& exchange, const access::Denied& why);

// Signing in comes before `target`, a path and query of the hub.
net::ServerAnswer sign_in_first(std::string_view target);

}  // namespace pawprint::hub::edge
