#include "outbox/carried_rows.h"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/ulid.h"
#include "outbox/page_records.h"
#include "protocol/json.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kQueueColumns = 12;
constexpr std::size_t kLinkColumns = 9;
constexpr std::size_t kIndexColumns = 2;  // of the index over event ids
constexpr std::size_t kMetaColumns = 4;

// Whether it was sent or given up cannot be told, so a person decides.
constexpr std::string_view kStateUnread = "damaged: its state could not be read";

// Reads values by position; a value of another type than the column can have spoils the record.
class Columns {
 public:
  explicit Columns(const std::vector<RecordValue>& values) : values_(values) {}

  std::int64_t integer(std::size_t at) { return required(maybe_integer(at)); }
  std::string text(std::size_t at) { return required(maybe_text(at)); }

  std::optional<std::int64_t> maybe_integer(std::size_t at) {
    if (is_null(at)) return std::nullopt;
    if (const auto* number = std::get_if<std::int64_t>(&values_[at])) return *number;
    good_ = false;
    return std::nullopt;
  }
  std::optional<std::string> maybe_text(std::size_t at) {
    if (is_null(at)) return std::nullopt;
    if (const auto* words = std::get_if<std::string_view>(&values_[at])) return std::string(*words);
    good_ = false;
    return std::nullopt;
  }
  bool is_null(std::size_t at) const { return std::holds_alternative<std::monostate>(values_[at]); }
  bool good() const { return good_; }

 private:
  template <class T>
  T required(std::optional<T> value) {
    good_ = good_ && value.has_value();
    return value ? *std::move(value) : T{};
  }
  const std::vector<RecordValue>& values_;
  bool good_ = true;
};

// Of a row that was sent and is pending once more there may be a copy for each of its states, in any order:
// it is rather sent once too often than lost.
bool comes_later(const CarriedRow& known, const CarriedRow& row) {
  if (known.state == RowState::sent && row.state == RowState::pending) return row.reason.has_value();
  if (known.state == RowState::pending && row.state == RowState::sent) return !known.reason.has_value();
  return may_move(known.state, row.state);
}

// Values of `meta` that belong to a link and cannot be made anew from the rows.
constexpr std::array<std::string_view, 7> kLinkKeys{
    "epoch", "again_due", "restored", "forgotten", "forgotten_until", "not_kept", "not_kept_until"};

std::int64_t link_in(const std::string& scope) {
  std::int64_t link_id = 0;
  std::from_chars(scope.data(), scope.data() + scope.size(), link_id);
  return link_id;
}

class Gathering {
 public:
  void take(const PageRecord& record) {
    if (record.row_id && record.values.size() == kQueueColumns) take_row(record);
    if (record.row_id && record.values.size() == kLinkColumns) take_link(record);
    if (!record.row_id && record.values.size() == kIndexColumns) take_index_entry(record);
    if (!record.row_id && record.values.size() == kMetaColumns) take_meta(record);
  }

  Carried finished() {
    carried_.rows.merge(of_no_state_);
    for (const std::string& event_id : indexed_)
      if (!carried_.rows.contains(event_id)) carried_.lost_events.insert(event_id);
    std::set<std::int64_t> lost_links;
    for (auto& [event_id, row] : carried_.rows) {
      if (!row.link_id || carried_.links.contains(*row.link_id)) continue;
      lost_links.insert(*row.link_id);
      row.link_id.reset();  // its number will be given to another link
    }
    carried_.lost_links = lost_links.size();
    std::erase_if(carried_.link_meta,
                  [&](const auto& each) { return !carried_.links.contains(link_in(each.first.second)); });
    return std::move(carried_);
  }

 private:
  void take_row(const PageRecord& record) {
    Columns columns(record.values);
    CarriedRow row;
    row.id = *record.row_id;
    std::string event_id = columns.text(1);
    row.lamport = columns.integer(2);
    row.link_id = columns.maybe_integer(3);
    row.project_uuid = columns.maybe_text(4);
    const auto state = state_meant(columns.text(5));
    row.reason = columns.maybe_text(6);
    row.attempts = columns.integer(7);
    row.queued_at = columns.integer(8);
    row.settled_at = columns.maybe_integer(9);
    row.data = columns.text(10);
    row.repo_instance = columns.maybe_text(11);
    if (!columns.good() || !columns.is_null(0) || row.lamport < 0) return;
    row.state = state.value_or(RowState::parked);
    if (!state) row.reason = kStateUnread;
    // A page in the middle of a long event may be another's by now; what is sent must be what was emitted.
    const auto json = protocol::parse_json(row.data);
    if (!json || !json->is_object()) return;
    auto& rows = state ? carried_.rows : of_no_state_;
    const auto [known, is_new] = rows.try_emplace(std::move(event_id), row);
    if (!is_new && comes_later(known->second, row)) known->second = std::move(row);
  }

  void take_link(const PageRecord& record) {
    Columns columns(record.values);
    CarriedLink found;
    found.link.link_id = *record.row_id;
    found.link.project_uuid = columns.text(1);
    found.link.repo_instance = columns.text(2);
    found.link.server_origin = columns.text(3);
    found.link.team_id = columns.text(4);
    found.link.team_slug = columns.text(5);
    found.link.user_id = columns.text(6);
    found.link.linked_at_ms = columns.integer(7);
    found.ended_at = columns.maybe_integer(8);
    if (!columns.good() || !columns.is_null(0)) return;
    CarriedLink& known = carried_.links.try_emplace(*record.row_id, found).first->second;
    if (found.ended_at) known = std::move(found);
  }

  void take_index_entry(const PageRecord& record) {
    Columns columns(record.values);
    const std::string event_id = columns.text(0);
    columns.integer(1);
    if (columns.good() && normalised_ulid(event_id)) indexed_.insert(event_id);
  }

  // The counters are made anew from the rows.
  void take_meta(const PageRecord& record) {
    Columns columns(record.values);
    const std::string key = columns.text(0);
    const std::string scope = columns.text(1);
    const std::int64_t number = columns.integer(2);
    const std::int64_t mark = columns.integer(3);
    if (!columns.good()) return;
    raise("high_water", mark);
    if (scope.empty() && (key == "high_water" || key == "last_delivery_ms")) raise(key, number);
    if (std::ranges::find(kLinkKeys, key) != kLinkKeys.end()) {
      std::int64_t& value = carried_.link_meta[{key, scope}];
      value = std::max(value, number);
    }
  }

  void raise(const std::string& key, std::int64_t to) {
    std::int64_t& value = carried_.meta[key];
    value = std::max(value, to);
  }

  Carried carried_;
  std::map<std::string, CarriedRow> of_no_state_;  // taken where no other copy of the row is found
  std::set<std::string> indexed_;
};

}  // namespace

Carried read_carried(std::string_view database, std::string_view wal) {
  Gathering gathering;
  // A record that cannot be read shows as an event that is in the index alone.
  read_records(database, wal, [&](const PageRecord& record) { gathering.take(record); });
  return gathering.finished();
}

}  // namespace pawprint::outbox
