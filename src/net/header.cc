#include <algorithm>

#include "net/http_server.h"
#include "net/same_word.h"

namespace pawprint::net {
namespace {

const std::string* find_header(const std::vector<Header>& headers, std::string_view name) {
  const auto found =
      std::ranges::find_if(headers, [&](const Header& header) { return same_word(header.name, name); });
  return found == headers.end() ? nullptr : &found->value;
}

}  // namespace

const std::string* HttpAnswer::header(std::string_view name) const {
  return find_header(headers, name);
}

const std::string* ServerRequest::header(std::string_view name) const {
  return find_header(headers, name);
}

}  // namespace pawprint::net
