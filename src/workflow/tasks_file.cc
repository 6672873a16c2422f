#include "workflow/tasks_file.h"

#include <algorithm>
#include <chrono>

#include "base/file_lock.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "workflow/file_error.h"

namespace pawprint::workflow {
namespace {

constexpr std::chrono::seconds kLockWait{5};

std::string known_ids(const std::vector<Checkbox>& boxes) {
  std::string ids;
  for (const Checkbox& box : boxes) {
    if (!box.task_id.empty()) ids += (ids.empty() ? "" : ", ") + box.task_id;
  }
  return ids.empty() ? "no boxes with an id, like `- [ ] T001 ...`" : "boxes for " + ids;
}

bool same_id(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Sets the boxes of one id in `text`; false if all of them were so. No box of that id: kind `invalid`.
Result<bool> set_boxes(std::string& text, const std::vector<Checkbox>& boxes, const std::string& task_id,
                       bool ticked, const Path& file) {
  bool found = false;
  bool changed = false;
  for (const Checkbox& box : boxes) {
    if (!same_id(box.task_id, task_id)) continue;
    found = true;
    if (box.ticked == ticked) continue;
    text[box.mark_at] = ticked ? 'x' : ' ';
    changed = true;
  }
  if (found) return changed;
  return fail_in_file(file, 0, fmt::format("no box for {} in tasks.md: it has {}", task_id, known_ids(boxes)),
                      fmt::format("grep -n '\\[.\\]' {}", shell_word(file.string())));
}

}  // namespace

Result<MarkOutcome> mark_status(const Environment& environment, const Feature& feature,
                                std::span<const std::string> task_ids, TaskStatus status) {
  const Path file = feature.tasks_file();
  PAW_TRY(lock, FileLock::acquire(feature.directory, kLockWait));
  PAW_TRY(text, read_existing(*environment.disk, file));
  PAW_TRY(facts, environment.disk->status(file));
  const std::vector<Checkbox> boxes = read_checkboxes(text);
  MarkOutcome outcome;
  outcome.feature_slug = feature.slug;
  outcome.status = status;
  outcome.file = file;
  outcome.task_ids.assign(task_ids.begin(), task_ids.end());
  for (const std::string& task_id : task_ids) {
    PAW_TRY(changed, set_boxes(text, boxes, task_id, status == TaskStatus::done, file));
    if (changed) outcome.changed.push_back(task_id);
  }
  if (outcome.changed.empty()) return outcome;
  PAW_TRY(no_link, refuse_link(file));
  PAW_TRY(written, replace_file(*environment.disk, file, text, facts ? facts->mode : 0644));
  return outcome;
}

Result<std::vector<Checkbox>> open_boxes(const Environment& environment, const Feature& feature,
                                         const WorkPackage& work_package) {
  PAW_TRY(text, read_file(*environment.disk, feature.tasks_file()));
  std::vector<Checkbox> open;
  if (!text) return open;
  for (Checkbox& box : read_checkboxes(*text)) {
    const bool is_subtask =
        std::ranges::find(work_package.subtasks, box.task_id) != work_package.subtasks.end();
    if (!box.ticked && (is_subtask || box.section == work_package.id)) open.push_back(std::move(box));
  }
  return open;
}

}  // namespace pawprint::workflow
