// What the agent does to the queue, without a hub: each pending row is settled as sent.
#pragma once

#include <cstdint>
#include <filesystem>

namespace pawprint::testing {

// Waits for rows and settles them until `rows` are settled. An exit code: 0 if every settlement was written.
int settle_until(const std::filesystem::path& home, std::size_t rows);

}  // namespace pawprint::testing
