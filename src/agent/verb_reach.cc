#include <algorithm>
#include <boost/json/array.hpp>

#include "agent/verbs.h"
#include "base/format.h"
#include "base/url.h"
#include "pawprint/version.h"

namespace pawprint::agent {
namespace {

constexpr std::chrono::milliseconds kPatience{3'000};

// Sessions that cannot be used have no hubs; whoever asks for this says so.
Result<std::vector<std::string>> hubs_to_try(const Context& context, const Invocation& invocation) {
  std::vector<std::string> origins;
  if (invocation.server) {
    PAW_TRY(named, hub_origin(*invocation.server));
    origins.push_back(std::move(named));
  }
  const auto sessions = context.sessions().load();
  if (sessions) {
    for (const credentials::Session& session : *sessions) origins.push_back(session.origin);
  }
  std::ranges::sort(origins);
  origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
  return origins;
}

boost::json::object try_hub(net::HttpClient& http, const std::string& origin) {
  net::HttpRequest request;
  request.url = origin + "/healthz";
  request.timeout = kPatience;
  request.max_answer_bytes = 64U << 10;
  const Result<net::HttpAnswer> answer = http.send(request);
  boost::json::object hub{{"origin", origin}, {"reachable", false}, {"problem", nullptr}, {"hint", nullptr}};
  if (!answer) {
    hub["problem"] = answer.error().message;
    if (!answer.error().hint.empty()) hub["hint"] = answer.error().hint;
  } else if (answer->status != 200) {
    hub["problem"] = fmt::format("it answers with status {}", answer->status);
  } else {
    hub["reachable"] = true;
  }
  return hub;
}

}  // namespace

Result<Reply> reach(Context& context, const Invocation& invocation) {
  PAW_TRY(origins, hubs_to_try(context, invocation));
  boost::json::array hubs;
  for (const std::string& origin : origins) {
    hubs.push_back(try_hub(context.http, origin));
    if (context.interrupted) return fail(ErrorKind::interrupted, "interrupted");
  }
  return Reply{.data = {{"version", kVersion}, {"hubs", std::move(hubs)}}, .error = std::nullopt};
}

}  // namespace pawprint::agent
