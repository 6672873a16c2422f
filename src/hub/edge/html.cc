#include "hub/edge/html.h"

#include "base/format.h"
#include "base/printable.h"
#include "hub/edge/json_answer.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

// RFC 3986: what may stand in a query's value as it is.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").contains(c);
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

net::ServerAnswer page(int status, std::string_view title, std::string_view body) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0} - "
      "Pawprint</title>\n"
      "<link rel=\"stylesheet\" "
      "href=\"/page.css\">\n</head>\n<body>\n<header><a "
      "href=\"/\">Pawprint</a></header>\n<main>\n<h1>{0}</h1>\n{1}</main>\n</body>\n"
      "</html>\n",
      html_text(title), body);
  return {status,
          {{"Content-Type", "text/html; charset=utf-8"},
           {"Content-Security-Policy", std::string(kPolicy)},
           {"X-Frame-Options", "DENY"},
           {"Referrer-Policy", "same-origin"}},
          std::move(html)};
}

bool wants_page(const Exchange& exchange) {
  const std::string* accept = exchange.request.header("Accept");
  return accept != nullptr && accept->contains("text/html");
}

std::string fault_text(std::string_view fault) {
  if (fault.empty()) return {};
  std::string sentence(fault);
  if (sentence.front() >= 'a' && sentence.front() <= 'z') sentence.front() -= 'a' - 'A';
  return fmt::format("<p class=\"fault\" role=\"alert\">{}.</p>\n", html_text(sentence));
}

net::ServerAnswer see_other(std::string_view target) {
  return {303, {{"Location", std::string(target)}}, {}};
}

std::string form_token_field(const Exchange& exchange) {
  return fmt::format("<input type=\"hidden\" name=\"form_token\" value=\"{}\">\n",
                     html_text(exchange.web ? exchange.web->form_token : ""));
}

net::ServerAnswer denied_page(Exchange& exchange, const access::Denied& why) {
  const net::ServerAnswer plain = denied(exchange, why);
  net::ServerAnswer answer = page(plain.status, "That did not work", fault_text(why.message));
  for (const net::Header& header : plain.headers) {
    if (header.name == "Retry-After") answer.headers.push_back(header);
  }
  return answer;
}

net::ServerAnswer sign_in_first(std::string_view target) {
  return see_other("/sign-in?to=" + percent_encoded(target));
}

}  // namespace pawprint::hub::edge
