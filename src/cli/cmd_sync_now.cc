#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"
#include "cli/counted.h"

namespace pawprint::cli {
namespace {

std::int64_t count_of(const boost::json::object& data, std::string_view key) {
  const boost::json::value* value = data.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string text_of(const boost::json::object& data) {
  std::string text = fmt::format("{} delivered, {} were there already, {} parked, {} still queued\n",
                                 count_of(data, "success"), count_of(data, "duplicate"),
                                 count_of(data, "parked"), count_of(data, "remaining"));
  if (const auto parked = count_of(data, "parked"); parked > 0) {
    text += counted(static_cast<std::size_t>(parked), "event") +
            " refused, parked here (try: pawprint sync status)\n";
  }
  if (const auto unlinked = count_of(data, "unlinked"); unlinked > 0) {
    text += fmt::format("{} without a link (try: pawprint sync link)\n",
                        counted(static_cast<std::size_t>(unlinked), "event"));
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
