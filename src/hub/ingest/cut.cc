#include "hub/ingest/cut.h"

#include "base/format.h"
#include "hub/ingest/scan.h"

namespace pawprint::hub::ingest {
namespace {

std::unexpected<Error> cannot_cut(std::string_view why, std::size_t at) {
  return fail(ErrorKind::invalid, fmt::format("the batch cannot be read: {} at byte {}", why, at));
}

std::string_view without_space_around(std::string_view text) {
  text.remove_prefix(skip_space(text, 0));
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

class Cutter {
 public:
  Cutter(std::string_view body, std::size_t max_events) : body_(body), max_events_(max_events) {}

  Result<std::vector<std::string_view>> cut() {
    PAW_TRY(opened, expect('{', "expected {\"events\":[...]}"));
    for (;;) {
      PAW_TRY(member, cut_member());
      if (events_.size() > max_events_) return std::move(events_);
      at_ = skip_space(body_, at_);
      if (at_ == body_.size()) return cannot_cut("the object does not end", at_);
      if (body_[at_] == '}') break;
      PAW_TRY(comma, expect(',', "expected a comma or the end of the object"));
    }
    at_ = skip_space(body_, at_ + 1);
    if (at_ != body_.size()) return cannot_cut("there is something behind the object,", at_);
    if (!has_events_) return cannot_cut("it has no list \"events\",", at_);
    return std::move(events_);
  }

 private:
  Result<void> expect(char wanted, std::string_view otherwise) {
    at_ = skip_space(body_, at_);
    if (at_ == body_.size() || body_[at_] != wanted) return cannot_cut(otherwise, at_);
    ++at_;
    return {};
  }

  Result<void> cut_member() {
    at_ = skip_space(body_, at_);
    if (at_ == body_.size() || body_[at_] != '"') return cannot_cut("expected a key", at_);
    const std::size_t key_end = skip_string(body_, at_);
    const std::string_view key = body_.substr(at_, key_end - at_);
    at_ = key_end;
    PAW_TRY(colon, expect(':', "expected a colon"));
    if (!says(key, "events")) {
      at_ = skip_element(body_, at_, '}');
      return {};
    }
    if (has_events_) return cannot_cut("two lists \"events\",", at_);
    has_events_ = true;
    PAW_TRY(bracket, expect('[', "\"events\" is no list"));
    return cut_list();
  }

  Result<void> cut_list() {
    at_ = skip_space(body_, at_);
    if (at_ < body_.size() && body_[at_] == ']') {
      ++at_;
      return {};
    }
    for (;;) {
      const std::size_t begin = skip_space(body_, at_);
      const std::size_t end = skip_element(body_, begin, ']');
      if (end == body_.size()) return cannot_cut("an event that does not end", begin);
      events_.push_back(without_space_around(body_.substr(begin, end - begin)));
      at_ = end + 1;
      if (body_[end] == ']' || events_.size() > max_events_) return {};
    }
  }

  std::string_view body_;
  std::size_t max_events_;
  std::size_t at_ = 0;
  bool has_events_ = false;
  std::vector<std::string_view> events_;
};

}  // namespace

Result<std::vector<std::string_view>> cut_events(std::string_view body, std::size_t max_events) {
  return Cutter(body, max_events).cut();
}

SideBySide side_by_side(std::span<const std::string> texts) {
  std::string whole;
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  whole.reserve(bytes);
  for (const std::string& text : texts) whole += text;
  SideBySide all{std::make_shared<const std::string>(std::move(whole)), {}};
  std::size_t at = 0;
  for (const std::string& text : texts) {
    all.events.push_back(without_space_around(std::string_view(*all.whole).substr(at, text.size())));
    at += text.size();
  }
  return all;
}

}  // namespace pawprint::hub::ingest
