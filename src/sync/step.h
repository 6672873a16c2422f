// The delivery of one link as a pure state machine: what was just learned goes in, what to do next comes out.
// No I/O, no clock, no randomness. Statuses and what they mean: docs/protocol.md, batch ingest.
//
// An event ends in one of three ways: it was not attempted, its fate is unknown (it is sent again, with the
// same id), or it was adjudicated (it is settled). Only the last touches its row.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "protocol/batch.h"
#include "sync/outcome.h"

namespace pawprint::sync {

// A pending event, without its text.
struct Row {
  std::int64_t id = 0;
  std::string event_id;
  std::uint64_t bytes = 0;  // of its JSON
  std::string malformed;    // why the text is not one JSON object; empty if it is
  bool unknown = false;     // it was sent, and what became of it is not known
  // Its id is derived from what it announces (a feature, a work package), so another machine may have said so
  // first.
  bool announcement = false;
};

using Batch = std::vector<Row>;

struct State {
  explicit State(const protocol::IngressLimits& advertised);

  protocol::IngressLimits limits;
  std::deque<Batch> waiting;  // to be sent, in this order
  Batch in_flight;
  Tally tally;
  unsigned lost_in_a_row = 0;        // answers that decided nothing
  bool refreshed = false;            // since the last verdict
  std::int64_t next_attempt_ms = 0;  // Unix; not before this moment, 0 if nothing forbids it

  std::uint64_t unknown() const;  // events sent whose fate is not known
};

// --- what was learned ---
struct Started {};
struct RowsLoaded {
  std::vector<Row> rows;  // in the order of sending; none: everything is delivered
};
struct Answered {
  int status = 0;
  std::optional<std::vector<protocol::Verdict>> verdicts;  // nullopt: the body is no list of verdicts
  bool in_hubs_words = false;                              // a refusal's body is {"error":"..."}
  std::string category;                                    // "error_category" of a refusal as a whole
  std::string words;                                       // what the hub said about it, one line
  std::optional<protocol::IngressLimits> limits;
  std::optional<std::int64_t> retry_after_s;
};
struct Lost {  // no complete answer
  std::string why;
};
struct Oversized {};  // compressed, the batch has more bytes than the hub takes; it was not sent
enum class Refreshed { done, rejected };
struct NotRefreshed {  // no answer that decides anything
  std::string why;
};
struct LinkEnded {};
struct Waited {};
struct Interrupted {};
using Input = std::variant<Started, RowsLoaded, Answered, Lost, Oversized, Refreshed, NotRefreshed, LinkEnded,
                           Waited, Interrupted>;

// When it was learned, and 64 random bits for the backoff.
struct Moment {
  std::int64_t now_ms = 0;
  std::uint64_t jitter = 0;
};

// --- what to do ---
struct LoadRows {
  std::size_t max_rows = 0;
  std::uint64_t max_bytes = 0;
};
struct Post {
  std::vector<std::int64_t> ids;  // in the order of the events in the body
};
enum class Fate { sent, parked };
struct Settle {
  struct Item {
    std::int64_t id = 0;
    Fate fate = Fate::sent;
    std::string reason;  // "<category>: <message>" of a parked event
  };
  std::vector<Item> items;
};
struct Refresh {};
struct Wait {
  std::int64_t ms = 0;
};
struct Stop {
  StopReason reason = StopReason::empty;
  std::string words;  // why, for people; empty if the reason says it all
};
using Action = std::variant<LoadRows, Post, Settle, Refresh, Wait, Stop>;

// Actions are to be done in order. The last one is never Settle; it yields the next input, or is Stop.
std::vector<Action> step(State& state, const Input& input, const Moment& moment);

}  // namespace pawprint::sync
