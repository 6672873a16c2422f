#include "outbox/spill_file.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/line_reader.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kDirectory = "spill";
constexpr std::string_view kRefill = "refill-";

// At the end of the file; all of `text` or nothing of it.
Result<void> append_text(File& file, std::uint64_t size_bytes, std::string_view text) {
  auto written = file.write_at(size_bytes, text);
  if (written || sabotaged("no-cut-back")) return written;
  if (auto cut = file.truncate(size_bytes); !cut) written.error().message += "; a torn line stays behind";
  return written;
}

bool same_file(const FileStatus& one, const FileStatus& other) {
  return one.device == other.device && one.inode == other.inode;
}

// A crash in the middle of a line must not swallow the next one.
Result<bool> ends_within_a_line(File& file, std::uint64_t size_bytes) {
  if (size_bytes == 0 || sabotaged("no-newline-check")) return false;
  PAW_TRY(last, file.read_at(size_bytes - 1, 1));
  return last != "\n";
}

// What is to be written at the end of the file for `rows`.
Result<std::string> text_behind(File& file, std::uint64_t size_bytes, std::span<const NewRow> rows,
                                const std::optional<LinkMark>& link) {
  PAW_TRY(highest, highest_of_file(file));
  PAW_TRY(torn, ends_within_a_line(file, size_bytes));
  std::string text = torn ? "\n" : "";
  for (const NewRow& row : rows) {
    highest = std::max(highest, row.lamport);
    text += write_spill_line(highest, link, row.repo_instance, row.data);
  }
  return text;
}

// False: `take` has had enough.
Result<bool> visit_lines(File& file, std::uint64_t position,
                         const std::function<bool(std::string_view)>& take) {
  LineReader reader(file, position);
  for (;;) {
    PAW_TRY(line, reader.next());
    if (!line) return true;
    if (!line->text.empty() && !take(line->text)) return false;
  }
}

}  // namespace

Spill::Spill(const Environment& environment, const Path& home, LockWait wait)
    : disk_(*environment.disk),
      home_(*environment.disk, *environment.clock, home),
      directory_(home / kDirectory),
      wait_(wait) {}

Path Spill::refill_file(std::uint64_t number) const {
  return directory_ / fmt::format("{}{}", kRefill, number);
}

Result<FileLock> Spill::lock() const {
  PAW_TRY(locks, lock_kind_for(disk_, directory_));
  return FileLock::acquire(directory_ / "spill.lock", wait_, locks);
}

// The names of a file with lines in it have been synced: whoever finds it empty does that first.
Result<Spill::Lines> Spill::write(std::span<const NewRow> rows, const std::optional<LinkMark>& link) {
  Lines lines;
  for (std::optional<FileStatus> named;;) {
    {
      PAW_TRY(lock, this->lock());
      PAW_TRY(file, disk_.open(events_file(), OpenMode::create, 0600));
      PAW_TRY(status, file->status());
      lines.file = std::move(file);  // stays open, so that no other file gets its inode
      lines.offset = status.size_bytes;
      if (status.size_bytes > 0 || (named && same_file(*named, status))) {
        PAW_TRY(text, text_behind(*lines.file, lines.offset, rows, link));
        lines.bytes = text.size();
        failpoint("spill-before-write");
        PAW_TRY(written, append_text(*lines.file, lines.offset, text));
        return lines;
      }
      named = status;
    }
    PAW_TRY(entry, disk_.sync_directory(directory_));
    PAW_TRY(directory, disk_.sync_directory(directory_.parent_path()));
  }
}

// Others may have appended behind them. False: they are on their way into the queue.
Result<bool> Spill::blank(const Lines& lines) {
  PAW_TRY(lock, this->lock());
  PAW_TRY(now, disk_.status(events_file()));
  PAW_TRY(then, lines.file->status());
  if (!now || !same_file(*now, then)) return false;
  PAW_TRY(blanked, lines.file->write_at(lines.offset, std::string(lines.bytes, '\n')));
  return true;
}

Result<void> Spill::append(std::span<const NewRow> rows, const std::optional<LinkMark>& link,
                           Durability durability) {
  PAW_TRY(made, disk_.make_directories(directory_, 0700));
  home_.look_anew();
  PAW_TRY(lines, write(rows, link));
  failpoint("spill-written");
  if (durability == Durability::process) return {};
  auto synced = lines.file->sync();
  failpoint("spill-synced");
  if (synced) return {};
  const auto blanked = blank(lines);
  if (!blanked || !*blanked) synced.error().message += "; it may be sent all the same";
  return synced;
}

Result<Spill::Files> Spill::files() const {
  Files files;
  PAW_TRY(there, home_.status(std::string(kDirectory)));
  if (!there) return files;
  PAW_TRY(names, disk_.list(directory_));
  for (const std::string& name : names) {
    if (!name.starts_with(kRefill)) continue;
    std::uint64_t number = 0;
    const auto [end, code] = std::from_chars(name.data() + kRefill.size(), name.data() + name.size(), number);
    if (code == std::errc{} && end == name.data() + name.size()) files.refills.push_back(number);
  }
  std::ranges::sort(files.refills);
  PAW_TRY(events, disk_.status(events_file()));
  files.events = events && events->size_bytes > 0;
  return files;
}

Result<std::uint64_t> Spill::highest() const {
  PAW_TRY(files, this->files());
  std::vector<Path> paths;
  for (const std::uint64_t number : files.refills) paths.push_back(refill_file(number));
  if (files.events) paths.push_back(events_file());
  std::uint64_t highest = 0;
  for (const Path& path : paths) {
    PAW_TRY(file, open_if_there(disk_, path));
    if (!file) continue;
    PAW_TRY(value, highest_of_file(*file));
    highest = std::max(highest, value);
  }
  return highest;
}

// events.jsonl first: when it becomes a refill-<n> in between, it is there already.
Result<Spill::Waiting> Spill::open_waiting() const {
  PAW_TRY(events, open_if_there(disk_, events_file()));
  PAW_TRY(files, this->files());
  Waiting waiting;
  for (const std::uint64_t number : files.refills) {
    PAW_TRY(file, open_if_there(disk_, refill_file(number)));
    if (!file) continue;
    if (events) {
      PAW_TRY(newest, events->status());
      PAW_TRY(status, file->status());
      if (same_file(newest, status)) events.reset();
    }
    waiting.push_back({number, std::move(file)});
  }
  if (events) waiting.push_back({std::numeric_limits<std::uint64_t>::max(), std::move(events)});
  return waiting;
}

Result<void> visit_waiting(const Spill::Waiting& waiting, std::uint64_t number, std::uint64_t position,
                           const std::function<bool(std::string_view)>& take) {
  for (const Spill::WaitingFile& each : waiting) {
    if (each.number < number) continue;
    PAW_TRY(more, visit_lines(*each.file, each.number == number ? position : 0, take));
    if (!more) return {};
  }
  return {};
}

Result<void> Spill::visit_rejected(const std::function<bool(std::string_view)>& take) const {
  PAW_TRY(file, open_if_there(disk_, directory_ / "rejected.jsonl"));
  if (!file) return {};
  PAW_TRY(visited, visit_lines(*file, 0, take));
  return {};
}

Result<void> Spill::take_over(std::uint64_t number) {
  PAW_TRY(lock, this->lock());
  PAW_TRY(renamed, disk_.rename(events_file(), refill_file(number)));
  failpoint("refill-renamed");
  return {};
}

Result<void> Spill::keep_rejected(std::string_view line) {
  PAW_TRY(file, disk_.open(directory_ / "rejected.jsonl", OpenMode::create, 0600));
  PAW_TRY(status, file->status());
  if (status.size_bytes == 0) {
    PAW_TRY(entry, disk_.sync_directory(directory_));
  }
  PAW_TRY(torn, ends_within_a_line(*file, status.size_bytes));
  PAW_TRY(written, append_text(*file, status.size_bytes, (torn ? "\n" : "") + std::string(line) + "\n"));
  return file->sync();
}

}  // namespace pawprint::outbox
