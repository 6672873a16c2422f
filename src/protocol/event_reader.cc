#include "protocol/event_reader.h"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_stack.hpp>
#include <cstddef>
#include <optional>

#include "protocol/canonical_writer.h"
#include "protocol/json.h"
#include "protocol/read_fields.h"

namespace pawprint::protocol {
namespace {

using boost::json::error_code;
using boost::json::value;

constexpr std::size_t kRoomBytes = 32U << 10;  // for the trees of nearly all events

// Builds the tree and, if it is wanted, the canonical text.
class EventBuilder : public HandlerBase {
 public:
  boost::json::value_stack values;
  CanonicalWriter canonical;
  bool with_canonical = true;
  std::size_t keys = 0;

  bool on_object_begin(error_code& ec) { return !with_canonical || canonical.on_object_begin(ec); }
  bool on_object_end(std::size_t n, error_code& ec) {
    values.push_object(n);
    return !with_canonical || canonical.on_object_end(n, ec);
  }
  bool on_array_begin(error_code& ec) { return !with_canonical || canonical.on_array_begin(ec); }
  bool on_array_end(std::size_t n, error_code& ec) {
    values.push_array(n);
    return !with_canonical || canonical.on_array_end(n, ec);
  }
  bool on_key_part(std::string_view part, std::size_t n, error_code& ec) {
    values.push_chars(part);
    return !with_canonical || canonical.on_key_part(part, n, ec);
  }
  bool on_key(std::string_view part, std::size_t n, error_code& ec) {
    ++keys;
    values.push_key(part);
    return !with_canonical || canonical.on_key(part, n, ec);
  }
  bool on_string_part(std::string_view part, std::size_t n, error_code& ec) {
    values.push_chars(part);
    return !with_canonical || canonical.on_string_part(part, n, ec);
  }
  bool on_string(std::string_view part, std::size_t n, error_code& ec) {
    values.push_string(part);
    return !with_canonical || canonical.on_string(part, n, ec);
  }
  bool on_int64(std::int64_t number, std::string_view token, error_code& ec) {
    values.push_int64(number);
    return !with_canonical || canonical.on_int64(number, token, ec);
  }
  bool on_uint64(std::uint64_t number, std::string_view token, error_code& ec) {
    values.push_uint64(number);
    return !with_canonical || canonical.on_uint64(number, token, ec);
  }
  bool on_double(double number, std::string_view token, error_code& ec) {
    values.push_double(number);
    return !with_canonical || canonical.on_double(number, token, ec);
  }
  bool on_bool(bool truth, error_code& ec) {
    values.push_bool(truth);
    return !with_canonical || canonical.on_bool(truth, ec);
  }
  bool on_null(error_code& ec) {
    values.push_null();
    return !with_canonical || canonical.on_null(ec);
  }
};

// Recursion as deep as max_json_depth at most.
std::size_t keys_in(const value& tree) {
  std::size_t keys = 0;
  if (const auto* object = tree.if_object()) {
    keys = object->size();
    for (const auto& [key, member] : *object) keys += keys_in(member);
  } else if (const auto* array = tree.if_array()) {
    for (const value& element : *array) keys += keys_in(element);
  }
  return keys;
}

}  // namespace

struct EventReader::State {
  std::array<unsigned char, kRoomBytes> room;
  std::optional<boost::json::monotonic_resource> memory;
  boost::json::basic_parser<EventBuilder> parser{strict_options()};
  std::optional<value> tree;

  // nullptr: it is refused.
  const value* parse(std::string_view json) {
    EventBuilder& builder = parser.handler();
    forget();
    builder.values.reset(&memory.emplace(room.data(), room.size()));
    error_code ec;
    const std::size_t offset = parser.write_some(false, json.data(), json.size(), ec);
    if (ec || offset < json.size()) return nullptr;
    return &tree.emplace(builder.values.release());
  }

  // First what is in the memory, then the memory: a new one, as release() lets the next one ask for twice as
  // much as this one did.
  void forget() {
    EventBuilder& builder = parser.handler();
    tree.reset();
    parser.reset();
    builder.values.reset();
    builder.canonical.clear();
    builder.keys = 0;
    memory.reset();
  }
};

EventReader::EventReader(Canonical canonical) : state_(std::make_unique<State>()) {
  state_->parser.handler().with_canonical = canonical == Canonical::wanted;
}
EventReader::~EventReader() = default;

// The library keeps the last one of two members with one key, so then there are fewer than came. What is
// refused is parsed again by parse_json, which tells why and where.
Result<ReadEvent> EventReader::read(std::string_view json) {
  const value* tree = state_->parse(json);
  const EventBuilder& builder = state_->parser.handler();
  if (tree == nullptr || keys_in(*tree) != builder.keys) {
    PAW_TRY(parsed, parse_json(json));
    return fail(ErrorKind::invalid, "an event: it cannot be read");
  }
  Result<ReadEvent> event;
  event->canonical = builder.canonical.out;
  if (auto fields = read_fields(*tree, *event); !fields) event = std::unexpected(std::move(fields.error()));
  return event;
}

}  // namespace pawprint::protocol
