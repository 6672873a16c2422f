#include "textedit/toml.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/format.h"
#include "textedit/text_lines.h"
#include "textedit/toml_parse.h"
#include "textedit/yaml_checks.h"

namespace pawprint::textedit {
namespace {

Result<toml::table> parse(std::string_view text) {
  auto parsed = parse_toml(text);
  if (parsed) return *std::move(parsed);
  const TomlProblem& problem = parsed.error();
  return invalid_at(problem.line, problem.column, fmt::format("not TOML: {}", problem.why));
}

std::string basic_string(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text += '"';
}

// toml++ counts lines by LF and columns by code point, both from 1.
std::size_t offset_of(std::string_view text, const toml::source_position& position) {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (auto line = position.line; line > 1 && at < text.size(); --line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  const auto is_continuation = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  for (auto column = position.column; column > 1 && at < text.size(); --column) {
    ++at;
    while (at < text.size() && is_continuation(at)) ++at;
  }
  return at;
}

std::string replaced(std::string_view text, const toml::source_region& where, std::string_view value) {
  const std::size_t begin = offset_of(text, where.begin);
  const std::size_t end = std::max(begin, offset_of(text, where.end));
  const bool literal = text.substr(begin).starts_with('\'') && value.find('\'') == std::string_view::npos;
  return fmt::format("{}{}{}", text.substr(0, begin),
                     literal ? fmt::format("'{}'", value) : basic_string(value), text.substr(end));
}

// Behind the last value that stands in the section itself, else behind its header.
std::string added_to(std::string_view text, const toml::table& section, std::string_view assignment) {
  toml::source_position last = section.source().begin;
  for (const auto& [key, node] : section) {
    const bool elsewhere = node.is_table() && !node.as_table()->is_inline();
    if (!elsewhere && !node.is_array_of_tables() && node.source().end.line > last.line)
      last = node.source().end;
  }
  const std::size_t begin = offset_of(text, {last.line, 1});
  return with_lines(text, next_line(text, begin), {std::string(assignment)});
}

std::string appended(std::string_view text, std::string_view table, std::string_view assignment) {
  std::vector<std::string> lines = {fmt::format("[{}]", table), std::string(assignment)};
  if (!text.empty() && text != "\xEF\xBB\xBF") lines.insert(lines.begin(), "");
  return with_lines(text, text.size(), lines);
}

bool reads_as(std::string_view text, const toml::table& expected) {
  const auto read = parse(text);
  return read && *read == expected;
}

}  // namespace

Result<std::string> set_toml_string(std::string_view text, std::string_view table, std::string_view key,
                                    std::string_view value) {
  if (first_bad_byte(value) || value.find_first_of("\t\r\n") != std::string_view::npos)
    return fail(ErrorKind::invalid,
                fmt::format("cannot set {}.{}: the value has a control character", table, key));
  PAW_TRY(root, parse(text));
  const toml::node* known = root.get(table);
  const toml::table* section = known == nullptr ? nullptr : known->as_table();
  const auto refused = [&](const toml::node& node, std::string_view why) {
    return invalid_at(static_cast<int>(node.source().begin.line),
                      static_cast<int>(node.source().begin.column),
                      fmt::format("cannot set {}.{}: {}", table, key, why));
  };
  if (known != nullptr && section == nullptr) return refused(*known, "there is no table of that name");
  const toml::node* old = section == nullptr ? nullptr : section->get(key);
  if (old != nullptr && !old->is_string()) return refused(*old, "what stands there is no string");

  toml::table expected = root;
  if (section == nullptr) expected.insert_or_assign(table, toml::table{});
  expected.get(table)->as_table()->insert_or_assign(key, std::string(value));
  const std::string assignment = fmt::format("{} = {}", key, basic_string(value));
  std::vector<std::string> attempts;
  if (old != nullptr) attempts.push_back(replaced(text, old->source(), value));
  if (old == nullptr && section != nullptr) attempts.push_back(added_to(text, *section, assignment));
  if (old == nullptr) attempts.push_back(appended(text, table, assignment));
  for (std::string& attempt : attempts) {
    if (reads_as(attempt, expected)) return std::move(attempt);
  }
  return refused(known == nullptr ? root : *known,
                 "the table is written in a way that leaves no place for it");
}

}  // namespace pawprint::textedit
