#include "base/edit_hint.h"

#include "base/format.h"
#include "base/shell_word.h"

namespace pawprint {
namespace {

constexpr std::string_view kEdit = "edit ";
constexpr std::string_view kThen = ", then: ";

}  // namespace

std::string edit_hint(const Path& file, int line, std::string_view then) {
  const std::string place = line > 0 ? fmt::format(":{}", line) : "";
  return fmt::format("{}{}{}{}{}", kEdit, shell_word(file.string()), place, kThen, then);
}

std::optional<EditHint> read_edit_hint(std::string_view hint) {
  const auto then = hint.rfind(kThen);
  if (!hint.starts_with(kEdit) || then == std::string_view::npos) return std::nullopt;
  return EditHint{std::string(hint.substr(0, then)), std::string(hint.substr(then + kThen.size()))};
}

}  // namespace pawprint
