#include "protocol/canonical.h"

#include "protocol/canonical_writer.h"

namespace pawprint::protocol {

Result<std::string> canonical_form(std::string_view event_json) {
  boost::json::basic_parser<CanonicalWriter> parser(strict_options());
  parser.handler().out.reserve(event_json.size());
  PAW_TRY(parsed, run_parser(parser, event_json));
  return std::move(parser.handler().out);
}

Result<Digest> content_hash(std::string_view event_json) {
  PAW_TRY(canonical, canonical_form(event_json));
  return sha256(canonical);
}

}  // namespace pawprint::protocol
