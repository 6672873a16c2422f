#include "hub/main/columns.h"

#include <algorithm>

#include "base/printable.h"

namespace pawprint::hub {
namespace {

std::string cell_of(const std::string& text) {
  return text.empty() ? "-" : printable(text);
}

// In code points: names are not ASCII everywhere.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string in_columns(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(cell_of(row[i])));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = cell_of(row[i]);
      text += cell;
      text += i + 1 == row.size() ? "\n" : std::string(widths[i] - width_of(cell) + 2, ' ');
    }
  }
  return text;
}

}  // namespace pawprint::hub
