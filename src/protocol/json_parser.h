// One run of Boost.JSON's event parser over a whole text, with errors that say where. For .cc files of this
// module.
#pragma once

#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/limits.h"

namespace pawprint::protocol {

// Kind `invalid`, with Error::line; the message ends in the line and column of `offset`.
Error json_error(std::string_view text, std::size_t offset, std::string_view why);

// The keys of the objects that are open, to notice one that comes twice.
class KeyLedger {
 public:
  void open() { frames_.push_back({.first = keys_.size(), .many = {}}); }
  void close() {
    keys_.resize(frames_.back().first);
    frames_.pop_back();
  }
  bool add(std::string key);  // false: the innermost object has it already

 private:
  struct Frame {
    std::size_t first;
    std::set<std::string, std::less<>> many;  // in use once the object has more keys than a scan is good for
  };
  std::vector<std::string> keys_;
  std::vector<Frame> frames_;
};

// What every handler needs; a handler refuses by setting `refusal` and returning refuse(ec).
struct HandlerBase {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  std::string refusal;

  bool refuse(boost::json::error_code& ec, std::string why) {
    refusal = std::move(why);
    ec = boost::json::make_error_code(boost::json::error::syntax);
    return false;
  }
  // Numbers and comments arrive whole, because the whole text is given at once.
  bool on_number_part(std::string_view, boost::json::error_code&) { return true; }
  bool on_comment_part(std::string_view, boost::json::error_code&) { return true; }
  bool on_comment(std::string_view, boost::json::error_code&) { return true; }
  bool on_document_begin(boost::json::error_code&) { return true; }
  bool on_document_end(boost::json::error_code&) { return true; }
};

inline boost::json::parse_options strict_options() {
  boost::json::parse_options options;
  options.max_depth = max_json_depth;
  return options;
}

template <class Handler>
Result<void> run_parser(boost::json::basic_parser<Handler>& parser, std::string_view text) {
  boost::json::error_code ec;
  const std::size_t offset = parser.write_some(false, text.data(), text.size(), ec);
  const std::string& refusal = parser.handler().refusal;
  if (ec) return std::unexpected(json_error(text, offset, refusal.empty() ? ec.message() : refusal));
  if (offset < text.size())
    return std::unexpected(json_error(text, offset, "text after the end of the value"));
  return {};
}

}  // namespace pawprint::protocol
