// What the commands that look at events say while a delivery moves these from the overflow into the queue.
#include <algorithm>

#include "base/disk_with_meanwhile_for_test.h"
#include "cli/command_functions.h"
#include "outbox/spill_for_test.h"

namespace pawprint::cli {
namespace {

using RunCommand = Result<Report> (*)(Context&, const Arguments&);

class SyncMomentTest : public outbox::SpillHomeTest {
 protected:
  static constexpr int kEvents = 20;

  // Runs the command once for each of its looks at the disk, with a refill in between, also with one that
  // makes the queue.
  void with_a_refill_at_each_look(RunCommand run, const Arguments& arguments,
                                  const std::function<void(const Result<Report>&)>& check) {
    for (const bool queue_is_there : {true, false}) {
      SCOPED_TRACE(queue_is_there);
      with_a_refill_at_each_look(queue_is_there, run, arguments, check);
    }
  }

 private:
  void with_a_refill_at_each_look(bool queue_is_there, RunCommand run, const Arguments& arguments,
                                  const std::function<void(const Result<Report>&)>& check) {
    for (int nth = 1;; ++nth) {
      SCOPED_TRACE(nth);
      std::filesystem::remove_all(home_);
      if (queue_is_there) open();
      ASSERT_TRUE(disk_.make_directories(home_, 0700));
      ASSERT_TRUE(spill(1, kEvents));
      DiskWithMeanwhile disk(disk_);
      disk.at_look(nth, [&] { ASSERT_TRUE(open().refill(kRoomy)); });
      Environment environment = environment_;
      environment.variables["PAWPRINT_HOME"] = home_.string();
      environment.directory = directory_;
      environment.disk = &disk;
      Context context{environment, {}, false, {}};
      const auto report = run(context, arguments);
      ASSERT_TRUE(report) << report.error().message;
      check(report);
      if (!disk.is_done()) return;
    }
  }
};

TEST_F(SyncMomentTest, ExportWritesEachEventOnce) {
  with_a_refill_at_each_look(run_sync_export, {}, [](const Result<Report>& report) {
    EXPECT_EQ(std::ranges::count(report->bytes, '\n'), kEvents);
    EXPECT_FALSE(report->error);
  });
}

TEST_F(SyncMomentTest, ShowFindsItsEvent) {
  with_a_refill_at_each_look(
      run_sync_show, {.values = {}, .positionals = {id(kEvents)}},
      [](const Result<Report>& report) { EXPECT_EQ(report->data.at("event_id").as_string(), id(kEvents)); });
}

TEST_F(SyncMomentTest, ListNamesEachEventOnce) {
  with_a_refill_at_each_look(run_sync_list, {}, [](const Result<Report>& report) {
    EXPECT_EQ(report->data.at("events").as_array().size(), kEvents);
  });
}

TEST_F(SyncMomentTest, StatusCountsEachEventOnce) {
  with_a_refill_at_each_look(run_sync_status, {}, [](const Result<Report>& report) {
    const auto& queue = report->data.at("queue");
    EXPECT_EQ(queue.at("unlinked").to_number<int>() + queue.at("spilled").to_number<int>(), kEvents);
  });
}

TEST_F(SyncMomentTest, DiagnoseChecksEachEventOnce) {
  with_a_refill_at_each_look(run_sync_diagnose, {}, [](const Result<Report>& report) {
    EXPECT_EQ(report->data.at("checked").to_number<int>(), kEvents);
  });
}

}  // namespace
}  // namespace pawprint::cli
