// What the tests of the delivery engine hand to it. For tests alone.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "sync/step.h"

namespace pawprint::sync {

using protocol::Verdict;
using protocol::VerdictStatus;

inline constexpr Moment kMoment{.now_ms = 1'000'000, .jitter = 0xffff'ffff'ffff'ffff};

inline Row row(std::int64_t id, std::uint64_t bytes = 100) {
  Row made;
  made.id = id;
  made.event_id = fmt::format("E{}", id);
  made.bytes = bytes;
  return made;
}

inline Batch rows(std::int64_t count, std::uint64_t bytes = 100) {
  Batch batch;
  for (std::int64_t id = 1; id <= count; ++id) batch.push_back(row(id, bytes));
  return batch;
}

inline Verdict verdict(std::int64_t id, VerdictStatus status = VerdictStatus::success) {
  return {.event_id = fmt::format("E{}", id), .status = status, .error_message = {}, .error_category = {}};
}

inline Answered answer(int status) {
  Answered answered;
  answered.status = status;
  answered.in_hubs_words = status >= 400;
  return answered;
}

inline Answered verdicts(std::vector<Verdict> list, int status = 200) {
  Answered answered = answer(status);
  answered.verdicts = std::move(list);
  return answered;
}

template <class Kind>
const Kind* last_as(const std::vector<Action>& actions) {
  return std::get_if<Kind>(&actions.back());
}

template <class Kind>
const Kind* first_as(const std::vector<Action>& actions) {
  return std::get_if<Kind>(&actions.front());
}

// A delivery whose batch of `count` events has just been posted.
inline State posted(std::int64_t count, std::uint64_t bytes = 100) {
  State state(protocol::default_limits());
  const auto started = step(state, Started{}, kMoment);
  EXPECT_NE(last_as<LoadRows>(started), nullptr);
  const auto loaded = step(state, RowsLoaded{rows(count, bytes)}, kMoment);
  EXPECT_NE(last_as<Post>(loaded), nullptr);
  return state;
}

}  // namespace pawprint::sync
