#include "credentials/sessions.h"

#include <algorithm>
#include <chrono>

#include "base/format.h"
#include "base/shell_word.h"
#include "base/ulid.h"
#include "credentials/sessions_toml.h"

namespace pawprint::credentials {
namespace {

constexpr unsigned kOthers = 0077;

}  // namespace

bool same_session(const Session& one, const Session& other) {
  return one.origin == other.origin && one.team_id == other.team_id && one.user_id == other.user_id;
}

SessionStore::SessionStore(const Environment& environment, Path home)
    : environment_(&environment), home_(std::move(home)), file_(home_ / "sessions.toml") {}

Result<std::vector<Session>> SessionStore::load() const {
  PAW_TRY(status, environment_->disk->status(file_));
  if (!status) return std::vector<Session>{};
  if (status->is_file && (status->mode & kOthers) != 0) {
    Error error;
    error.kind = ErrorKind::failed;
    error.message = "cannot use the sessions: other users of this machine can read the file";
    error.hint = "chmod 600 " + shell_word(file_.string());
    error.file = file_.string();
    return std::unexpected(std::move(error));
  }
  PAW_TRY(text, read_file(*environment_->disk, file_));
  Result<std::vector<Session>> sessions = read_sessions(text.value_or(""));
  if (!sessions) {
    Error& error = sessions.error();
    error.message = fmt::format("{} is damaged, so nobody is signed in: {} (line {})", file_.string(),
                                error.message, error.line);
    error.hint = "pawprint auth login";
    error.file = file_.string();
  }
  return sessions;
}

Result<std::vector<Session>> SessionStore::load_or_signed_out(Warnings& warnings) const {
  auto sessions = load();
  if (sessions || sessions.error().kind != ErrorKind::invalid) return sessions;
  warnings.add("sessions-damaged", sessions.error().message, sessions.error().hint);
  return std::vector<Session>{};
}

// Tokens that can be read in it by eye may be worth something to somebody.
Result<std::vector<Session>> SessionStore::load_or_set_aside() const {
  auto sessions = load();
  if (sessions || sessions.error().kind != ErrorKind::invalid) return sessions;
  UlidGenerator ulids(*environment_->clock, *environment_->random);
  const Path aside = home_ / fmt::format("{}.corrupt-{}", file_.filename().string(), ulids.next());
  PAW_TRY(moved, environment_->disk->rename(file_, aside));
  return std::vector<Session>{};
}

Result<void> SessionStore::put(const Session& session) {
  PAW_TRY(directory, environment_->disk->make_directories(home_, 0700));
  PAW_TRY(held, lock_for_writing());
  PAW_TRY(sessions, load_or_set_aside());
  const auto known =
      std::ranges::find_if(sessions, [&](const Session& s) { return same_session(s, session); });
  if (known != sessions.end()) {
    *known = session;
  } else {
    sessions.push_back(session);
  }
  return write(sessions);
}

Result<bool> SessionStore::remove(const Session& session) {
  PAW_TRY(directory, environment_->disk->status(home_));
  if (!directory) return false;
  PAW_TRY(held, lock_for_writing());
  PAW_TRY(sessions, load());
  const auto removed = std::erase_if(sessions, [&](const Session& s) { return same_session(s, session); });
  if (removed == 0) return false;
  PAW_TRY(written, write(sessions));
  return true;
}

Result<FileLock> SessionStore::lock() const {
  PAW_TRY(directory, environment_->disk->make_directories(home_, 0700));
  PAW_TRY(locks, lock_kind_for(*environment_->disk, home_));
  return FileLock::acquire(home_ / "refresh.lock", std::chrono::seconds(15), locks);
}

Result<FileLock> SessionStore::lock_for_writing() const {
  PAW_TRY(locks, lock_kind_for(*environment_->disk, home_));
  return FileLock::acquire(home_ / "sessions.lock", std::chrono::seconds(10), locks);
}

Result<void> SessionStore::write(std::span<const Session> sessions) {
  PAW_TRY(text, write_sessions(sessions));
  return replace_file(*environment_->disk, file_, text, 0600);
}

std::string login_command(std::string_view origin, std::string_view team_slug) {
  return fmt::format("pawprint auth login --server {} --team {}", shell_word(origin), shell_word(team_slug));
}

Result<Session> select_session(std::span<const Session> sessions, std::optional<std::string> origin,
                               std::optional<std::string> team_slug, std::optional<std::string> username) {
  std::vector<const Session*> selected;
  for (const Session& session : sessions) {
    if ((!origin || session.origin == *origin) && (!team_slug || session.team_slug == *team_slug) &&
        (!username || session.username == *username)) {
      selected.push_back(&session);
    }
  }
  if (selected.size() == 1) return *selected.front();
  if (selected.empty()) {
    std::string wanted = origin ? fmt::format(" to {}", *origin) : "";
    if (username) wanted += fmt::format(" as {}", *username);
    if (team_slug) wanted += fmt::format(" in team {}", *team_slug);
    std::string hint = "pawprint auth login";
    if (origin) hint += fmt::format(" --server {}", shell_word(*origin));
    if (team_slug) hint += fmt::format(" --team {}", shell_word(*team_slug));
    if (username) hint += fmt::format(" --username {}", shell_word(*username));
    return fail(ErrorKind::not_signed_in, fmt::format("not signed in{}", wanted), hint);
  }
  std::string names;
  for (const Session* session : selected) {
    names += fmt::format("{}--server {} --team {} --username {}", names.empty() ? "" : "; or ",
                         shell_word(session->origin), shell_word(session->team_slug),
                         shell_word(session->username));
  }
  return fail(ErrorKind::usage, fmt::format("several sessions fit, name one: {}", names),
              "pawprint auth status");
}

}  // namespace pawprint::credentials
