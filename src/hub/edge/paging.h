// Lists that are read a page at a time: ?after=<cursor>&limit=
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "hub/edge/exchange.h"

namespace pawprint::hub::edge {

struct WantedPage {
  std::optional<std::string> after;  // nullopt: the first page
  std::size_t limit;
};

// nullopt: the limit is none that a page may have.
std::optional<WantedPage> wanted_page(const Exchange& exchange);

// 400, for those.
net::ServerAnswer no_such_page_size();

// For a page that could not be read. Kind `invalid`: the cursor cannot be continued, 410.
net::ServerAnswer page_failed(Exchange& exchange, const Error& error);

}  // namespace pawprint::hub::edge
