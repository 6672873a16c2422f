// What the commands of an administrator say of a database that is damaged: what it is, and the way back.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hub/main/hub_fixture.h"

namespace pawprint::hub {
namespace {

class DamagedTest : public HubFixture {
 protected:
  void SetUp() override {
    HubFixture::SetUp();
    add_ada();
  }

  static std::string bytes_of(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  static void write(const std::string& file, std::string_view bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  }
  Ended run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--data", data_});
    return run_to_end(std::move(words));
  }
};

TEST_F(DamagedTest, EveryCommandNamesTheWayBack) {
  const std::string whole = bytes_of(data_ + "/hub.db");
  std::string without_head = whole;
  without_head.replace(0, 16, 16, 'x');
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), without_head}) {
    write(data_ + "/hub.db", damaged);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"serve", "--listen", "127.0.0.1:0"},
          {"verify"},
          {"backup", root_ + "/backup.db"},
          {"team", "list"},
          {"migrate"}}) {
      const Ended ended = run(words);
      EXPECT_EQ(ended.exit_code, 1) << words[0];
      EXPECT_TRUE(ended.err.contains("\n  try: pawprint-hub restore BACKUP --data ANOTHER_DIR\n"))
          << words[0] << ": " << ended.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(root_ + "/backup.db"));
}

// One page in the middle, which only those meet who read it.
TEST_F(DamagedTest, WhoMeetsADamagedPageNamesTheWayBackAlsoOfAHubThatRuns) {
  std::string damaged = bytes_of(data_ + "/hub.db");
  const auto email = damaged.rfind("ada@example.org");
  ASSERT_NE(email, std::string::npos);
  damaged.replace(email / 4096 * 4096, 64, 64, '\xff');
  write(data_ + "/hub.db", damaged);
  for (const bool runs : {false, true}) {
    if (runs) start();
    for (const std::vector<std::string>& words : {std::vector<std::string>{"user", "list", "--team", "acme"},
                                                  {"verify"},
                                                  {"backup", root_ + "/b.db"}}) {
      const Ended ended = run(words);
      EXPECT_EQ(ended.exit_code, 1) << words[0] << ended.out;
      EXPECT_TRUE(ended.err.contains("\n  try: pawprint-hub restore BACKUP --data ANOTHER_DIR\n"))
          << words[0] << ": " << ended.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(root_ + "/b.db.part"));
}

TEST_F(DamagedTest, ADamagedBackupIsCalledThatAndLeavesNothingBehind) {
  const std::string backup = root_ + "/backup.db";
  ASSERT_EQ(run({"backup", backup}).exit_code, 0);
  const std::string whole = bytes_of(backup);
  data_ = root_ + "/restored";
  for (const std::string& bytes :
       {whole.substr(0, whole.size() / 2), whole.substr(0, 100), std::string("text")}) {
    write(backup, bytes);
    const Ended ended = run({"restore", backup});
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_TRUE(ended.err.starts_with("pawprint-hub: cannot restore " + backup + ": it is damaged"))
        << ended.err;
    EXPECT_TRUE(ended.err.ends_with("\n  try: pawprint-hub restore ANOTHER_BACKUP --data " + data_ + "\n"))
        << ended.err;
    EXPECT_FALSE(std::filesystem::exists(data_));
  }
  const Ended none = run({"restore", root_ + "/none.db"});
  EXPECT_TRUE(none.err.ends_with("restore ANOTHER_BACKUP --data " + data_ + "\n")) << none.err;
  EXPECT_FALSE(std::filesystem::exists(data_));
}

}  // namespace
}  // namespace pawprint::hub
