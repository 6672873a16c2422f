#include "credentials/sessions_toml.h"

#include <algorithm>
#include <chrono>

#include "base/format.h"
#include "textedit/toml_parse.h"

namespace pawprint::credentials {
namespace {

struct TextField {
  std::string_view key;
  std::string Session::* member;
};
struct TimeField {
  std::string_view key;
  std::int64_t Session::* member;
};

constexpr TextField kTextFields[] = {
    {"origin", &Session::origin},   {"user_id", &Session::user_id},     {"username", &Session::username},
    {"team_id", &Session::team_id}, {"team_slug", &Session::team_slug}, {"access", &Session::access},
    {"refresh", &Session::refresh},
};
constexpr TimeField kTimeFields[] = {
    {"access_expires_at", &Session::access_expires_at},
    {"refresh_expires_at", &Session::refresh_expires_at},
};

std::unexpected<Error> damaged(std::string why, int line) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.message = std::move(why);
  error.line = line;
  return std::unexpected(std::move(error));
}

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

std::int64_t unix_seconds(const toml::date_time& moment) {
  using namespace std::chrono;
  const year_month_day day{year{moment.date.year}, month{moment.date.month},
                           std::chrono::day{moment.date.day}};
  const auto since = sys_days{day}.time_since_epoch() + hours{moment.time.hour} +
                     minutes{moment.time.minute} + seconds{moment.time.second} -
                     minutes{moment.offset->minutes};
  return duration_cast<seconds>(since).count();
}

std::string utc_text(std::int64_t seconds) {
  return rfc3339_utc(seconds * 1000).substr(0, 19) + "Z";
}

// The values are tokens and names: what is wrong is said by key and line alone.
Result<Session> read_session(const toml::table& table) {
  Session session;
  for (const TextField& field : kTextFields) {
    const toml::node* node = table.get(field.key);
    if (node == nullptr || !node->is_string()) {
      return damaged(fmt::format("\"{}\" is not there, or is no string", field.key),
                     line_of(node == nullptr ? table : *node));
    }
    session.*field.member = node->as_string()->get();
  }
  for (const TimeField& field : kTimeFields) {
    const toml::node* node = table.get(field.key);
    const auto* moment = node == nullptr ? nullptr : node->as_date_time();
    if (moment == nullptr || !moment->get().offset) {
      return damaged(fmt::format("\"{}\" is not there, or is no date and time with an offset", field.key),
                     line_of(node == nullptr ? table : *node));
    }
    session.*field.member = unix_seconds(moment->get());
  }
  return session;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += character;
    }
  }
  return out += '"';
}

bool reads_back(const std::string& text, std::span<const Session> sessions) {
  const Result<std::vector<Session>> read = read_sessions(text);
  return read && read->size() == sessions.size() &&
         std::equal(read->begin(), read->end(), sessions.begin(),
                    [](const Session& one, const Session& other) {
                      return std::ranges::all_of(kTextFields,
                                                 [&](auto f) { return one.*f.member == other.*f.member; }) &&
                             std::ranges::all_of(kTimeFields,
                                                 [&](auto f) { return one.*f.member == other.*f.member; });
                    });
}

}  // namespace

Result<std::vector<Session>> read_sessions(std::string_view text) {
  const auto parsed = textedit::parse_toml(text);
  if (!parsed) return damaged("it is not TOML", parsed.error().line);
  const toml::table& document = *parsed;
  std::vector<Session> sessions;
  const toml::node* list = document.get("session");
  if (list == nullptr) return sessions;
  const toml::array* tables = list->as_array();
  if (tables == nullptr) return damaged("\"session\" is no list of tables", line_of(*list));
  for (const toml::node& node : *tables) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return damaged("\"session\" is no list of tables", line_of(node));
    PAW_TRY(session, read_session(*table));
    sessions.push_back(std::move(session));
  }
  return sessions;
}

Result<std::string> write_sessions(std::span<const Session> sessions) {
  std::string text = "# Tokens: whoever reads this file is signed in as you.\n";
  for (const Session& session : sessions) {
    text += "\n[[session]]\n";
    for (const TextField& field : kTextFields) {
      text += fmt::format("{} = {}\n", field.key, toml_string(session.*field.member));
    }
    for (const TimeField& field : kTimeFields) {
      text += fmt::format("{} = {}\n", field.key, utc_text(session.*field.member));
    }
  }
  if (reads_back(text, sessions)) return text;
  return fail(ErrorKind::invalid,
              "cannot keep the session: a name or token is not UTF-8, or a time is out of range");
}

}  // namespace pawprint::credentials
