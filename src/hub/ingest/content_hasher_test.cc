#include "hub/ingest/content_hasher.h"

#include <gtest/gtest.h>

#include <string>

namespace pawprint::hub::ingest {
namespace {

TEST(ContentHasher, SaysWhatTheOtherSha256Says) {
  ContentHasher hasher;
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    EXPECT_EQ(hasher.hash(text), sha256(text)) << size;
  }
}

}  // namespace
}  // namespace pawprint::hub::ingest
