#include "outbox/refill.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>

#include "base/counted.h"
#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/event_names.h"
#include "outbox/line_reader.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kLinesPerTransaction = 256;
constexpr std::size_t kWriteBytes = 64 << 10;
constexpr std::chrono::milliseconds kNoWait{0};

Result<void> write_meta(Database& database, std::string_view key, std::uint64_t value) {
  PAW_TRY(write, database.statement("INSERT INTO meta(key, value) VALUES(?1, ?2) "
                                    "ON CONFLICT(key, scope) DO UPDATE SET value = excluded.value"));
  return write->bind(1, key).bind(2, static_cast<std::int64_t>(value)).run();
}

// Never back: an emitter and a refill of everything may be at it in turns.
Result<void> advance_cursor(Database& database, const RefillCursor& to) {
  PAW_TRY(now, refill_cursor(database));
  if (to <= now) return {};
  PAW_TRY(number, write_meta(database, "refill_number", to.number));
  return write_meta(database, "refill_position", to.position);
}

Result<bool> has_link(Database& database, const LinkMark& link) {
  PAW_TRY(query, database.statement("SELECT 1 FROM links WHERE link_id = ?1 AND linked_at = ?2"));
  return query->bind(1, link.link_id).bind(2, link.linked_at_ms).step();
}

// Lines gathered into larger writes.
class LineWriter {
 public:
  explicit LineWriter(File& file) : file_(file) {}
  Result<void> add(std::string_view line) {
    pending_ += line;
    pending_ += '\n';
    if (pending_.size() < kWriteBytes) return {};
    return flush();
  }
  Result<void> flush() {
    PAW_TRY(written, file_.write_at(offset_, pending_));
    offset_ += pending_.size();
    pending_.clear();
    return {};
  }

 private:
  File& file_;
  std::uint64_t offset_ = 0;
  std::string pending_;
};

}  // namespace

void report(const RefillCount& count, const Path& home, Warnings& warnings) {
  if (count.rejected > 0) {
    warnings.add(
        "spill-rejected",
        fmt::format(
            "of the overflow {} could not be read, kept in {}{}", counted(count.rejected, "line"),
            (home / "spill/rejected.jsonl").string(),
            count.rejected_ids.empty() ? "" : "; among them " + counted_and_named(count.rejected_ids)),
        "pawprint sync diagnose");
  }
  if (count.unlinked > 0) {
    warnings.add(
        "spill-unlinked",
        fmt::format("in the overflow: {} for a link that is not known any more; what has none stays on this "
                    "machine until it is released",
                    counted(count.unlinked, "event")),
        "pawprint sync link --release");
  }
}

Result<RefillCursor> refill_cursor(Database& database) {
  PAW_TRY(query, database.statement("SELECT key, value FROM meta WHERE key LIKE 'refill_%'"));
  RefillCursor cursor;
  for (;;) {
    PAW_TRY(row, query->step());
    if (!row) return cursor;
    (query->view(0) == "refill_number" ? cursor.number : cursor.position) =
        static_cast<std::uint64_t>(query->integer(1));
  }
}

// A link of another database must not lend its number to one of this: the event then stays on the machine.
Result<NewRow> Refill::row_of(SpillLine line) {
  if (line.link) {
    PAW_TRY(known, has_link(database_, *line.link));
    if (known) line.row.link_id = line.link->link_id;
    lost_link_ = !known;
  }
  return std::move(line.row);
}

Result<bool> Refill::take_line(Intake& intake, std::string_view text) {
  if (text.empty()) return true;
  auto line = read_spill_line(text);
  if (!line) {
    PAW_TRY(kept, spill_.keep_rejected(text));
    ++count_.rejected;
    if (auto event_id = event_id_in(text)) count_.rejected_ids.insert(*std::move(event_id));
    return true;
  }
  lost_link_ = false;
  PAW_TRY(row, row_of(*std::move(line)));
  const std::int64_t link = row.link_id.value_or(kNoLink);
  if (full_.contains(link)) return has_row(database_, row.event_id);
  PAW_TRY(outcome, intake.take(row));
  if (outcome == Intake::Outcome::no_room) full_.insert(link);
  if (outcome == Intake::Outcome::taken) {
    ++count_.queued;
    if (lost_link_) ++count_.unlinked;
  }
  return outcome != Intake::Outcome::no_room;
}

// Inside a transaction.
Result<void> Refill::take_lines(std::size_t max_lines, bool pass_over_waiting) {
  PAW_TRY(file, environment_.disk->open(spill_.refill_file(at_.number), OpenMode::read));
  LineReader reader(*file, at_.position);
  Intake intake(database_, queue_limit_, environment_.clock->unix_ms());
  for (std::size_t lines = 0; lines < max_lines; ++lines) {
    PAW_TRY(line, reader.next());
    if (!line) {
      at_ = {at_.number + 1, 0};
      break;
    }
    PAW_TRY(dealt_with, take_line(intake, line->text));
    if (!dealt_with && !pass_over_waiting) break;
    if (dealt_with && waiting_) taken_behind_waiting_ = true;
    if (!dealt_with && !waiting_) waiting_ = at_;
    at_.position = line->end;
  }
  PAW_TRY(finished, intake.finish());
  PAW_TRY(advanced, advance_cursor(database_, waiting_.value_or(at_)));
  failpoint("refill-inserted");
  if (sabotaged("unlink-before-commit")) return remove_done();
  return {};
}

// Whether there is anything for an emitter to do, found out without a lock.
Result<bool> Refill::oldest_fits() {
  PAW_TRY(files, spill_.files());
  if (files.empty()) return false;
  PAW_TRY(cursor, refill_cursor(database_));
  const auto first = std::ranges::lower_bound(files.refills, cursor.number);
  const bool refill = first != files.refills.end();
  if (!refill && !files.events) return true;  // something done to be removed
  const Path path = refill ? spill_.refill_file(*first) : spill_.events_file();
  PAW_TRY(file, open_if_there(*environment_.disk, path));
  if (!file) return true;
  LineReader reader(*file, refill && *first == cursor.number ? cursor.position : 0);
  PAW_TRY(text, reader.next());
  if (!text) return true;
  auto line = read_spill_line(text->text);
  if (!line) return true;
  PAW_TRY(row, row_of(*std::move(line)));
  PAW_TRY(pending, pending_of_link(database_, row.link_id.value_or(kNoLink)));
  if (pending < queue_limit_) return true;
  return has_row(database_, row.event_id);
}

// Inside a transaction. False: there is none.
Result<bool> Refill::find_oldest() {
  PAW_TRY(files, spill_.files());
  PAW_TRY(cursor, refill_cursor(database_));
  at_ = cursor;
  const auto first = std::ranges::lower_bound(files.refills, cursor.number);
  if (first != files.refills.end()) {
    if (*first > cursor.number) at_ = {*first, 0};
    return true;
  }
  if (!files.events) return false;
  PAW_TRY(taken_over, spill_.take_over(cursor.number));
  at_ = {cursor.number, 0};
  return true;
}

Result<void> Refill::remove_done() {
  PAW_TRY(files, spill_.files());
  PAW_TRY(cursor, refill_cursor(database_));
  for (const std::uint64_t number : files.refills) {
    if (number >= cursor.number) continue;
    failpoint("refill-before-unlink");
    PAW_TRY(removed, environment_.disk->remove(spill_.refill_file(number)));
  }
  return {};
}

Result<RefillCount> Refill::oldest(std::size_t max_lines) {
  PAW_TRY(fits, oldest_fits());
  if (!fits) return count_;
  PAW_TRY(written, database_.write(
                       Durability::power,
                       [&]() -> Result<void> {
                         PAW_TRY(found, find_oldest());
                         if (!found) return {};
                         return take_lines(max_lines, false);
                       },
                       kNoWait));
  PAW_TRY(removed, remove_done());
  return count_;
}

// The files whose lines are to be gone through, the newest of them being what events.jsonl was.
Result<std::vector<std::uint64_t>> Refill::take_over_all() {
  std::vector<std::uint64_t> numbers;
  PAW_TRY(written, database_.write(Durability::process, [&]() -> Result<void> {
    PAW_TRY(files, spill_.files());
    PAW_TRY(cursor, refill_cursor(database_));
    const auto first = std::ranges::lower_bound(files.refills, cursor.number);
    numbers.assign(first, files.refills.end());
    if (!files.events) return {};
    numbers.push_back(numbers.empty() ? cursor.number : numbers.back() + 1);
    return spill_.take_over(numbers.back());
  }));
  return numbers;
}

Result<void> Refill::take_file(std::uint64_t number) {
  at_ = {number, 0};
  while (at_.number == number) {
    PAW_TRY(written, database_.write(Durability::power, [&]() -> Result<void> {
      PAW_TRY(cursor, refill_cursor(database_));
      at_ = std::max(at_, cursor);  // emitters take lines, too
      if (at_.number != number) return {};
      return take_lines(kLinesPerTransaction, true);
    }));
  }
  return {};
}

Result<void> Refill::copy_waiting(const std::vector<std::uint64_t>& numbers, File& to) {
  LineWriter writer(to);
  std::unordered_set<std::string> copied;
  for (const std::uint64_t number : numbers) {
    if (number < waiting_->number) continue;
    PAW_TRY(file, open_if_there(*environment_.disk, spill_.refill_file(number)));
    if (!file) continue;  // an emitter has finished it
    LineReader reader(*file, number == waiting_->number ? waiting_->position : 0);
    for (;;) {
      PAW_TRY(text, reader.next());
      if (!text) break;
      const auto line = read_spill_line(text->text);
      if (!line || !copied.insert(line->row.event_id).second) continue;
      PAW_TRY(known, has_row(database_, line->row.event_id));
      if (known) continue;
      PAW_TRY(added, writer.add(text->text));
    }
  }
  PAW_TRY(flushed, writer.flush());
  return to.sync();
}

// So that what waits does not keep what is done from being removed.
Result<void> Refill::rewrite_waiting(const std::vector<std::uint64_t>& numbers) {
  const Path temporary = spill_.directory() / "refill.tmp";
  PAW_TRY(stale, environment_.disk->remove(temporary));
  {
    PAW_TRY(file, environment_.disk->open(temporary, OpenMode::create_new, 0600));
    PAW_TRY(copied, copy_waiting(numbers, *file));
  }
  return database_.write(Durability::power, [&]() -> Result<void> {
    PAW_TRY(files, spill_.files());
    PAW_TRY(cursor, refill_cursor(database_));
    // An emitter has meanwhile finished these and begun with newer ones.
    if (cursor.number > numbers.back()) return environment_.disk->remove(temporary);
    const RefillCursor rest{numbers.back() + 1, 0};
    PAW_TRY(renamed, environment_.disk->rename(temporary, spill_.refill_file(rest.number)));
    PAW_TRY(synced, environment_.disk->sync_directory(spill_.directory()));
    return advance_cursor(database_, rest);
  });
}

Result<RefillCount> Refill::everything() {
  PAW_TRY(before, spill_.files());
  if (before.empty()) return count_;
  PAW_TRY(locks, lock_kind_for(*environment_.disk, spill_.directory()));
  auto lock = FileLock::acquire(spill_.directory() / "refill.lock", kNoWait, locks);
  if (!lock && lock.error().kind == ErrorKind::busy) return count_;
  if (!lock) return std::unexpected(std::move(lock).error());
  PAW_TRY(numbers, take_over_all());
  for (const std::uint64_t number : numbers) {
    PAW_TRY(taken, take_file(number));
  }
  if (taken_behind_waiting_) {
    PAW_TRY(rewritten, rewrite_waiting(numbers));
  }
  PAW_TRY(removed, remove_done());
  return count_;
}

}  // namespace pawprint::outbox
