#include "outbox/spill_line.h"

#include <charconv>

#include "base/format.h"
#include "base/hash.h"
#include "base/rfc3339.h"
#include "protocol/envelope.h"
#include "protocol/ids.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kHighest = R"({"highest":)";

bool take(std::string_view& rest, std::string_view expected) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

std::optional<std::int64_t> take_number(std::string_view& rest) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{} || value < 0) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

std::optional<std::string> take_hex(std::string_view& rest) {
  std::string bytes;
  while (!rest.starts_with('"')) {
    unsigned byte = 0;
    if (rest.size() < 2) return std::nullopt;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + 2, byte, 16);
    if (error != std::errc{} || end != rest.data() + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
    rest.remove_prefix(2);
  }
  return bytes;
}

// False: it begins, but not in the form of the grammar.
bool take_from(std::string_view& rest, std::optional<std::string>& repo_instance) {
  if (!take(rest, R"("from":")")) return true;
  repo_instance = take_hex(rest);
  return repo_instance && take(rest, "\"");
}

// False: there is no link in the form of the grammar.
bool take_link(std::string_view& rest, std::optional<LinkMark>& link,
               std::optional<std::string>& repo_instance) {
  if (take(rest, "null")) return true;
  if (!take(rest, "{")) return false;
  if (take(rest, R"("id":)")) {
    const auto link_id = take_number(rest);
    if (!link_id || !take(rest, R"(,"linked_at":)")) return false;
    const auto linked_at_ms = take_number(rest);
    if (!linked_at_ms) return false;
    link = LinkMark{*link_id, *linked_at_ms};
    if (!take(rest, ",")) return take(rest, "}");
  }
  return take_from(rest, repo_instance) && repo_instance && take(rest, "}");
}

}  // namespace

std::string write_spill_line(std::uint64_t highest, const std::optional<LinkMark>& link,
                             const std::optional<std::string>& repo_instance, std::string_view data) {
  std::string mark;
  if (link) mark = fmt::format(R"("id":{},"linked_at":{})", link->link_id, link->linked_at_ms);
  if (repo_instance) mark += fmt::format(R"({}"from":"{}")", link ? "," : "", hex(*repo_instance));
  mark = mark.empty() ? "null" : fmt::format("{{{}}}", mark);
  return fmt::format("{}{},\"link\":{},\"event\":{}}}\n", kHighest, highest, mark, data);
}

std::optional<std::uint64_t> highest_of_line(std::string_view line) {
  if (!take(line, kHighest)) return std::nullopt;
  const auto highest = take_number(line);
  if (!highest || !line.starts_with(R"(,"link":)")) return std::nullopt;
  return static_cast<std::uint64_t>(*highest);
}

std::optional<std::string> event_id_in(std::string_view line) {
  constexpr std::string_view kKey = R"("event_id":")";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + kKey.size());
  const std::size_t end = line.find('"');
  return end == std::string_view::npos ? std::nullopt : protocol::normalised_event_id(line.substr(0, end));
}

std::optional<SpillLine> read_spill_line(std::string_view line) {
  const auto highest = highest_of_line(line);
  if (!highest) return std::nullopt;
  line.remove_prefix(line.find(',') + 1);
  SpillLine read;
  read.highest = *highest;
  const bool framed = take(line, R"("link":)") && take_link(line, read.link, read.row.repo_instance) &&
                      take(line, R"(,"event":)") && line.ends_with("}");
  if (!framed) return std::nullopt;
  line.remove_suffix(1);
  auto envelope = protocol::read_envelope(line);
  if (!envelope) return std::nullopt;
  read.row.event_id = std::move(envelope->event_id);
  read.row.lamport = envelope->lamport_clock;
  read.row.project_uuid = std::move(envelope->project_uuid);
  read.row.emitted_ms = unix_ms_of(envelope->timestamp);
  read.row.data = line;
  return read;
}

}  // namespace pawprint::outbox
