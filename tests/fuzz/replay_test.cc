// Every input that was ever found, or made by hand, once more: no fuzzer needed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "targets.h"

namespace pawprint::fuzz {
namespace {

class CorpusReplay : public testing::TestWithParam<Target> {};

TEST_P(CorpusReplay, BreaksNoPromise) {
  const std::filesystem::path folder = std::filesystem::path(PAWPRINT_SOURCE_DIR) / "tests/fuzz/corpus";
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / GetParam().name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    SCOPED_TRACE(entry.path().string());
    GetParam().run(text.str());
    ++inputs;
  }
  EXPECT_GT(inputs, 0);
}

INSTANTIATE_TEST_SUITE_P(EveryTarget, CorpusReplay, testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace pawprint::fuzz
