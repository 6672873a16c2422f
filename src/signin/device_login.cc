#include "signin/device_login.h"

#include <algorithm>

#include "base/format.h"
#include "base/url.h"
#include "signin/hub_answer.h"

namespace pawprint::signin {
namespace {

constexpr std::string_view kWhat = "cannot sign in";
constexpr std::string_view kClientId = "pawprint";
constexpr std::int64_t kStandardIntervalSeconds = 5;  // RFC 8628, 3.2, where the hub names none
constexpr std::int64_t kMaxIntervalSeconds = 60;
constexpr std::int64_t kMaxLifetimeSeconds = 86'400;
constexpr std::int64_t kStandardRefreshSeconds = 604'800;

struct Grant {
  std::string device_code;
  DeviceCode code;
  std::int64_t interval_s = kStandardIntervalSeconds;
};

std::string form_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").contains(c);
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

net::HttpRequest post_form(std::string_view origin, std::string_view target, std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}{}", origin, target);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  request.body = std::move(body);
  return request;
}

std::unexpected<Error> refused(std::string_view origin, std::string_view why) {
  return fail(ErrorKind::refused, fmt::format("{} to {}: {}", kWhat, origin, why));
}

std::unexpected<Error> ended(std::string_view origin, std::string_view why) {
  return fail(ErrorKind::not_signed_in, fmt::format("{} to {}: {}", kWhat, origin, why),
              "pawprint auth login --device");
}

// A link that a terminal shows must at least be one.
std::optional<Grant> grant_in(const std::string& body) {
  const auto object = object_in(body);
  if (!object) return std::nullopt;
  Grant grant;
  grant.device_code = text_of(*object, "device_code");
  grant.code.user_code = text_of(*object, "user_code");
  grant.code.verification_uri = text_of(*object, "verification_uri");
  grant.code.verification_uri_complete = text_of(*object, "verification_uri_complete");
  grant.code.expires_in_s = std::min(seconds_of(*object, "expires_in"), kMaxLifetimeSeconds);
  if (const auto interval_s = seconds_of(*object, "interval"); interval_s > 0) {
    grant.interval_s = std::min(interval_s, kMaxIntervalSeconds);
  }
  if (!parse_url(grant.code.verification_uri_complete)) grant.code.verification_uri_complete.clear();
  const bool complete = !grant.device_code.empty() && !grant.code.user_code.empty() &&
                        grant.code.expires_in_s > 0 && parse_url(grant.code.verification_uri);
  if (!complete) return std::nullopt;
  return grant;
}

Result<Grant> ask_for_grant(net::HttpClient& http, const DeviceWish& wish) {
  std::string body =
      fmt::format("client_id={}&machine={}", kClientId, form_encoded(wish.machine.substr(0, 100)));
  if (wish.team_slug) body += "&team_slug=" + form_encoded(*wish.team_slug);
  PAW_TRY(answer, sent(http, post_form(wish.origin, "/oauth/device", std::move(body)), kWhat, wish.origin));
  if (decides_nothing(answer)) return no_decision(kWhat, wish.origin, answer);
  if (answer.status == 404) return refused(wish.origin, "the hub knows no sign-in by a code");
  if (answer.status != 200) return refused(wish.origin, words_of(answer));
  auto grant = grant_in(answer.body);
  if (!grant) return refused(wish.origin, "its answer is not that of a Pawprint hub");
  return *std::move(grant);
}

std::optional<TokenPair> tokens_in(const boost::json::object& object) {
  TokenPair tokens{.access = text_of(object, "access_token"),
                   .refresh = text_of(object, "refresh_token"),
                   .access_lifetime_s = seconds_of(object, "expires_in"),
                   .refresh_lifetime_s = seconds_of(object, "refresh_expires_in"),
                   .team_slug = text_of(object, "team_slug")};
  if (tokens.refresh_lifetime_s <= 0) tokens.refresh_lifetime_s = kStandardRefreshSeconds;
  if (tokens.access.empty() || tokens.refresh.empty() || tokens.access_lifetime_s <= 0) return std::nullopt;
  return tokens;
}

bool leaves_it_open(const Result<net::HttpAnswer>& answer) {
  if (!answer) return answer.error().kind == ErrorKind::unreachable;
  return decides_nothing(*answer);
}

// Tokens; nothing, if the hub is to be asked again after `grant.interval_s`.
Result<std::optional<TokenPair>> ask_for_decision(net::HttpClient& http, std::string_view origin,
                                                  Grant& grant) {
  const std::string body = fmt::format(
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id={}&device_code={}",
      kClientId, form_encoded(grant.device_code));
  const auto answer = sent(http, post_form(origin, "/oauth/token", body), kWhat, origin);
  if (leaves_it_open(answer)) {  // RFC 8628, 3.5
    grant.interval_s = std::min(grant.interval_s * 2, kMaxIntervalSeconds);
    return std::nullopt;
  }
  if (!answer) return std::unexpected(answer.error());
  const auto object = object_in(answer->body);
  if (!object) return refused(origin, "its answer is not that of a Pawprint hub");
  if (answer->status == 200) {
    auto tokens = tokens_in(*object);
    if (!tokens) return refused(origin, "its answer is not that of a Pawprint hub");
    return tokens;
  }
  const std::string error = text_of(*object, "error");
  if (error == "slow_down") grant.interval_s = std::min(grant.interval_s + 5, kMaxIntervalSeconds);
  if (error == "slow_down" || error == "authorization_pending") return std::nullopt;
  if (error == "access_denied") return ended(origin, "it was denied on the hub's page");
  if (error == "expired_token") return ended(origin, "nobody approved it in time");
  if (error == "invalid_grant") return ended(origin, "the hub does not know this request any more");
  return refused(origin, words_of(*answer));
}

}  // namespace

Result<credentials::Session> login_by_device(const Environment& environment, net::HttpClient& http,
                                             credentials::SessionStore& store, const DeviceWish& wish,
                                             const DeviceConversation& conversation) {
  PAW_TRY(grant, ask_for_grant(http, wish));
  conversation.show(grant.code);
  const std::int64_t ends_at_ms = environment.clock->monotonic_ms() + grant.code.expires_in_s * 1000;
  while (environment.clock->monotonic_ms() < ends_at_ms) {
    if (!conversation.wait(std::chrono::seconds(grant.interval_s))) {
      return fail(ErrorKind::interrupted, fmt::format("{} to {}: interrupted", kWhat, wish.origin));
    }
    PAW_TRY(tokens, ask_for_decision(http, wish.origin, grant));
    if (tokens) return keep_session(environment, http, store, wish.origin, *tokens, std::nullopt);
  }
  return ended(wish.origin, "nobody approved it in time");
}

}  // namespace pawprint::signin
