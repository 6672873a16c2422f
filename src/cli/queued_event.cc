#include "cli/queued_event.h"

#include <boost/json/value.hpp>
#include <limits>

#include "base/clock_source.h"
#include "base/format.h"
#include "base/printable.h"
#include "cli/json_text.h"
#include "cli/sync_context.h"
#include "outbox/spilled.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace pawprint::cli {
namespace {

boost::json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

struct Subject {
  std::string event_type;
  std::string aggregate_id;
};

// Also of an event that would not pass as one: that is when people look at it.
Subject subject_of(const std::string& data) {
  const auto parsed = protocol::parse_json(data);
  if (!parsed || !parsed->is_object()) return {};
  const boost::json::object& event = parsed->get_object();
  return {text_of(event, "event_type"), text_of(event, "aggregate_id")};
}

std::optional<outbox::QueuedRow> with_id(std::vector<outbox::QueuedRow> rows, std::string_view event_id) {
  for (outbox::QueuedRow& row : rows) {
    if (row.event_id == event_id) return std::move(row);
  }
  return std::nullopt;
}

Result<std::optional<outbox::QueuedRow>> spilled_event(outbox::Outbox& outbox, std::string_view event_id) {
  PAW_TRY(rows, outbox.spilled_rows(std::numeric_limits<std::size_t>::max()));
  return with_id(std::move(rows), event_id);
}

}  // namespace

std::string_view state_word(const outbox::QueuedRow& row) {
  return row.spilled ? kSpilled : name_of(row.state);
}

boost::json::object queued_event_json(const outbox::QueuedRow& row) {
  const Subject subject = subject_of(row.data);
  boost::json::object json;
  json["event_id"] = row.event_id;
  json["state"] = state_word(row);
  json["event_type"] = text_or_null(subject.event_type);
  json["aggregate_id"] = text_or_null(subject.aggregate_id);
  json["lamport_clock"] = row.lamport;
  json["project_uuid"] = text_or_null(row.project_uuid.value_or(""));
  json["link_known"] = !row.link_unknown;
  json["destination"] = nullptr;
  if (row.destination) {
    json["destination"] =
        boost::json::object{{"origin", row.destination->origin}, {"team_slug", row.destination->team_slug}};
  }
  json["queued_at"] = nullptr;
  if (row.queued_at_ms > 0) json["queued_at"] = rfc3339_utc(row.queued_at_ms);
  json["reason"] = text_or_null(row.reason);
  json["attempts"] = row.attempts;
  return json;
}

std::string queued_event_line(const outbox::QueuedRow& row) {
  const Subject subject = subject_of(row.data);
  std::string line = fmt::format("{}  {:<9}  {} {}", row.event_id, state_word(row),
                                 subject.event_type.empty() ? "(unreadable)" : printable(subject.event_type),
                                 printable(subject.aggregate_id));
  line += row.destination ? fmt::format("  {} at {}", row.destination->team_slug, row.destination->origin)
                          : std::string(row.link_unknown ? "  link not known" : "  no link");
  line += "\n";
  if (!row.reason.empty()) line += fmt::format("    {}\n", printable(row.reason));
  return line;
}

Result<std::optional<outbox::QueuedRow>> find_event(Context& context, const project::Home& home,
                                                    const std::string& event_id) {
  auto [waiting, outbox] = open_for_reading(context, home);
  auto queued = outbox && *outbox ? (*outbox)->row(event_id) : Result<std::optional<outbox::QueuedRow>>();
  if (!outbox) queued = std::unexpected(outbox.error());
  if (queued && *queued) return queued;
  if (queued && *outbox) {
    PAW_TRY(spilled, spilled_event(**outbox, event_id));
    if (spilled) return spilled;
    return (*outbox)->row(event_id);  // a refill may have moved it in between
  }
  if (!waiting) return std::unexpected(std::move(waiting).error());
  PAW_TRY(spill, outbox::read_spill(*waiting));
  auto spilled = with_id(std::move(spill.rows), event_id);
  if (spilled || queued) return spilled;
  return queued;
}

Result<std::string> event_id_argument(const std::string& word) {
  auto event_id = protocol::normalised_event_id(word);
  if (event_id) return *std::move(event_id);
  return fail(ErrorKind::usage,
              fmt::format("\"{}\" is not the id of an event: it is no ULID and no UUID", word),
              "pawprint sync list");
}

}  // namespace pawprint::cli
