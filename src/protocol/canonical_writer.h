// The canonical text of an event (canonical.h), written while a parser goes over it. For .cc files of this
// module.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_parser.h"

namespace pawprint::protocol {

// A handler of Boost.JSON's event parser. Writes each value where it stands, and brings the members of an
// object into order when the object ends. To be used again after clear(), with the memory it has.
class CanonicalWriter : public HandlerBase {
  using error_code = boost::json::error_code;

 public:
  std::string out;

  void clear() {
    out.clear();
    keys_.clear();
    text_.clear();
    frames_.clear();
    members_.clear();
  }

  bool on_object_begin(error_code&) {
    before_value();
    frames_.push_back({out.size(), members_.size(), keys_.size(), true});
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (!bring_into_order(frame, ec)) return false;
    members_.resize(frame.first_member);
    keys_.resize(frame.first_key);
    after_value();
    return true;
  }
  bool on_array_begin(error_code&) {
    before_value();
    frames_.push_back({out.size(), members_.size(), keys_.size(), false});
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
    begin_member(whole(part));
    text_.clear();
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    text_ += part;
    return true;
  }
  bool on_string(std::string_view part, std::size_t, error_code&) {
    before_value();
    write_string(whole(part));
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
    std::uint64_t rank;  // of the first bytes of the key, for most comparisons
    std::size_t key_begin, key_size;
    std::size_t begin, end;  // of `"key":value` in `out`
  };
  struct Frame {
    std::size_t begin, first_member, first_key;
    bool is_object;
  };

  std::string_view whole(std::string_view last_part) {
    if (text_.empty()) return last_part;
    text_ += last_part;
    return text_;
  }
  std::string_view key_of(const Member& member) const {
    return std::string_view(keys_).substr(member.key_begin, member.key_size);
  }
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
    if (!frames_.empty() && frames_.back().is_object) members_.back().end = out.size();
  }
  void begin_member(std::string_view key);
  void write_string(std::string_view text);
  bool bring_into_order(const Frame& frame, error_code& ec);
  bool less(const Member& a, const Member& b) const;

  std::string keys_;  // of the objects that are open
  std::string text_;
  std::string sorted_;
  std::vector<Frame> frames_;
  std::vector<Member> members_;  // of the objects that are open
};

}  // namespace pawprint::protocol
