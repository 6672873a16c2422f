// The log: every event of a team, numbered without gaps from 1.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "hub/store/database.h"
#include "hub/store/log_tail.h"

namespace pawprint::hub::store {

class LogWriter;

struct NewEvent {
  std::string event_id;  // normalised
  Digest body_hash{};    // the content hash, not that of the bytes
  std::optional<std::string> project_uuid;
  std::string event_type;
  std::uint64_t lamport = 0;  // below 2^63
  std::string node_id;
  SharedText body;  // as it came
  KnownMeaning meaning = nullptr;
  bool advances_clock = true;  // false: highest_lamport does not count it
  bool only_if_known = false;  // not stored: asked for alone, with nothing but its id and hash filled in
};

enum class AppendOutcome {
  stored,
  duplicate,  // the team has this id with the same content
  conflict,   // the team has this id with other content; nothing was stored
  unknown     // the team does not have this id; only where `only_if_known` was set
};

struct Appended {
  std::vector<AppendOutcome> outcomes;  // one per event, in order
  std::uint64_t first_seq = 0;          // of what was stored, which is numbered in order from it
  std::uint64_t highest_lamport = 0;    // of the team, as Log::highest_lamport() would say now
};

// Every call names the team, whose id comes from a token; an unknown team is kind `failed`, but for read(),
// to which it has no events. Thread-safe. Errors `io` and `busy` mean that the store could not do it now.
class Log {
 public:
  explicit Log(Database& database);
  ~Log();  // writes first what was handed in

  using Done = std::function<void(Result<Appended>)>;
  using Grown = std::function<void(std::string_view team_id)>;

  // Appends all of the events in one transaction, or none. `done` is called once, on the writer's thread,
  // when they are durable: it must be quick and must not call the log. After an error whether anything was
  // stored is not known: appending the same events again is safe. Never blocks. What comes while the writer
  // is at work is merged into its next commit, the teams in turns; a commit that fails is an error for
  // everybody in it.
  void submit(std::string team_id, std::vector<NewEvent> events, Done done);

  // As submit(), but waits. One outcome per event, in order.
  Result<std::vector<AppendOutcome>> append(std::string_view team_id, std::span<const NewEvent> events);

  // `grown` is called on the writer's thread after every commit, once for each team that has new events; it
  // must be quick. Replaces what was set before; null: nobody is called, also not by what is under way now.
  void on_growth(Grown grown);

  // Events with seq > after_seq in order, at most `limit`, of one project if it is named. One whose body is
  // not what was stored: kind `io`, with the way back; none is returned then.
  Result<std::vector<LoggedEvent>> read(std::string_view team_id, std::uint64_t after_seq, std::size_t limit,
                                        std::optional<std::string_view> project_uuid = std::nullopt);

  // As read(), as they are: for who looks for what is wrong with them, or does not look at their bodies.
  Result<std::vector<LoggedEvent>> read_as_is(std::string_view team_id, std::uint64_t after_seq,
                                              std::size_t limit,
                                              std::optional<std::string_view> project_uuid = std::nullopt);

  // As read(), of all projects; but what is still in memory does not come from the disk. May return fewer
  // than there are, and none only if there were none.
  Result<SharedEvents> follow(std::string_view team_id, std::uint64_t after_seq, std::size_t limit);

  // For people: its slug and its id; the id alone if the slug cannot be read.
  std::string name_of(std::string_view team_id);

  Result<std::uint64_t> head(std::string_view team_id);             // the last seq, 0 if there is none
  Result<std::uint64_t> highest_lamport(std::string_view team_id);  // of what advances the clock, 0 if none

 private:
  Result<std::vector<LoggedEvent>> rows(std::string_view team_id, std::uint64_t after_seq, std::size_t limit,
                                        std::optional<std::string_view> project_uuid);
  Result<std::uint64_t> team_number(std::string_view team_id, std::string_view sql);
  Database& database_;
  LogTail tail_;
  std::unique_ptr<LogWriter> writer_;
};

}  // namespace pawprint::hub::store
