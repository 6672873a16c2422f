// A line of the spill (docs/state.md):
//
//   line = {"highest":<n>,"link":<link>,"event":<envelope>}
//   link = null | {"id":<n>,"linked_at":<n>} | {"id":<n>,"linked_at":<n>,"from":<hex>} | {"from":<hex>}
//
// exactly so, without other white space. `highest` is the highest Lamport value of this line and of those
// before it in its file, so that the last line answers for a file of any length. `link` is the destination,
// stamped when the line is written; `linked_at` tells it from the link that has its number in a database
// which was made anew. `from` is the project instance that emitted the event (its path, two hex digits a
// byte): where there is no link, or it is not known any more, a link of that instance may release the event.
// The envelope is byte for byte what is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "outbox/links.h"
#include "outbox/row.h"

namespace pawprint::outbox {

struct LinkMark {
  std::int64_t link_id = 0;
  std::int64_t linked_at_ms = 0;
};

struct SpillLine {
  std::uint64_t highest = 0;
  std::optional<LinkMark> link;
  NewRow row;  // without link_id: whether that link is known here is the queue's question
};

// Ends in a newline.
std::string write_spill_line(std::uint64_t highest, const std::optional<LinkMark>& link,
                             const std::optional<std::string>& repo_instance, std::string_view data);

// `line` without its newline. nullopt: torn, or not written by this program.
std::optional<SpillLine> read_spill_line(std::string_view line);
// Of a line that cannot be read: the id of its event, if that much of it can.
std::optional<std::string> event_id_in(std::string_view line);
// The first field alone, without reading the event.
std::optional<std::uint64_t> highest_of_line(std::string_view line);

}  // namespace pawprint::outbox
