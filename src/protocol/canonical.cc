#include "protocol/canonical.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "protocol/envelope.h"
#include "protocol/ids.h"
#include "protocol/json_parser.h"
#include "protocol/json_string.h"

namespace pawprint::protocol {
namespace {

using boost::json::error_code;

// UTF-8 bytes sort as code points do. UTF-16 puts the code points above U+FFFF (lead bytes F0-F4) before
// U+E000 to U+FFFF (lead bytes EE, EF), because they start with a surrogate; moving those two bytes to the
// end does the same.
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0xEE || byte == 0xEF ? byte + 0x10U : byte;
}

bool utf16_less(const std::string& a, const std::string& b) {
  return std::ranges::lexicographical_compare(a, b, {}, utf16_rank, utf16_rank);
}

// A string at the top level of an event, its id put into its one form.
std::string normalised(std::string_view key, std::string text) {
  if (key == "event_id" || key == "causation_id" || key == "correlation_id") {
    return normalised_event_id(text).value_or(std::move(text));
  }
  if (key == "project_uuid") return normalised_uuid_v4(text).value_or(std::move(text));
  return text;
}

// Writes each value where it stands, and brings the members of an object into order when the object ends.
class CanonicalWriter : public HandlerBase {
 public:
  std::string out;

  bool on_object_begin(error_code&) {
    before_value();
    frames_.push_back({.begin = out.size(), .is_object = true, .members = {}});
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    std::ranges::sort(frame.members, utf16_less, &Member::key);
    const auto twice = std::ranges::adjacent_find(frame.members, {}, &Member::key);
    if (twice != frame.members.end())
      return refuse(ec, fmt::format("duplicate key {}", json_string(twice->key)));
    std::string sorted = "{";
    for (const Member& member : frame.members) {
      if (frames_.empty() && member.key == "type") continue;
      if (sorted.size() > 1) sorted += ',';
      sorted.append(out, member.begin, member.end - member.begin);
    }
    out.resize(frame.begin);
    out += sorted;
    out += '}';
    after_value();
    return true;
  }
  bool on_array_begin(error_code&) {
    before_value();
    frames_.push_back({.begin = out.size(), .is_object = false, .members = {}});
    out += '[';
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    frames_.pop_back();
    out += ']';
    after_value();
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, error_code&) {
    text_ += part;
    return true;
  }
  bool on_key(std::string_view part, std::size_t, error_code&) {
    text_ += part;
    frames_.back().members.push_back({.key = text_, .begin = out.size(), .end = out.size()});
    append_json_string(out, text_);
    out += ':';
    text_.clear();
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    text_ += part;
    return true;
  }
  bool on_string(std::string_view part, std::size_t, error_code&) {
    text_ += part;
    before_value();
    const bool is_top_level = frames_.size() == 1 && frames_.back().is_object;
    append_json_string(out, is_top_level ? normalised(frames_.back().members.back().key, text_) : text_);
    text_.clear();
    after_value();
    return true;
  }
  bool on_int64(std::int64_t, std::string_view token, error_code&) { return write_token(token); }
  bool on_uint64(std::uint64_t, std::string_view token, error_code&) { return write_token(token); }
  bool on_double(double, std::string_view token, error_code&) { return write_token(token); }
  bool on_bool(bool truth, error_code&) { return write_token(truth ? "true" : "false"); }
  bool on_null(error_code&) { return write_token("null"); }

 private:
  struct Member {
    std::string key;
    std::size_t begin;  // of `"key":value` in `out`
    std::size_t end;
  };
  struct Frame {
    std::size_t begin;
    bool is_object;
    std::vector<Member> members;
  };

  bool write_token(std::string_view token) {
    before_value();
    out += token;
    after_value();
    return true;
  }
  void before_value() {
    if (!frames_.empty() && !frames_.back().is_object && out.size() > frames_.back().begin + 1) out += ',';
  }
  void after_value() {
    if (!frames_.empty() && frames_.back().is_object) frames_.back().members.back().end = out.size();
  }

  std::vector<Frame> frames_;
  std::string text_;
};

}  // namespace

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
