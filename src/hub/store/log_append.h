// What one transaction does to the log: events of several teams, each numbered behind its team's last.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hub/store/log.h"

namespace pawprint::hub::store {

std::unexpected<Error> no_such_team(std::string_view team_id);

// Not thread-safe. `write` outlives it and is committed by the caller, after save_heads().
class LogAppend {
 public:
  static Result<LogAppend> begin(Write& write, std::int64_t now_ms);

  // An unknown team: kind `failed`, and nothing was done. After any other error `write` must not be
  // committed.
  Result<Appended> add(const std::string& team_id, std::span<const NewEvent> events);

  Result<void> save_heads();
  std::vector<std::string> grown_teams() const;

 private:
  struct Head {
    std::uint64_t first_seq = 0, seq = 0;
    std::uint64_t highest_lamport = 0;
    bool appended_to = false;
  };
  struct Together {  // for many events at once
    sqlite::Statement insert, take_back;
  };

  LogAppend(Write& write, std::int64_t now_ms, sqlite::Statement read_head, sqlite::Statement insert,
            sqlite::Statement find);
  Result<Head*> head_of(const std::string& team_id);
  Result<Together*> together();
  // false: not all were new, and nothing was done.
  Result<bool> add_if_all_new(const std::string& team_id, Head& head, std::span<const NewEvent> events);
  Result<AppendOutcome> add_one(const std::string& team_id, Head& head, const NewEvent& event);
  // Behind the head, numbered in order; how many were new. Does not count them.
  Result<std::size_t> insert_rows(sqlite::Statement& insert, const std::string& team_id, const Head& head,
                                  std::span<const NewEvent> events);
  static void count(Head& head, const NewEvent& event);
  Result<AppendOutcome> compare(const std::string& team_id, const NewEvent& event);

  Write* write_;
  std::int64_t now_ms_;
  sqlite::Statement read_head_, insert_, find_;
  std::optional<Together> together_;
  std::map<std::string, Head> heads_;
};

}  // namespace pawprint::hub::store
