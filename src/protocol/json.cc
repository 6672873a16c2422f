#include "protocol/json.h"

#include <algorithm>
#include <boost/json/value_stack.hpp>

#include "base/format.h"
#include "protocol/envelope.h"
#include "protocol/json_parser.h"

namespace pawprint::protocol {
namespace {

using boost::json::error_code;

// Builds the tree, and refuses a key that its object has already (the library would keep the last one).
class TreeBuilder : public HandlerBase {
 public:
  boost::json::value_stack values;

  bool on_object_begin(error_code&) {
    keys_.open();
    return true;
  }
  bool on_object_end(std::size_t n, error_code&) {
    keys_.close();
    values.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    values.push_array(n);
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, error_code&) {
    key_ += part;
    values.push_chars(part);
    return true;
  }
  bool on_key(std::string_view part, std::size_t, error_code& ec) {
    key_ += part;
    values.push_key(part);
    std::string key = std::move(key_);
    key_.clear();
    if (keys_.add(key)) return true;
    return refuse(ec, fmt::format("duplicate key {}", json_string(key)));
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    values.push_chars(part);
    return true;
  }
  bool on_string(std::string_view part, std::size_t, error_code&) {
    values.push_string(part);
    return true;
  }
  bool on_int64(std::int64_t number, std::string_view, error_code&) {
    values.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, std::string_view, error_code&) {
    values.push_uint64(number);
    return true;
  }
  bool on_double(double number, std::string_view, error_code&) {
    values.push_double(number);
    return true;
  }
  bool on_bool(bool truth, error_code&) {
    values.push_bool(truth);
    return true;
  }
  bool on_null(error_code&) {
    values.push_null();
    return true;
  }

 private:
  KeyLedger keys_;
  std::string key_;
};

bool is_plain_key(std::string_view key) {
  const auto plain = [](char c) {
    return c == '_' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !key.empty() && std::ranges::all_of(key, plain);
}

}  // namespace

Error json_error(std::string_view text, std::size_t offset, std::string_view why) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto column = 1 + std::ranges::count_if(before.substr(line_start), is_first_byte);
  Error error;
  error.kind = ErrorKind::invalid;
  error.message = fmt::format("not valid JSON: {} at line {}, column {}", why, line, column);
  error.line = static_cast<int>(line);
  return error;
}

bool KeyLedger::add(std::string key) {
  constexpr std::ptrdiff_t kScannedKeys = 32;
  Frame& frame = frames_.back();
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(frame.first);
  if (keys_.end() - first < kScannedKeys) {
    if (std::find(first, keys_.end(), key) != keys_.end()) return false;
    keys_.push_back(std::move(key));
    return true;
  }
  if (frame.many.empty()) frame.many.insert(first, keys_.end());
  return frame.many.insert(std::move(key)).second;
}

Result<boost::json::value> parse_json(std::string_view text) {
  boost::json::basic_parser<TreeBuilder> parser(strict_options());
  parser.handler().values.reset();
  PAW_TRY(parsed, run_parser(parser, text));
  return parser.handler().values.release();
}

std::string child_path(std::string_view parent, std::string_view key) {
  if (!is_plain_key(key)) return fmt::format("{}[{}]", parent, json_string(key));
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

std::string child_path(std::string_view parent, std::size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

}  // namespace pawprint::protocol
