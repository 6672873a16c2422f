#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"

namespace pawprint::cli {
namespace {

std::int64_t count_of(const boost::json::object& data, std::string_view key) {
  const boost::json::value* value = data.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

}  // namespace

Result<Report> run_sync_now(Context& context, const Arguments&) {
  PAW_TRY(answer, run_agent(context, {"deliver"}));
  Report report;
  if (!answer.data.empty()) {
    report.text = fmt::format("{} delivered, {} were there already, {} parked, {} still queued\n",
                              count_of(answer.data, "success"), count_of(answer.data, "duplicate"),
                              count_of(answer.data, "parked"), count_of(answer.data, "remaining"));
  }
  report.data = std::move(answer.data);
  report.error = std::move(answer.error);
  report.exit_code = answer.exit_code;
  return report;
}

}  // namespace pawprint::cli
