#include <charconv>

#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "outbox/outbox.h"
#include "project/home.h"

namespace pawprint::cli {
namespace {

constexpr std::size_t kDefaultLimit = 100;

Result<std::vector<outbox::RowState>> wanted_states(const Arguments& arguments) {
  using outbox::RowState;
  const auto word = arguments.value("--state");
  if (!word) return std::vector{RowState::intent, RowState::pending, RowState::parked};
  const auto state = outbox::state_named(*word);
  if (state) return std::vector{*state};
  return fail(
      ErrorKind::usage,
      fmt::format("--state {}: a state is intent, pending, sent, parked, discarded or dropped", *word),
      "pawprint sync list --help");
}

Result<std::size_t> wanted_limit(const Arguments& arguments) {
  const auto word = arguments.value("--limit");
  if (!word) return kDefaultLimit;
  std::size_t limit = 0;
  const auto [end, problem] = std::from_chars(word->data(), word->data() + word->size(), limit);
  constexpr std::size_t kMost = 1'000'000;
  if (problem == std::errc() && end == word->data() + word->size() && limit > 0 && limit <= kMost)
    return limit;
  return fail(ErrorKind::usage,
              fmt::format("--limit {}: a whole number from 1 to {} is wanted", *word, kMost),
              "pawprint sync list --help");
}

}  // namespace

Result<Report> run_sync_list(Context& context, const Arguments& arguments) {
  PAW_TRY(states, wanted_states(arguments));
  PAW_TRY(limit, wanted_limit(arguments));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(outbox, outbox::Outbox::open_existing(context.environment, home.directory));
  std::vector<outbox::QueuedRow> rows;
  if (outbox) {
    PAW_TRY(found, outbox->rows(states, 0, limit + 1));
    rows = std::move(found);
  }
  const bool more = rows.size() > limit;
  if (more) rows.pop_back();
  Report report;
  boost::json::array events;
  for (const outbox::QueuedRow& row : rows) {
    events.push_back(queued_event_json(row));
    report.text += queued_event_line(row);
  }
  if (rows.empty()) report.text = "no events\n";
  if (more) report.text += fmt::format("and more: pawprint sync list --limit {}\n", limit * 10);
  report.data["events"] = std::move(events);
  report.data["more"] = more;
  return report;
}

}  // namespace pawprint::cli
