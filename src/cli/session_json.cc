#include "cli/session_json.h"

#include "base/format.h"
#include "cli/json_text.h"

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

credentials::Session session_in(const boost::json::object& data) {
  credentials::Session session;
  session.origin = text_of(data, "origin");
  session.username = text_of(data, "username");
  session.team_slug = text_of(data, "team_slug");
  session.team_id = text_of(data, "team_id");
  session.user_id = text_of(data, "user_id");
  return session;
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
