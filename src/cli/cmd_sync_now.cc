#include "base/counted.h"
#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"

namespace pawprint::cli {
namespace {

std::int64_t count_of(const boost::json::object& data, std::string_view key) {
  const boost::json::value* value = data.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

// Where nothing waits, a hub is asked only whether it came back from a backup.
std::string hubs_asked(const boost::json::object& data) {
  const auto origins_at = [&](std::string_view key) {
    const boost::json::value* list = data.if_contains(key);
    std::string origins;
    if (list == nullptr || !list->is_array()) return origins;
    for (const boost::json::value& origin : list->get_array()) {
      if (!origin.is_string()) continue;
      origins += fmt::format("{}{}", origins.empty() ? "" : ", ", std::string_view(origin.get_string()));
    }
    return origins;
  };
  if (const std::string silent = origins_at("unreached"); !silent.empty())
    return fmt::format("; not reached: {}", silent);
  return origins_at("asked").empty() ? "; no hub was asked" : "";
}

// What is zero is left out, but for the first.
std::string text_of(const boost::json::object& data) {
  const auto waiting = count_of(data, "remaining");
  std::string text;
  if (count_of(data, "attempted") + waiting == 0) {
    text = "nothing to deliver" + hubs_asked(data);
  } else {
    text = fmt::format("{} delivered", count_of(data, "success"));
  }
  if (const auto known = count_of(data, "duplicate"); known > 0) {
    text += fmt::format(", {} {} there already", known, known == 1 ? "was" : "were");
  }
  if (const auto parked = count_of(data, "parked"); parked > 0) text += fmt::format(", {} parked", parked);
  if (waiting > 0) text += fmt::format(", {} still queued", waiting);
  text += "\n";
  if (const auto parked = count_of(data, "parked"); parked > 0) {
    text += counted(static_cast<std::size_t>(parked), "event") +
            " refused, parked here (try: pawprint sync status)\n";
  }
  if (const auto unlinked = count_of(data, "unlinked") + count_of(data, "ended"); unlinked > 0) {
    text += fmt::format("{} without a link that sends (try: pawprint sync status)\n",
                        counted(static_cast<std::size_t>(unlinked), "event"));
  }
  if (const auto spilled = count_of(data, "spilled"); spilled > 0) {
    text += fmt::format("{} in the overflow (try: pawprint sync status)\n",
                        counted(static_cast<std::size_t>(spilled), "event"));
  }
  return text;
}

}  // namespace

Result<Report> run_sync_now(Context& context, const Arguments&) {
  PAW_TRY(answer, run_agent(context, {"deliver"}));
  Report report;
  if (!answer.data.empty()) report.text = text_of(answer.data);
  report.data = std::move(answer.data);
  report.error = std::move(answer.error);
  report.exit_code = answer.exit_code;
  return report;
}

}  // namespace pawprint::cli
