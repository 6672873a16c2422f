#include "workflow/move_check.h"

#include <algorithm>

#include "base/format.h"
#include "base/shell_word.h"
#include "workflow/file_error.h"
#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

using protocol::Guard;
using protocol::Lane;

std::string tick_command(const Feature& feature, const std::vector<Checkbox>& open) {
  std::string command = "pawprint mark-status";
  for (const Checkbox& box : open) command += " " + box.task_id;
  return fmt::format("{} --status done --feature {}", command, shell_word(feature.slug));
}

// The command that gets through: what was asked for, with what was missing.
std::string allowed_command(const Feature& feature, const WorkPackage& before, const Move& move,
                            const std::vector<Checkbox>& open) {
  const Guard guard = protocol::guard_of(before.lane, move.to);
  const bool can_be_ticked =
      !open.empty() && std::ranges::none_of(open, [](const Checkbox& box) { return box.task_id.empty(); });
  if (!move.force && guard == Guard::subtasks && can_be_ticked) return tick_command(feature, open);
  std::string command = move_command(feature, before, move.to);
  if (!move.review_ref.empty()) {
    command += " --review-ref " + shell_word(move.review_ref);
  } else if (!move.force && guard == Guard::review_ref) {
    command += " --review-ref REF";
  }
  if (move.actor.empty() && (guard == Guard::actor || guard == Guard::reviewer)) command += " --actor NAME";
  const bool forced = move.force || guard == Guard::forbidden || guard == Guard::subtasks;
  if (forced) command += " --force";
  if (!move.reason.empty()) {
    command += " --reason " + shell_word(move.reason);
  } else if (forced || guard == Guard::reason) {
    command += " --reason TEXT";
  }
  return command;
}

}  // namespace

std::string move_command(const Feature& feature, const WorkPackage& work_package, Lane to) {
  return fmt::format("pawprint move-task {} --to {} --feature {}", work_package.id, protocol::name_of(to),
                     shell_word(feature.slug));
}

Result<void> check_lanes(const Environment& environment, const Feature& feature, const WorkPackage& before,
                         const Move& move) {
  protocol::MoveFacts facts{move.actor, move.reason, move.review_ref, true, move.force};
  std::vector<Checkbox> open;
  if (protocol::guard_of(before.lane, move.to) == Guard::subtasks) {
    PAW_TRY(boxes, open_boxes(environment, feature, before));
    open = std::move(boxes);
    facts.subtasks_done = open.empty();
  }
  auto checked = protocol::check_move(before.lane, move.to, facts);
  if (checked) return {};
  checked.error().message = fmt::format("{}: {}", before.id, checked.error().message);
  checked.error().hint = allowed_command(feature, before, move, open);
  if (open.empty()) return checked;
  checked.error().message += fmt::format(
      "; {} open in tasks.md, the first is \"{}\"",
      open.size() == 1 ? "one box is" : fmt::format("{} boxes are", open.size()), open.front().text);
  checked.error().line = open.front().line;
  return with_file(checked.error(), feature.tasks_file());
}

}  // namespace pawprint::workflow
