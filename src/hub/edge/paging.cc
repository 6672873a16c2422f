#include "hub/edge/paging.h"

#include <charconv>

#include "base/format.h"
#include "hub/edge/json_answer.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMaxLimit = 1000;

}  // namespace

std::optional<WantedPage> wanted_page(const Exchange& exchange) {
  WantedPage wanted{query_value(exchange, "after"), kDefaultLimit};
  const auto text = query_value(exchange, "limit");
  if (!text) return wanted;
  const char* end = text->data() + text->size();
  const auto [stopped, code] = std::from_chars(text->data(), end, wanted.limit);
  if (code != std::errc{} || stopped != end || wanted.limit == 0 || wanted.limit > kMaxLimit)
    return std::nullopt;
  return wanted;
}

net::ServerAnswer no_such_page_size() {
  return error_answer(400, fmt::format("limit must be a number from 1 to {}", kMaxLimit));
}

net::ServerAnswer page_failed(Exchange& exchange, const Error& error) {
  if (error.kind == ErrorKind::invalid) return error_answer(410, error.message, "resync");
  return store_failed(exchange, error);
}

}  // namespace pawprint::hub::edge
