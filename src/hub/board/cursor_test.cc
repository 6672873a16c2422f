#include "hub/board/cursor.h"

#include <gtest/gtest.h>

namespace pawprint::hub::board {
namespace {

const Cursor kPlace{.epoch = "01KGJX5B3V9M3S4T5V6W7X8Y9Z",
                    .seq = 0x0102030405060708,
                    .body_hash = {0xFF, 0xFE, 0, 1, 2, 3, 4, 5}};

TEST(Cursor, IsReadBackAsItWasWritten) {
  const std::string text = encode_cursor(kPlace);
  const auto read = decode_cursor(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->epoch, kPlace.epoch);
  EXPECT_EQ(read->seq, kPlace.seq);
  EXPECT_EQ(read->body_hash, kPlace.body_hash);
}

TEST(Cursor, CanStandInAUrlWithoutEscapes) {
  const std::string text = encode_cursor(kPlace);
  EXPECT_EQ(text.size(), 56U);
  EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Cursor, IsOfOneList) {
  const ProjectsCursor project{.epoch = kPlace.epoch, .uuid = "550e8400-e29b-41d4-a716-446655440000"};
  const std::string event = encode_cursor(kPlace), node = encode_nodes_cursor(kPlace),
                    of_project = encode_projects_cursor(project);
  EXPECT_EQ(decode_nodes_cursor(node)->seq, kPlace.seq);
  EXPECT_EQ(decode_projects_cursor(of_project)->epoch, project.epoch);
  EXPECT_EQ(decode_projects_cursor(of_project)->uuid, project.uuid);
  for (const std::string& text : {node, of_project, project.uuid}) EXPECT_FALSE(decode_cursor(text)) << text;
  for (const std::string& text : {event, of_project}) EXPECT_FALSE(decode_nodes_cursor(text)) << text;
  for (const std::string& text : {event, node, project.uuid}) {
    EXPECT_FALSE(decode_projects_cursor(text)) << text;
  }
}

TEST(Cursor, OfAListThatNoHubWroteIsRefused) {
  Cursor start = kPlace;
  start.seq = 0;
  for (const std::string& wrong :
       {std::string("n."), encode_nodes_cursor(start), encode_nodes_cursor(kPlace) + "A"}) {
    EXPECT_FALSE(decode_nodes_cursor(wrong)) << wrong;
  }
  const std::string uuid = "550e8400-e29b-41d4-a716-446655440000";
  for (const std::string& wrong :
       {std::string("p."), "p." + uuid, "p." + kPlace.epoch + "." + uuid.substr(1),
        "p." + kPlace.epoch + "-" + uuid, "p." + kPlace.epoch + ".550E8400-e29b-41d4-a716-446655440000",
        "p.01kgjx5b3v9m3s4t5v6w7x8y9z." + uuid, "n." + kPlace.epoch + "." + uuid}) {
    EXPECT_FALSE(decode_projects_cursor(wrong)) << wrong;
  }
}

// libsodium takes some bytes above 127 for letters.
TEST(Cursor, EveryOtherByteInItsPlaceIsAnotherPlaceOrNone) {
  const std::string text = encode_cursor(kPlace);
  for (int byte = 0; byte < 256; ++byte) {
    std::string changed = text;
    changed.at(40) = static_cast<char>(byte);
    const auto read = decode_cursor(changed);
    EXPECT_TRUE(!read || encode_cursor(*read) == changed) << byte;
  }
}

TEST(Cursor, WhatNoHubWroteIsRefused) {
  const std::string text = encode_cursor(kPlace);
  Cursor lower_case = kPlace;
  lower_case.epoch = "01kgjx5b3v9m3s4t5v6w7x8y9z";
  for (const std::string& wrong :
       {std::string(), std::string("0"), text.substr(1), text + "A", text + "AAAA", text + "=", " " + text,
        text.substr(0, 55) + "+", std::string(5000, 'A'), std::string(56, 'A'), encode_cursor(lower_case)}) {
    const auto read = decode_cursor(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace pawprint::hub::board
