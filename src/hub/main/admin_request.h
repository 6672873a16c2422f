// What an administrator asks of a hub, and what they get: in this process, or as lines of JSON over
// DIR/admin.sock (docs/protocol.md).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::hub {

inline constexpr std::size_t kMaxAdminRequestBytes = 64U << 10;

struct AdminRequest {
  std::string verb;                                         // a row's name in admin.cc, as "team add"
  std::map<std::string, std::string, std::less<>> options;  // "slug", "email", ...; absent = empty

  std::string_view option(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::string_view() : std::string_view(found->second);
  }
};

// For hints: "team list" of the same hub, as it is typed in a shell.
std::string typed(std::string_view command, const AdminRequest& request);

// Each is one line with its line feed.
std::string write_request(const AdminRequest& request);
std::string write_answer(const Result<std::string>& answer);

// Kind `invalid` for what is none.
Result<AdminRequest> read_request(std::string_view line);
// The text or the error that write_answer was given; `failed` if the line is no answer.
Result<std::string> read_answer(std::string_view line);

}  // namespace pawprint::hub
