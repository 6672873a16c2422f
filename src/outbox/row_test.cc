#include "outbox/row.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <utility>

namespace pawprint::outbox {
namespace {

constexpr std::array kStates{RowState::intent, RowState::pending,   RowState::sent,
                             RowState::parked, RowState::discarded, RowState::dropped};

TEST(RowState, MovesOnlyAsTheDocumentSays) {
  const std::set<std::pair<RowState, RowState>> allowed{
      {RowState::intent, RowState::pending}, {RowState::intent, RowState::dropped},
      {RowState::pending, RowState::sent},   {RowState::pending, RowState::parked},
      {RowState::parked, RowState::pending}, {RowState::parked, RowState::discarded},
      {RowState::sent, RowState::pending},   {RowState::pending, RowState::discarded}};
  for (const RowState from : kStates) {
    for (const RowState to : kStates) {
      EXPECT_EQ(may_move(from, to), allowed.contains({from, to})) << name_of(from) << " -> " << name_of(to);
    }
  }
}

TEST(RowState, EveryNameIsReadBack) {
  for (const RowState state : kStates) EXPECT_EQ(state_named(name_of(state)), state);
  EXPECT_FALSE(state_named("lost"));
}

TEST(RowStates, AreKnownWithOneByteDamaged) {
  EXPECT_EQ(state_meant("pending"), RowState::pending);
  EXPECT_EQ(state_meant("qending"), RowState::pending);
  EXPECT_EQ(state_meant("discardee"), RowState::discarded);
  for (const std::string_view other : {"", "qendinf", "pendin", "pendingg", "sxxt"})
    EXPECT_EQ(state_meant(other), std::nullopt) << other;
}

}  // namespace
}  // namespace pawprint::outbox
