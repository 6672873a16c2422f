#include "cli/session_json.h"

#include "base/format.h"

namespace pawprint::cli {

boost::json::array sessions_json(const std::vector<credentials::Session>& sessions) {
  boost::json::array list;
  for (const credentials::Session& session : sessions) {
    list.push_back(boost::json::object{{"origin", session.origin},
                                       {"team_slug", session.team_slug},
                                       {"username", session.username},
                                       {"expires_at", rfc3339_utc(session.refresh_expires_at * 1000)}});
  }
  return list;
}

std::string sessions_text(const std::vector<credentials::Session>& sessions) {
  std::string text;
  for (const credentials::Session& session : sessions) {
    text += fmt::format("{}  {}  team {}  until {}\n", session.origin, session.username, session.team_slug,
                        rfc3339_utc(session.refresh_expires_at * 1000));
  }
  return text.empty() ? "not signed in\n" : text;
}

}  // namespace pawprint::cli
