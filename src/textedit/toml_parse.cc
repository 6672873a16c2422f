#include "textedit/toml_parse.h"

#include <optional>

namespace pawprint::textedit {
namespace {

// nullopt: the parser lost its way, and cannot say where.
std::optional<std::expected<toml::table, TomlProblem>> try_to_parse(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const toml::source_position& at = error.source().begin;
    return std::unexpected(TomlProblem{std::string(error.description()), static_cast<int>(at.line),
                                       static_cast<int>(at.column)});
  } catch (const TomlAssertion&) {
    return std::nullopt;
  }
}

}  // namespace

std::expected<toml::table, TomlProblem> parse_toml(std::string_view text) {
  if (auto parsed = try_to_parse(text)) return *std::move(parsed);
  // The first line with which it does.
  int line = 1;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    if (!try_to_parse(text.substr(0, end))) break;
    ++line;
  }
  return std::unexpected(TomlProblem{"it is not TOML", line, 1});
}

}  // namespace pawprint::textedit
