#include "hub/store/board_rows.h"

#include <utility>

namespace pawprint::hub::store {
namespace {

constexpr std::array kFactNames = {
    std::pair{FactKind::title, std::string_view("title")},
    std::pair{FactKind::assignee, std::string_view("assignee")},
    std::pair{FactKind::feature_number, std::string_view("feature_number")},
    std::pair{FactKind::target_branch, std::string_view("target_branch")},
    std::pair{FactKind::project_slug, std::string_view("project_slug")},
    std::pair{FactKind::repo_slug, std::string_view("repo_slug")},
};
static_assert(kFactNames.size() == kFactKinds);

}  // namespace

std::string_view name_of(FactKind kind) {
  for (const auto& [known, name] : kFactNames) {
    if (known == kind) return name;
  }
  return {};
}

std::optional<FactKind> fact_kind_of(std::string_view name) {
  for (const auto& [kind, known] : kFactNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

}  // namespace pawprint::hub::store
