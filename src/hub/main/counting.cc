#include "hub/main/counting.h"

#include <map>

#include "base/format.h"

namespace pawprint::hub {
namespace {

constexpr std::size_t kMinTokenBytes = 16;

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

Result<std::string> metrics_token(Disk& disk, const Path& file) {
  if (file.empty()) return std::string();
  PAW_TRY(text, read_file(disk, file));
  const std::string make = fmt::format("openssl rand -hex 24 > {}", file.string());
  if (!text) {
    return fail(ErrorKind::failed, fmt::format("cannot read {}: there is no such file", file.string()), make);
  }
  std::string token = text->substr(0, text->find_first_of("\r\n"));
  if (token.size() >= kMinTokenBytes) return token;
  return fail(
      ErrorKind::failed,
      fmt::format("{}: the token for the metrics has less than {} characters", file.string(), kMinTokenBytes),
      make);
}

}  // namespace pawprint::hub
