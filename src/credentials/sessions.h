// The sessions of this machine: which hubs, teams and users somebody is signed in to, and their tokens.
// File: `sessions.toml` in the home (docs/state.md), 0600 from its first byte; its directory 0700.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/file_lock.h"
#include "base/result.h"
#include "pawprint/warning.h"

namespace pawprint::credentials {

// One sign-in. The tokens are for `origin` alone, and are never printed.
struct Session {
  std::string origin;  // "https://hub.example.com"
  std::string user_id;
  std::string username;
  std::string team_id;
  std::string team_slug;
  std::string access;
  std::int64_t access_expires_at = 0;  // Unix seconds
  std::string refresh;
  std::int64_t refresh_expires_at = 0;  // Unix seconds
  bool of_machine = false;              // a token of the environment (machine_token.h), never in the file
};

// Whether both are the sign-in of the same user to the same team of the same hub.
bool same_session(const Session& one, const Session& other);

// Reads and writes the file. Holds nothing open; copies are cheap.
class SessionStore {
 public:
  // `environment` must outlive the store.
  SessionStore(const Environment& environment, Path home);

  // In the order of the file; empty if there is no file. Kinds: `failed` when others may read the file (the
  // hint is the chmod to type), `invalid` with file and line when it is damaged. Takes no lock, writes
  // nothing.
  Result<std::vector<Session>> load() const;

  // As load(), but whoever has a damaged file is signed out: none, and a warning (`sessions-damaged`) that
  // names file, line and the command that signs in. The file is left alone.
  Result<std::vector<Session>> load_or_signed_out(Warnings& warnings) const;

  // Adds the session, or replaces the one of the same (origin, team_id, user_id). A damaged file becomes
  // sessions.toml.corrupt-<ULID> and a new one begins with this session. Takes the lock for a read
  // and a write, and waits for it up to 10 s (kind `busy`). Do not call it while holding lock().
  Result<void> put(const Session& session);
  // As put; false: it was not there, and the file was not written.
  Result<bool> remove(const Session& session);

  // One refresh at a time, on the machine. Held over a network exchange, so it waits up to 15 s (kind
  // `busy`). It excludes no put() and no remove(), which have a lock of their own.
  Result<FileLock> lock() const;

  const Path& file() const { return file_; }

 private:
  Result<FileLock> lock_for_writing() const;
  Result<std::vector<Session>> load_or_set_aside() const;
  Result<void> write(std::span<const Session> sessions);

  const Environment* environment_;
  Path home_;
  Path file_;
};

// The command that signs in there.
std::string login_command(std::string_view origin, std::string_view team_slug);

// The session that `--server`, `--team` and `--username` select, the only one if they are not given. None:
// kind `not_signed_in` with the command that signs in. Several: kind `usage`, naming each by its options.
// `origin` is a normalised one.
Result<Session> select_session(std::span<const Session> sessions, std::optional<std::string> origin,
                               std::optional<std::string> team_slug,
                               std::optional<std::string> username = std::nullopt);

}  // namespace pawprint::credentials
