// The check boxes of a feature's tasks.md: `- [ ] T001 ...`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "workflow/feature.h"

namespace pawprint::workflow {

struct Checkbox {
  std::string task_id;  // the id that the line begins with, empty if it begins with none
  std::string section;  // id of the work package whose heading it stands below, empty if none
  std::string text;     // what stands behind the box
  bool ticked = false;
  int line = 0;             // 1-based
  std::size_t mark_at = 0;  // byte between the brackets
};

// Every box of a Markdown text, in order; those in fenced code are none.
std::vector<Checkbox> read_checkboxes(std::string_view markdown);

enum class TaskStatus { pending, done };

struct MarkOutcome {
  std::string feature_slug;
  TaskStatus status = TaskStatus::done;
  std::vector<std::string> task_ids;  // as asked for
  std::vector<std::string> changed;   // those whose boxes were not so already
  Path file;                          // tasks.md
};

// Ticks or unticks the boxes of the given ids (in either case); changes one byte per box and no other. All or
// none: an id without a box is kind `invalid`, naming the ids that there are. Nothing to change: the file is
// not written.
Result<MarkOutcome> mark_status(const Environment& environment, const Feature& feature,
                                std::span<const std::string> task_ids, TaskStatus status);

// The unticked boxes of a work package: those of its subtasks, and those below the heading that names it.
// Empty also when there are no boxes, or no tasks.md.
Result<std::vector<Checkbox>> open_boxes(const Environment& environment, const Feature& feature,
                                         const WorkPackage& work_package);

}  // namespace pawprint::workflow
