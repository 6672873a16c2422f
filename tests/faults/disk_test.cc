// A disk that fails under the real hub.
#include <algorithm>

#include "faults/fault_fixture.h"
#include "faults/preloaded.h"
#include "harness/size.h"

namespace pawprint::testing {
namespace {

constexpr int kSyncFailed = 74;

class HubDisk : public FaultTest {};

TEST_F(HubDisk, ASyncThatFailsOnceEndsTheHubBeforeAnybodyIsAnswered) {
  const fs::path fail_now = directory_.path() / "fail now";
  hub_.kill();
  hub_.start(preloaded({{"PAW_FAIL_SYNC_OF", "-wal"}, {"PAW_FAIL_SYNC_WHEN", fail_now}}));
  Member member = kim();
  EXPECT_EQ(member.batch(member_events(1, 10), ledger_).success, 10U);
  write_text(fail_now, "");
  EXPECT_FALSE(member.batch(member_events(11, 10)));
  EXPECT_EQ(hub_.wait(), kSyncFailed);
  hub_.start();
  ledger_.expect_kept(hub_.data());
  const Verdicts again = member.batch(member_events(1, 20), ledger_);
  EXPECT_EQ(again.success + again.duplicate, 20U);
  EXPECT_GE(again.duplicate, 10U);
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
