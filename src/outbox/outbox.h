// The queue of a home: outbox.db (docs/state.md). Every write transaction and every checkpoint happens under
// home.lock, because SQLite before 3.51.3 can corrupt a WAL when two connections write or checkpoint at one
// moment.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "outbox/database.h"
#include "outbox/links.h"
#include "outbox/listing.h"
#include "outbox/refill.h"
#include "outbox/restored.h"
#include "outbox/row.h"
#include "outbox/spilled.h"
#include "pawprint/event.h"
#include "pawprint/warning.h"

namespace pawprint::outbox {

enum class Appended { stored, full };

// What `meta` has one of.
struct SingleValues {
  std::uint64_t high_water = 0;   // the highest Lamport value that was ever appended
  std::int64_t link_changes = 0;  // how often links have changed
};

// An open outbox. Not thread-safe. Errors: `busy` if another process held home.lock for too long or a foreign
// program the database, `io` for the disk, `failed` for a schema newer than this program.
class Outbox {
 public:
  // Creates home (0700) and database if they are not there. `wait` is for home.lock, now and later.
  static Result<Outbox> open(const Environment& environment, const Path& home, LockWait wait = kLockWait);
  // For reading commands: creates and writes nothing. nullopt: there is no outbox yet.
  static Result<std::optional<Outbox>> open_existing(const Environment& environment, const Path& home);

  // Sets the file aside and goes on with what can be read of it (salvage.h), unless another process has just
  // done so. open() and the calls that emit and deliver do so by themselves when they meet damage.
  Result<void> mend();
  // Reads every page first, also those that nobody asks for, and counts what the counters stand for: does
  // nothing if all is as it should be.
  Result<void> mend_if_damaged();
  // What has been set aside and carried over so far, each under a cause that begins with `outbox-salvaged`,
  // also by another process that was interrupted before it told; and whether the WAL had lost its end when it
  // was opened, under `outbox-cut`. Nobody tells it a second time, but for a salvage that only reading
  // commands have told.
  void report_to(Warnings& warnings);

  // What an emission has to know.
  struct Question {
    std::optional<std::string> project_uuid;  // without it no link is looked for
    std::string_view repo_instance;
    std::span<const std::string> event_ids;
  };
  struct Glance {
    std::optional<Link> link;            // the active one
    bool linked_elsewhere = false;       // another instance has one, this one has none, and an append has not
                                         // come to know of it yet: it is to be said once
    std::vector<std::string> known_ids;  // as known_ids()
    std::optional<std::uint64_t> high_water;  // as high_water(); nullopt: it could not be asked for
  };
  Result<Glance> glance(const Question& question);

  // All or none, in one transaction. With Durability::power the rows survive a power cut once this returns.
  // Kind `failed` if the queue has one of the ids already; a row that was discarded or dropped makes place
  // for the new one. full: with them, a link would have more than `queue_limit` pending rows (those without a
  // link count together); nothing was stored.
  Result<Appended> append(std::span<const NewRow> rows, Durability durability,
                          std::uint64_t queue_limit = kNoLimit);
  // The same for rows that are made from the answer, under home.lock: until they are committed it holds. An
  // error of `make` undoes the transaction and is returned. It may be called twice, if the queue is mended in
  // between; the rows it returns must live until this returns.
  using MakeRows = std::function<Result<std::span<const NewRow>>(const Glance&)>;
  Result<Appended> append(const Question& question, const MakeRows& make, Durability durability,
                          std::uint64_t queue_limit);

  // Takes lines of the spill into the queue (refill.h): the oldest few, without waiting for any lock; or all
  // whose class has room, in transactions of at most 256.
  Result<RefillCount> refill_some(std::uint64_t queue_limit);
  Result<RefillCount> refill(std::uint64_t queue_limit);

  // Which of these ids the queue holds, in whatever state but discarded or dropped.
  Result<std::vector<std::string>> known_ids(std::span<const std::string> event_ids);
  // The highest Lamport value that was ever appended.
  Result<std::uint64_t> high_water();

  Result<std::optional<Link>> active_link(std::string_view project_uuid, std::string_view repo_instance);
  // Whether another instance (a copy, a fork) of the project has an active link.
  Result<bool> linked_elsewhere(std::string_view project_uuid, std::string_view repo_instance);
  // Whether this instance of the project has a link, or had one that was ended.
  Result<bool> was_ever_linked(std::string_view project_uuid, std::string_view repo_instance);
  // Events that this instance of the project appended while it was not linked.
  Result<std::uint64_t> unlinked_pending(std::string_view project_uuid, std::string_view repo_instance);

  // Pending rows that wait for a link to this destination which was ended: making it again takes it up, and
  // with it they are sent.
  Result<std::uint64_t> left_behind(const Link& link);

  struct LinkOutcome {
    Link link;
    std::uint64_t released = 0;  // rows that got this destination
    bool changed = false;        // false: it was linked there already
  };
  // Ends another active link of the instance. `release` gives the project's unlinked rows this destination, a
  // limited number per transaction: if that fails on the way, the link stands and a second call goes on.
  // Without it no row changes.
  Result<LinkOutcome> link(Link link, bool release);
  // Ends the active link and returns it; nullopt: there was none. Its rows keep their destination and stay.
  Result<std::optional<Link>> unlink(std::string_view project_uuid, std::string_view repo_instance);
  // Links of this project instance that were ended and lead to one team of a hub.
  struct EarlierLinks {
    Destination destination;
    std::vector<Link> links = {};
    std::uint64_t waiting = 0;  // pending rows, and events of the overflow
  };
  // `overflow`: as overflow() says, at the same moment.
  Result<std::vector<EarlierLinks>> earlier_links(std::string_view project_uuid,
                                                  std::string_view repo_instance, const Overflow& overflow);
  // Pending rows of an ended link get the active one of the same project instance for their destination, and
  // their events name its team: the next 256 in one transaction. Returns how many; 0: that were all. Kind
  // `failed` if the one is active again or the other was ended.
  Result<std::uint64_t> adopt(const Link& from, const Link& to);

  // Active links that have pending rows, whether somebody is signed in for them or not.
  Result<std::vector<LinkQueue>> waiting_links();
  // Whether the link has not been ended.
  Result<bool> is_active(const Link& link);
  // Every row that was appended before, with whatever durability, survives a power cut once this returns.
  Result<void> make_durable();
  // Pending rows of an active link in the order (lamport, event_id); at least one row even if it alone
  // exceeds `max_bytes` of data. None if the link has ended or does not lead to that origin, team and user.
  Result<std::vector<SendableRow>> sendable(const Link& link, std::size_t max_rows, std::uint64_t max_bytes);
  // Moves rows as the table in row.cc allows, in transactions of at most 256. A move that it does not allow
  // is kind `failed` and undoes its transaction; a row that is there already (two deliverers had it), or has
  // another link than it was sent along, stays as it is. Forgets `sent` rows after 72 h or beyond 20,000,
  // some with each transaction.
  Result<void> settle(std::span<const Settlement> settlements);

  // Active links whose hub has said which log it has.
  Result<std::vector<Link>> heard_links();
  // The hub of an active link says which log it has: its epoch, which changes when it comes back from a
  // backup. A first epoch is remembered; at another one that was not heard before, the rows of the link that
  // are kept as `sent` become pending once more, in transactions of at most 256: if that fails on the way,
  // the next call goes on. nullopt: there was nothing to put back.
  Result<std::optional<Restored>> hear_epoch(const Link& link, std::string_view epoch);

  // A hub that asked for it is left alone until this time (Unix); 0: it did not. Written if it is news.
  Result<void> note_wait(std::string_view origin, std::int64_t until_ms);
  // Why the latest delivery of a link failed, for people, until one did not.
  enum class FailedBy { delivery, sign_in };  // sign_in: the hub takes session or token no more
  Result<void> note_failure(const Link& link, FailedBy by, std::string_view why);
  Result<void> note_success(const Link& link);

  struct ParkedReason {
    std::string reason;
    std::uint64_t count = 0;
  };
  // A hub that came back from a backup, while its events are sent again and for 72 h.
  struct RestoredHub {
    Destination destination;
    std::int64_t heard_ms = 0;
    Restored events;
  };
  // Hubs that asked to wait.
  struct Wait {
    std::string origin;  // of the one that may be asked first
    std::int64_t until_ms = 0;
  };
  // Of the latest delivery of an active link that has pending rows.
  struct Failure {
    Link link;
    FailedBy by = FailedBy::delivery;
    std::string why;
    std::int64_t at_ms = 0;
  };
  struct Snapshot {
    std::uint64_t pending = 0;      // with a destination
    std::uint64_t ended = 0;        // of these, for a link that was ended
    std::uint64_t again = 0;        // of those with a destination, sent again
    std::uint64_t unlinked = 0;     // without
    std::uint64_t sendable = 0;     // pending rows that a session can deliver
    std::optional<Wait> wait;       // that stands in the way of all of these
    std::vector<Failure> failures;  // latest first
    std::vector<ParkedReason> parked;
    std::vector<RestoredHub> restored;
    std::optional<std::int64_t> oldest_queued_at_ms;
    std::optional<std::int64_t> last_delivery_ms;  // when rows were last settled as sent
  };
  Result<Snapshot> snapshot(std::span<const SessionKey> sessions);

  // Does `work`, which only reads, on the queue as it is at one moment and on the overflow of that moment: an
  // event that a refill moves meanwhile is in one of them, not in both or in neither.
  Result<void> at_one_moment(const std::function<Result<void>()>& work);

  // Rows in one of the states whose id is above `after_id`, in the order of their ids.
  Result<std::vector<QueuedRow>> rows(std::span<const RowState> states, std::int64_t after_id,
                                      std::size_t max_rows);
  // Event id and state of rows whose state is none: the queue is damaged there. Reads every row.
  Result<std::vector<std::pair<std::string, std::string>>> rows_of_no_state();
  Result<std::optional<QueuedRow>> row(std::string_view event_id);
  // Events that wait in the spill, oldest first. Lines that cannot be read are left out.
  Result<std::vector<QueuedRow>> spilled_rows(std::size_t max_rows);
  // How many they are, and how many lines cannot be read.
  Result<Overflow> overflow();
  // Destinations that have an active link or rows, and projects that have rows.
  Result<std::vector<DestinationCount>> destinations();
  Result<std::vector<ProjectCount>> projects();

  // Parked rows are sent again, one or all of them (returns how many). Kind `failed` if the queue does not
  // have the event or it is not parked.
  Result<void> retry(std::string_view event_id);
  Result<std::uint64_t> retry_all();
  // Gives a row up. Kind `failed` for one that may not be (decide.h). Whoever gives up what has a destination
  // holds agent.lock.
  Result<void> discard(std::string_view event_id);

 private:
  Outbox(const Environment& environment, Database database, LockWait wait = kLockWait);
  void look_for_salvages();
  Result<void> forget_salvages();
  Result<void> note_epoch(const Link& link, std::string_view epoch);
  Result<void> put_back_sent(const Link& link);
  Result<std::uint64_t> release_unlinked(const Link& link);
  Result<LinkOutcome> make_link(Link link);  // inside a transaction

  // Does `work`, and once more if it met damage that could be mended. Not inside a transaction.
  template <class Work>
  auto mending(Work work) -> decltype(work()) {
    auto done = work();
    if (done || waiting_ != nullptr || !database_.damaged() || !writable_ || !mend()) return done;
    return work();
  }

  // What the latest append left: it still holds if nobody has changed the database since.
  struct Left {
    std::uint64_t database = 0;  // its number
    std::uint32_t version = 0;   // Database::version()
    std::uint64_t queue_limit = 0;
    SingleValues values;
    Rooms rooms;
  };
  // What the links said of a project, until they change.
  struct KnownLink {
    std::uint64_t database = 0;  // its number
    std::int64_t changes = 0;    // of the links when it was asked
    std::string project_uuid;
    std::string repo_instance;
    std::optional<Link> link;
    bool linked_elsewhere = false;
  };
  Result<Left> find_left(std::uint64_t queue_limit);
  Result<Glance> look(const Question& question, const SingleValues& values);
  // Inside a transaction.
  Result<void> note_told(std::string_view repo_instance);
  Result<void> look_at_links(std::string_view project_uuid, std::string_view repo_instance,
                             std::int64_t changes);

  const Environment* environment_;
  LockWait wait_;
  Database database_;
  KnownLink known_link_;
  std::optional<Left> left_;
  bool writable_ = true;
  const Spill::Waiting* waiting_ = nullptr;  // of the moment that is looked at
  std::vector<Warning> reports_;
  std::vector<std::string> untold_salvages_;  // of these the home still has a report
};

}  // namespace pawprint::outbox
