#include "hub/store/transition_run.h"

#include <algorithm>

namespace pawprint::hub::store {
namespace {

constexpr std::size_t kFullBytes = 640;

constexpr unsigned kLaneBits = 3;
constexpr unsigned kLaneMask = (1U << kLaneBits) - 1;
constexpr unsigned kResolve = 1U << (2 * kLaneBits);
constexpr unsigned kOlderClient = kResolve << 1U;
constexpr unsigned kHasCause = 1;
constexpr unsigned kHasActor = 2;

constexpr unsigned kNumberBits = 7;
constexpr unsigned kNumberMore = 1U << kNumberBits;

using Last = TransitionRun::Last;

void remember(const TransitionRow& row, Last& last) {
  last.lamport = row.order.lamport_clock;
  last.event_id = row.order.event_id;
  last.node_id = row.order.node_id;
  if (row.actor) last.actor = *row.actor;
  last.timestamp = row.timestamp;
}

void put_number(std::string& bytes, std::uint64_t number) {
  for (; number >= kNumberMore; number >>= kNumberBits) {
    bytes += static_cast<char>((number & (kNumberMore - 1)) | kNumberMore);
  }
  bytes += static_cast<char>(number);
}

void put_text(std::string& bytes, std::string_view text, std::string_view last) {
  const auto shared = text == last
                          ? text.size()
                          : static_cast<std::size_t>(std::ranges::mismatch(text, last).in1 - text.begin());
  put_number(bytes, shared);
  put_number(bytes, text.size() - shared);
  bytes += text.substr(shared);
}

std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1U) ^ (0 - (difference >> 63U));
}

std::uint64_t unzigzag(std::uint64_t number) {
  return (number >> 1U) ^ (0 - (number & 1U));
}

void put(std::string& bytes, const TransitionRow& row, const Last& last) {
  const auto lanes = static_cast<unsigned>(row.from) | static_cast<unsigned>(row.to) << kLaneBits;
  bytes += static_cast<char>(lanes | (row.resolve ? kResolve : 0U) | (row.older_client ? kOlderClient : 0U));
  bytes += static_cast<char>((row.causation_id ? kHasCause : 0U) | (row.actor ? kHasActor : 0U));
  put_number(bytes, zigzag(row.order.lamport_clock - last.lamport));
  if (row.causation_id) put_text(bytes, *row.causation_id, last.event_id);
  put_text(bytes, row.order.event_id, last.event_id);
  put_text(bytes, row.order.node_id, last.node_id);
  if (row.actor) put_text(bytes, *row.actor, last.actor);
  put_text(bytes, row.timestamp, last.timestamp);
}

// Takes from the front of bytes; after the first thing that is not there, nothing more.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}

  bool at_end() const { return left_.empty(); }
  bool failed() const { return failed_; }

  unsigned byte() {
    if (left_.empty()) {
      failed_ = true;
      return 0;
    }
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }

  std::uint64_t number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += kNumberBits) {
      const std::uint64_t part = byte();
      number |= (part & (kNumberMore - 1)) << shift;
      if ((part & kNumberMore) == 0) return number;
    }
    failed_ = true;
    return 0;
  }

  std::string text(std::string_view last) {
    const std::uint64_t shared = number(), rest = number();
    if (shared > last.size() || rest > left_.size()) failed_ = true;
    if (failed_) return {};
    std::string text(last.substr(0, shared));
    text += left_.substr(0, rest);
    left_.remove_prefix(rest);
    return text;
  }

  protocol::Lane lane(unsigned number) {
    if (number >= protocol::kLanes.size()) failed_ = true;
    return static_cast<protocol::Lane>(number);
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

TransitionRow take(Taker& taker, const Last& last) {
  TransitionRow row;
  const unsigned lanes = taker.byte();
  const unsigned has = taker.byte();
  row.from = taker.lane(lanes & kLaneMask);
  row.to = taker.lane(lanes >> kLaneBits & kLaneMask);
  row.resolve = (lanes & kResolve) != 0;
  row.older_client = (lanes & kOlderClient) != 0;
  row.order.lamport_clock = last.lamport + unzigzag(taker.number());
  if ((has & kHasCause) != 0) row.causation_id = taker.text(last.event_id);
  row.order.event_id = taker.text(last.event_id);
  row.order.node_id = taker.text(last.node_id);
  if ((has & kHasActor) != 0) row.actor = taker.text(last.actor);
  row.timestamp = taker.text(last.timestamp);
  return row;
}

}  // namespace

Result<void> read_transitions(std::string_view bytes, std::vector<TransitionRow>& rows) {
  Taker taker(bytes);
  Last last;
  while (!taker.at_end()) {
    rows.push_back(take(taker, last));
    if (taker.failed()) return fail(ErrorKind::io, "cannot read the board: status changes are damaged");
    remember(rows.back(), last);
  }
  return {};
}

Result<TransitionRun> TransitionRun::read(std::string_view bytes) {
  std::vector<TransitionRow> rows;
  PAW_TRY(done, read_transitions(bytes, rows));
  TransitionRun run;
  run.bytes_ = bytes;
  for (const TransitionRow& row : rows) remember(row, run.last_);
  return run;
}

bool TransitionRun::is_full() const {
  return bytes_.size() >= kFullBytes;
}

void TransitionRun::add(const TransitionRow& row) {
  put(bytes_, row, last_);
  remember(row, last_);
}

}  // namespace pawprint::hub::store
