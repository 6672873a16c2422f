#include "workflow/lane_edit.h"

#include <vector>

#include "base/format.h"
#include "textedit/frontmatter.h"
#include "textedit/yaml.h"
#include "workflow/file_error.h"

namespace pawprint::workflow {
namespace {

// A history entry is one line per field, whatever a reason was typed as.
std::string single_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

}  // namespace

Result<std::string> with_lane(std::string_view text, const Path& file, const HistoryEntry& entry) {
  const std::string lane(protocol::name_of(entry.lane));
  std::vector<textedit::YamlField> fields{{"timestamp", entry.timestamp},
                                          {"lane", lane},
                                          {"agent", single_line(entry.agent)},
                                          {"action", single_line(entry.action)}};
  if (!entry.event_id.empty()) {
    fields.push_back({"event_id", entry.event_id});
    fields.push_back({"lamport_clock", fmt::format("{}", entry.lamport_clock)});
  }
  const auto where = textedit::find_frontmatter(text);
  if (!where) return with_file(where.error(), file);
  const std::string_view yaml = text.substr(where->begin, where->end - where->begin);
  const auto moved = textedit::set_yaml_scalar(yaml, {"lane"}, lane);
  if (!moved) return with_file(moved.error(), file, where->first_line);
  const auto recorded = textedit::append_yaml_item(*moved, {"history"}, fields, "lane");
  if (!recorded) return with_file(recorded.error(), file, where->first_line);
  auto whole = textedit::with_frontmatter(text, *where, *recorded);
  if (!whole) return with_file(whole.error(), file);
  return whole;
}

}  // namespace pawprint::workflow
