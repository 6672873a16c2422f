#include "hub/main/sync_failure.h"

#include <gtest/gtest.h>

#include "hub/store/faulty_vfs_for_test.h"
#include "hub/store/store_fixture.h"

namespace pawprint::hub {
namespace {

class SyncFailureTest : public store::StoreFixture {
 protected:
  void append_over_a_disk_that_fails() {
    store::FaultyVfs vfs;
    open_store();
    const std::string team_id = make_team("acme").team_id;
    stop_on_sync_failure(*store_);
    vfs.fail_once();
    store::NewEvent event;
    event.event_id = "A";
    const auto appended = store_->log().append(team_id, std::vector{event});
    std::_Exit(appended ? 0 : 1);  // whoever waits for a verdict would have gone on
  }
};

TEST_F(SyncFailureTest, TheProcessEndsBeforeAnybodyIsAnswered) {
  store_.reset();  // no thread of ours when the process is copied
  EXPECT_EXIT(append_over_a_disk_that_fails(), testing::ExitedWithCode(kSyncFailed), "stopping");
  open_store();
  EXPECT_TRUE(store_->users().find_team("acme").value());
}

}  // namespace
}  // namespace pawprint::hub
