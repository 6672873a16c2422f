#include <array>
#include <limits>

#include "base/counted.h"
#include "base/format.h"
#include "base/printable.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "client/own_types.h"
#include "outbox/event_names.h"
#include "outbox/outbox.h"
#include "outbox/spilled.h"
#include "project/home.h"
#include "protocol/check_event.h"

namespace pawprint::cli {
namespace {

constexpr std::array kQueued{outbox::RowState::intent, outbox::RowState::pending, outbox::RowState::parked};
constexpr std::size_t kRowsPerPage = 256;

std::unexpected<Error> at_path(std::string_view path, std::string_view why) {
  auto error = fail(ErrorKind::invalid, fmt::format("{}: {}", path, why));
  error.error().path = path;
  return error;
}

Result<void> check_row(const outbox::QueuedRow& row) {
  PAW_TRY(envelope, protocol::read_envelope(row.data));
  if (envelope.event_id != row.event_id)
    return at_path("event_id", fmt::format("the event says {}", envelope.event_id));
  PAW_TRY(checked, protocol::check_event(envelope));
  if (row.project_uuid || row.destination) return {};
  return at_path("project_uuid",
                 "who the project is could not be read when it was queued, so no hub gets it");
}

// Event types of the project that the command runs in; `emit` refuses what breaks them.
struct OwnTypes {
  std::optional<ProjectHere> here;  // nullopt: in no project
  client::OwnTypes types;
  Warnings& warnings;

  Result<void> check(const outbox::QueuedRow& row) {
    if (!here || !row.project_uuid || here->identity.uuid != row.project_uuid) return {};
    PAW_TRY(envelope, protocol::read_envelope(row.data));
    Event event;
    event.event_type = envelope.event_type;
    event.payload = envelope.payload;
    return types.check(event, here->places.root, warnings);
  }
};

struct Diagnosis {
  OwnTypes own_types;
  std::uint64_t checked = 0;
  outbox::Overflow overflow = {};
  boost::json::array invalid = {};
  std::string text = {};

  void add(const outbox::QueuedRow& row) {
    ++checked;
    auto fits = check_row(row);
    if (fits) fits = own_types.check(row);
    if (!fits) note(row.event_id, state_word(row), fits.error());
  }

  void add_damaged(std::string_view event_id, std::string_view state) {
    ++checked;
    note(event_id, printable(state),
         fail(ErrorKind::io, "the queue is damaged: this is no state that an event can be in").error());
  }

 private:
  void note(std::string_view event_id, std::string_view state, const Error& error) {
    boost::json::object finding;
    finding["event_id"] = event_id;
    finding["state"] = state;
    finding["path"] = error.path.empty() ? boost::json::value(nullptr) : boost::json::value(error.path);
    finding["reason"] = error.message;
    invalid.push_back(std::move(finding));
    text += fmt::format("{}  {:<9}  {}\n", event_id, state, error.message);
  }
};

Result<void> check_queue(outbox::Outbox& outbox, Diagnosis& diagnosis) {
  PAW_TRY(of_no_state, outbox.rows_of_no_state());
  for (const auto& [event_id, state] : of_no_state) diagnosis.add_damaged(event_id, state);
  std::int64_t after_id = 0;
  for (;;) {
    PAW_TRY(rows, outbox.rows(kQueued, after_id, kRowsPerPage));
    if (rows.empty()) break;
    for (const outbox::QueuedRow& row : rows) diagnosis.add(row);
    after_id = rows.back().id;
  }
  PAW_TRY(spilled, outbox.spilled_rows(std::numeric_limits<std::size_t>::max()));
  for (const outbox::QueuedRow& row : spilled) diagnosis.add(row);
  PAW_TRY(overflow, outbox.overflow());
  diagnosis.overflow = std::move(overflow);
  return {};
}

Result<void> check_spill(const Environment& environment, const Path& home,
                         const outbox::Spill::Waiting& waiting, Diagnosis& diagnosis) {
  PAW_TRY(spill, outbox::read_spill(waiting));
  for (const outbox::QueuedRow& row : spill.rows) diagnosis.add(row);
  PAW_TRY(overflow, outbox::count_spill(environment, home, waiting));
  diagnosis.overflow = std::move(overflow);
  return {};
}

}  // namespace

Result<Report> run_sync_diagnose(Context& context, const Arguments&) {
  PAW_TRY(home, project::find_home(context.environment));
  auto [spill, queue] = open_for_reading(context, home);
  PAW_TRY(outbox, std::move(queue));
  auto here = project_here(context, home, IdentityAccess::read);
  Diagnosis diagnosis{.own_types = {here ? std::optional(*std::move(here)) : std::nullopt,
                                    client::OwnTypes(context.environment), context.warnings}};
  if (outbox) {
    PAW_TRY(checked, outbox->at_one_moment([&] { return check_queue(*outbox, diagnosis); }));
  } else {
    PAW_TRY(waiting, std::move(spill));
    PAW_TRY(checked, check_spill(context.environment, home.directory, waiting, diagnosis));
  }
  const outbox::Overflow& overflow = diagnosis.overflow;
  Report report;
  report.text = diagnosis.text;
  if (!diagnosis.invalid.empty()) {
    Error error;
    error.kind = ErrorKind::invalid;
    error.message = fmt::format("{} of {} cannot be taken by a hub, or break a schema of the project",
                                diagnosis.invalid.size(), counted(diagnosis.checked, "queued event"));
    error.hint = fmt::format("pawprint sync show {}",
                             std::string_view(diagnosis.invalid.front().at("event_id").as_string()));
    report.error = std::move(error);
  } else if (overflow.unreadable == 0) {
    report.text = fmt::format("{}, all as they should be\n", counted(diagnosis.checked, "queued event"));
  }
  if (overflow.unreadable > 0) {
    std::string lines =
        fmt::format("{} of the overflow cannot be read", counted(overflow.unreadable, "line"));
    if (!overflow.unreadable_ids.empty())
      lines += "; among them " + outbox::counted_and_named(overflow.unreadable_ids);
    if (report.error) {
      report.text += lines + "\n";
    } else {
      report.error = fail(ErrorKind::invalid, lines, "pawprint doctor").error();
    }
  }
  report.data["unreadable"] = overflow.unreadable;
  report.data["unreadable_events"] =
      boost::json::array(overflow.unreadable_ids.begin(), overflow.unreadable_ids.end());
  report.data["checked"] = diagnosis.checked;
  report.data["invalid"] = std::move(diagnosis.invalid);
  return report;
}

}  // namespace pawprint::cli
