#include "hub/main/counting.h"

#include <map>

namespace pawprint::hub {
namespace {

std::string_view word_of(protocol::VerdictStatus status) {
  switch (status) {
    case protocol::VerdictStatus::success:
      return "success";
    case protocol::VerdictStatus::duplicate:
      return "duplicate";
    case protocol::VerdictStatus::error:
      break;
  }
  return "error";
}

}  // namespace

ingest::OnVerdicts count_verdicts(metrics::Metrics& metrics) {
  return [&metrics](std::span<const protocol::Verdict> verdicts) {
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> counts;
    for (const auto& verdict : verdicts) ++counts[{word_of(verdict.status), verdict.error_category}];
    for (const auto& [kind, count] : counts) metrics.events_judged(kind.first, kind.second, count);
  };
}

}  // namespace pawprint::hub
