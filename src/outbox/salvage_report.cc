#include "outbox/salvage_report.h"

#include <algorithm>

#include "base/format.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kReport = "outbox.db.report";

Result<void> write_reports(Disk& disk, const Path& home, std::span<const SalvageReport> reports) {
  if (reports.empty()) return disk.remove(home / kReport);
  std::string content;
  for (const auto& [set_aside, message] : reports) content += fmt::format("{}\n{}\n", set_aside, message);
  return replace_file(disk, home / kReport, content, 0600);
}

}  // namespace

Path beside(const Path& file, std::string_view suffix) {
  return file.parent_path() / (file.filename().string() + std::string(suffix));
}

Result<void> add_salvage_report(Disk& disk, const Path& home, SalvageReport report) {
  PAW_TRY(reports, salvage_reports_to_tell(disk, home));
  reports.push_back(std::move(report));
  return write_reports(disk, home, reports);
}

// What has not the form is none.
Result<std::vector<SalvageReport>> read_salvage_reports(Disk& disk, const Path& home) {
  PAW_TRY(content, read_file(disk, home / kReport));
  std::vector<SalvageReport> reports;
  std::string_view left = content ? std::string_view(*content) : std::string_view();
  while (left.starts_with(fmt::format("{}.corrupt-", kDatabase))) {
    const std::size_t first = left.find('\n');
    const std::size_t second = left.find('\n', first + 1);
    if (second == std::string_view::npos || left.substr(0, first).contains('/')) break;
    reports.emplace_back(std::string(left.substr(0, first)),
                         std::string(left.substr(first + 1, second - first - 1)));
    left.remove_prefix(second + 1);
  }
  return reports;
}

Result<std::vector<SalvageReport>> salvage_reports_to_tell(Disk& disk, const Path& home) {
  PAW_TRY(reports, read_salvage_reports(disk, home));
  std::vector<SalvageReport> to_tell;
  for (SalvageReport& report : reports) {
    bool happened = false;
    for (const std::string_view suffix : kFilesOfOne) {
      PAW_TRY(there, disk.status(beside(home / report.set_aside, suffix)));
      happened = happened || there;
    }
    if (happened) to_tell.push_back(std::move(report));
  }
  return to_tell;
}

Result<void> forget_salvage_reports(Disk& disk, const Path& home, std::span<const std::string> told) {
  PAW_TRY(reports, read_salvage_reports(disk, home));
  std::erase_if(reports, [&](const SalvageReport& each) {
    return std::ranges::find(told, each.set_aside) != told.end();
  });
  return write_reports(disk, home, reports);
}

}  // namespace pawprint::outbox
