#include "sync/batching.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace pawprint::sync {
namespace {

constexpr std::uint64_t kFrameBytes = 16;  // {"events":[ ]} and some room

std::pair<Batch, Batch> cut_at(Batch batch, std::size_t position) {
  const auto cut = batch.begin() + static_cast<std::ptrdiff_t>(position);
  Batch rest(std::make_move_iterator(cut), std::make_move_iterator(batch.end()));
  batch.erase(cut, batch.end());
  return {std::move(batch), std::move(rest)};
}

}  // namespace

protocol::IngressLimits bounded(protocol::IngressLimits advertised) {
  const protocol::IngressLimits ours = protocol::default_limits();
  const auto bound = [](std::uint64_t& limit, std::uint64_t most) { limit = std::min(limit, most); };
  bound(advertised.max_events_per_batch, ours.max_events_per_batch);
  bound(advertised.max_bytes_per_batch, ours.max_bytes_per_batch);
  bound(advertised.max_decompressed_bytes_per_batch, ours.max_decompressed_bytes_per_batch);
  return advertised;
}

std::uint64_t body_bytes(const Batch& batch) {
  std::uint64_t bytes = kFrameBytes;
  for (const Row& row : batch) bytes += row.bytes + 1;
  return bytes;
}

std::uint64_t event_bytes_budget(const protocol::IngressLimits& limits) {
  const std::uint64_t overhead = kFrameBytes + limits.max_events_per_batch;
  const std::uint64_t most = limits.max_decompressed_bytes_per_batch;
  return most > overhead ? most - overhead : 1;
}

Batch take_batch(Batch& rows, const protocol::IngressLimits& limits) {
  std::uint64_t bytes = kFrameBytes;
  std::size_t count = 0;
  while (count < rows.size() && count < limits.max_events_per_batch) {
    bytes += rows[count].bytes + 1;
    if (count > 0 && bytes > limits.max_decompressed_bytes_per_batch) break;
    ++count;
  }
  auto [taken, rest] = cut_at(std::move(rows), count);
  rows = std::move(rest);
  return taken;
}

std::pair<Batch, Batch> halve_by_bytes(Batch batch) {
  const std::uint64_t half = body_bytes(batch) / 2;
  std::uint64_t bytes = kFrameBytes;
  std::size_t count = 0;
  while (count + 1 < batch.size() && (count == 0 || bytes + batch[count].bytes < half)) {
    bytes += batch[count].bytes + 1;
    ++count;
  }
  return cut_at(std::move(batch), count);
}

std::pair<Batch, Batch> halve_by_count(Batch batch) {
  const std::size_t middle = batch.size() / 2;
  return cut_at(std::move(batch), middle);
}

std::vector<const protocol::Verdict*> match_verdicts(const Batch& batch,
                                                     const std::vector<protocol::Verdict>& verdicts) {
  std::unordered_map<std::string_view, const protocol::Verdict*> by_id;
  for (const protocol::Verdict& verdict : verdicts) {
    if (!verdict.event_id) continue;
    const auto [entry, is_first] = by_id.emplace(*verdict.event_id, &verdict);
    if (!is_first) entry->second = nullptr;
  }
  const bool one_each = verdicts.size() == batch.size();
  std::vector<const protocol::Verdict*> matched;
  matched.reserve(batch.size());
  for (std::size_t position = 0; position < batch.size(); ++position) {
    const protocol::Verdict* verdict = nullptr;
    if (const auto entry = by_id.find(batch[position].event_id); entry != by_id.end()) {
      verdict = entry->second;
    } else if (one_each && !verdicts[position].event_id &&
               verdicts[position].status == protocol::VerdictStatus::error) {
      verdict = &verdicts[position];
    }
    matched.push_back(verdict);
  }
  return matched;
}

}  // namespace pawprint::sync
