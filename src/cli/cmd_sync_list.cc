#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/format.h"
#include "cli/command_functions.h"
#include "cli/queued_event.h"
#include "cli/sync_context.h"
#include "outbox/outbox.h"
#include "outbox/spilled.h"
#include "project/home.h"

namespace pawprint::cli {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMostEvents = 1'000'000;

struct Wanted {
  std::vector<outbox::RowState> states;
  bool spilled = false;
};

Result<Wanted> wanted_states(const Arguments& arguments) {
  using outbox::RowState;
  const auto word = arguments.value("--state");
  if (!word) return Wanted{{RowState::intent, RowState::pending, RowState::parked}, true};
  if (*word == kSpilled) return Wanted{{}, true};
  const auto state = outbox::state_named(*word);
  if (state) return Wanted{{*state}, false};
  return fail(
      ErrorKind::usage,
      fmt::format("--state {}: a state is intent, pending, sent, parked, discarded, dropped or spilled",
                  *word),
      "pawprint sync list --help");
}

// More of the same.
std::string command_for_more(const Arguments& arguments, std::size_t limit) {
  if (limit == kMostEvents) return "pawprint sync export --out queue.jsonl";
  const auto state = arguments.value("--state");
  return fmt::format("pawprint sync list{} --limit {}", state ? " --state " + *state : "",
                     std::min(limit * 10, kMostEvents));
}

Result<std::size_t> wanted_limit(const Arguments& arguments) {
  const auto word = arguments.value("--limit");
  if (!word) return kDefaultLimit;
  std::size_t limit = 0;
  const auto [end, problem] = std::from_chars(word->data(), word->data() + word->size(), limit);
  if (problem == std::errc() && end == word->data() + word->size() && limit > 0 && limit <= kMostEvents)
    return limit;
  return fail(ErrorKind::usage,
              fmt::format("--limit {}: a whole number from 1 to {} is wanted", *word, kMostEvents),
              "pawprint sync list --help");
}

struct Listed {
  std::vector<outbox::QueuedRow> rows;
  std::optional<Error> problem;  // queue or spill could not be read; the other one is listed all the same
};

Result<std::vector<outbox::QueuedRow>> from_queue(outbox::Outbox& outbox, const Wanted& wanted,
                                                  std::size_t max_rows) {
  if (!wanted.spilled) return outbox.rows(wanted.states, 0, max_rows);
  std::vector<outbox::QueuedRow> rows;
  PAW_TRY(looked, outbox.at_one_moment([&]() -> Result<void> {
    PAW_TRY(queued, outbox.rows(wanted.states, 0, max_rows));
    rows = std::move(queued);
    PAW_TRY(spilled, outbox.spilled_rows(max_rows - rows.size()));
    rows.insert(rows.end(), std::make_move_iterator(spilled.begin()), std::make_move_iterator(spilled.end()));
    return {};
  }));
  return rows;
}

Result<Listed> list_events(Context& context, const project::Home& home, const Wanted& wanted,
                           std::size_t max_rows) {
  Listed listed;
  auto [waiting, outbox] = open_for_reading(context, home);
  if (outbox && *outbox) {
    auto rows = from_queue(**outbox, wanted, max_rows);
    if (rows) return Listed{*std::move(rows), std::nullopt};
    listed.problem = std::move(rows).error();
  } else if (!outbox) {
    listed.problem = outbox.error();
  }
  if (!wanted.spilled) return listed;
  auto spill = waiting ? outbox::read_spill(*waiting) : std::unexpected(std::move(waiting).error());
  if (spill) {
    listed.rows = std::move(spill->rows);
    listed.rows.resize(std::min(listed.rows.size(), max_rows));
    return listed;
  }
  if (!outbox) return listed;
  listed.problem = std::move(spill).error();
  if (!*outbox) return listed;
  PAW_TRY(queued, (*outbox)->rows(wanted.states, 0, max_rows));
  listed.rows = std::move(queued);
  return listed;
}

}  // namespace

Result<Report> run_sync_list(Context& context, const Arguments& arguments) {
  PAW_TRY(wanted, wanted_states(arguments));
  PAW_TRY(limit, wanted_limit(arguments));
  PAW_TRY(home, project::find_home(context.environment));
  PAW_TRY(listed, list_events(context, home, wanted, limit + 1));
  std::vector<outbox::QueuedRow>& rows = listed.rows;
  const bool more = rows.size() > limit;
  if (more) rows.pop_back();
  Report report;
  boost::json::array events;
  for (const outbox::QueuedRow& row : rows) {
    events.push_back(queued_event_json(row));
    report.text += queued_event_line(row);
  }
  if (rows.empty() && !listed.problem) report.text = "no events\n";
  if (more) report.text += fmt::format("and more: {}\n", command_for_more(arguments, limit));
  report.data["events"] = nullptr;
  if (!events.empty() || !listed.problem) report.data["events"] = std::move(events);
  report.data["more"] = nullptr;
  if (more || !listed.problem) report.data["more"] = more;
  report.error = std::move(listed.problem);
  if (report.error && report.error->hint.empty()) report.error->hint = "pawprint doctor";
  return report;
}

}  // namespace pawprint::cli
