#include <boost/json/value.hpp>
#include <map>
#include <set>

#include "base/counted.h"
#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "outbox/readable.h"
#include "outbox/spilled.h"
#include "project/canonical_path.h"
#include "project/home.h"
#include "protocol/json.h"

namespace pawprint::cli {
namespace {

struct Exported {
  std::string lines;
  std::uint64_t events = 0;
  std::uint64_t spilled = 0;
  std::map<std::string, std::uint64_t> states;  // how many of the events are in each
  boost::json::array unreadable;
  std::optional<Error> problem;  // nothing of the queue could be read
  std::set<std::string, std::less<>> ids;

  void add(const outbox::ReadableRow& row) {
    ids.insert(row.event_id);
    const auto event = protocol::parse_json(row.data);
    if (event && event->is_object() && row.data.find('\n') == std::string::npos) {
      lines += row.data + "\n";
      ++events;
      ++states[row.state];
      return;
    }
    unreadable.push_back(boost::json::object{
        {"first_row", row.id},
        {"last_row", row.id},
        {"event_id", row.event_id},
        {"reason", event ? "it is not a JSON object on one line" : event.error().message}});
  }
  void add(const outbox::UnreadableRows& rows) {
    boost::json::object places{
        {"first_row", nullptr}, {"last_row", nullptr}, {"event_id", nullptr}, {"reason", rows.why}};
    if (rows.first_id > 0) {
      places["first_row"] = rows.first_id;
      places["last_row"] = rows.last_id;
    }
    unreadable.push_back(std::move(places));
  }
  void add(const outbox::SpillContent& spill) {
    for (const outbox::QueuedRow& row : spill.rows) {
      if (!ids.insert(row.event_id).second) continue;
      lines += row.data + "\n";
      ++events;
      ++spilled;
      ++states[std::string(kSpilled)];
    }
    if (spill.unreadable == 0) return;
    unreadable.push_back(boost::json::object{
        {"first_row", nullptr},
        {"last_row", nullptr},
        {"event_id", nullptr},
        {"reason", fmt::format("torn or foreign in the overflow: {}", counted(spill.unreadable, "line"))}});
  }
};

Result<Exported> read_all(Context& context, const project::Home& at) {
  Exported exported;
  report_on_queue(context, at);
  const Environment& environment = context.environment;
  const Path& home = at.directory;
  PAW_TRY(waiting, outbox::Spill(environment, home).open_waiting());
  auto lost = outbox::read_what_is_readable(environment, home,
                                            [&](const outbox::ReadableRow& row) { exported.add(row); });
  if (!lost) {
    exported.problem = std::move(lost).error();
  } else if (*lost) {
    for (const outbox::UnreadableRows& rows : **lost) exported.add(rows);
  }
  PAW_TRY(spill, outbox::read_spill(waiting));
  exported.add(spill);
  return exported;
}

Error incomplete(const boost::json::array& unreadable) {
  const boost::json::object& first = unreadable.front().as_object();
  Error error;
  error.kind = ErrorKind::io;
  std::string place;
  error.hint = "pawprint doctor";
  if (first.at("event_id").is_string()) {
    const std::string_view event_id = first.at("event_id").as_string();
    place = fmt::format("event {}: ", event_id);
    error.hint = fmt::format("pawprint sync show {}", event_id);
  } else if (!first.at("first_row").is_null()) {
    place = fmt::format("rows {} to {}: ", first.at("first_row").as_int64(), first.at("last_row").as_int64());
  }
  error.message = fmt::format("cannot export all of the queue: {}{}", place,
                              std::string_view(first.at("reason").as_string()));
  if (unreadable.size() > 1)
    error.message += fmt::format(", and {} more", counted(unreadable.size() - 1, "place"));
  return error;
}

constexpr std::string_view kIntoAFile = "pawprint sync export --out queue.jsonl";

// What stands there is read by its name: an export would take the place of the queue, or of events.
bool is_part_of(const Path& home, const Path& file) {
  const Path at = project::canonical_path(file);
  const Path inside = project::canonical_path(home);
  return project::is_within(at, inside) && (at.parent_path() != inside || at.extension() != ".jsonl");
}

// Only a regular file is replaced, where a link leads to one the file behind it.
Result<Path> file_to_replace(const Context& context, const Path& home, const std::string& named) {
  const Path file = context.environment.directory / named;
  if (is_part_of(home, file)) {
    return fail(ErrorKind::usage,
                fmt::format("{} is in the home of the queue, so it is not written", file.string()),
                std::string(kIntoAFile));
  }
  std::error_code failed;
  const auto target = std::filesystem::status(file, failed);
  if (target.type() == std::filesystem::file_type::none) {
    return fail(ErrorKind::io, fmt::format("cannot look at {}: {}", file.string(), failed.message()),
                std::string(kIntoAFile));
  }
  if (!std::filesystem::exists(target) && !std::filesystem::is_symlink(file, failed)) return file;
  if (!std::filesystem::is_regular_file(target)) {
    return fail(ErrorKind::usage, fmt::format("{} is no regular file, so it is not replaced", file.string()),
                std::string(kIntoAFile));
  }
  Path real = std::filesystem::canonical(file, failed);
  if (!failed) return real;
  return fail(ErrorKind::io, fmt::format("cannot follow {}: {}", file.string(), failed.message()),
              std::string(kIntoAFile));
}

}  // namespace

Result<Report> run_sync_export(Context& context, const Arguments& arguments) {
  auto out = arguments.value("--out");
  if (out == "-" || out == "/dev/stdout") out.reset();
  if (context.json && !out) {
    return fail(ErrorKind::usage, "with --json the events need a file of their own: name it with --out",
                "pawprint sync export --out queue.jsonl --json");
  }
  PAW_TRY(home, project::find_home(context.environment));
  std::optional<Path> into;
  if (out) {
    PAW_TRY(chosen, file_to_replace(context, home.directory, *out));
    into = std::move(chosen);
  }
  PAW_TRY(exported, read_all(context, home));
  Report report;
  if (into && exported.events == 0 && exported.problem) {
    report.text = fmt::format("{} is left as it is\n", into->lexically_normal().string());
  } else if (into) {
    const Path& file = *into;
    auto written = replace_file(*context.environment.disk, file, exported.lines, 0600);
    if (!written) {
      written.error().hint = kIntoAFile;
      return std::unexpected(std::move(written).error());
    }
    report.data["file"] = file.string();
    report.text =
        fmt::format("{} in {}", counted(exported.events, "event"), file.lexically_normal().string());
    std::string_view before = ": ";
    for (const auto& [state, count] : exported.states) {
      report.text += fmt::format("{}{} {}", before, count, state);
      before = ", ";
    }
    report.text += "\n";
  } else {
    report.bytes = std::move(exported.lines);
  }
  if (!exported.unreadable.empty()) report.error = incomplete(exported.unreadable);
  if (exported.problem) report.error = std::move(exported.problem);
  if (report.error && report.error->hint.empty()) report.error->hint = "pawprint doctor";
  report.data["events"] = exported.events;
  report.data["states"] = boost::json::object(exported.states.begin(), exported.states.end());
  report.data["spilled"] = exported.spilled;
  report.data["unreadable"] = std::move(exported.unreadable);
  return report;
}

}  // namespace pawprint::cli
