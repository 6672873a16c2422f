// The frames that the hub sends on the live channel (docs/protocol.md), as JSON texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub/board/cursor.h"
#include "hub/store/boards.h"
#include "protocol/batch.h"

namespace pawprint::hub::live {

// `body` goes in as it came.
std::string event_text(std::uint64_t seq, std::string_view cursor, std::string_view body);
// As many of the cards as one message of 1 MB holds; with some left out it says that it is truncated.
std::string snapshot_text(const store::TeamCards& cards, std::string_view cursor, bool truncated);
std::string verdict_text(const protocol::Verdict& verdict);  // ack or error
std::string clock_text(std::uint64_t value);
std::string ping_text(std::string_view timestamp);
std::string resync_text(std::string_view reason, std::string_view cursor);
std::string lagged_text(std::string_view cursor);

}  // namespace pawprint::hub::live
