// Cutting lists of events into batches that a hub takes, and matching its verdicts to them. Pure.
#pragma once

#include <utility>
#include <vector>

#include "sync/step.h"

namespace pawprint::sync {

// What a hub advertises, but never more than the protocol's own limits.
protocol::IngressLimits bounded(protocol::IngressLimits advertised);

// Bytes of the request body that carries these events, before compression.
std::uint64_t body_bytes(const Batch& batch);

// How many bytes of events fit into one body under these limits.
std::uint64_t event_bytes_budget(const protocol::IngressLimits& limits);

// Takes the longest beginning of `rows` that the limits allow, of one event at least; `rows` keeps the rest.
Batch take_batch(Batch& rows, const protocol::IngressLimits& limits);

// Two parts, neither empty, of about the same number of bytes, or of events. `batch` has two events at least.
std::pair<Batch, Batch> halve_by_bytes(Batch batch);
std::pair<Batch, Batch> halve_by_count(Batch batch);

// The verdict on each event of the batch, nullptr where the answer decides nothing: no verdict with its id,
// or more than one. In an answer with one verdict per event, a refusal without an id is that of the event at
// its position; a success without an id is no proof that this event was stored.
std::vector<const protocol::Verdict*> match_verdicts(const Batch& batch,
                                                     const std::vector<protocol::Verdict>& verdicts);

}  // namespace pawprint::sync
