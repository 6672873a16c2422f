// Frames that leave together, over real sockets: by a ring where the kernel has one, and one by one.
#include "net/volley.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "net/send_ring.h"
#include "net/write_queue.h"

namespace pawprint::net {
namespace {

Frames frames_of(std::size_t bytes, char what) {
  return std::make_shared<const std::string>(bytes, what);
}

class Told final : public SocketEvents {
 public:
  void opened(std::shared_ptr<WebSocket>) override {}
  void received(std::string) override {}
  void sent() override { ++times; }
  void closed() override {}
  int times = 0;
};

// One connection: the hub's queue, and the end of who reads.
class Line {
 public:
  Line() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    near = ends[0];
    far = ends[1];
    queue = std::make_shared<WriteQueue>(near, [this] { is_full = true; });
  }
  ~Line() {
    queue->stop();
    if (near >= 0) ::close(near);
    if (far >= 0) ::close(far);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void join(Volley& volley, Frames frames) {
    queue->put(std::move(frames));
    volley.add(queue, told);
  }

  std::string read() const {  // what is there now
    std::string all(1U << 20, '\0');
    const ssize_t came = ::recv(far, all.data(), all.size(), MSG_DONTWAIT);
    all.resize(came < 0 ? 0 : static_cast<std::size_t>(came));
    return all;
  }

  int near = -1;
  int far = -1;
  bool is_full = false;  // it was asked for a flush()
  std::shared_ptr<WriteQueue> queue;
  std::shared_ptr<Told> told = std::make_shared<Told>();
};

enum class By { ring, single_sends };

class VolleyTest : public testing::TestWithParam<By> {
 protected:
  // On a kernel without a ring both are the same.
  Volley volley_{GetParam() == By::ring ? SendRing::open() : nullptr};
};

INSTANTIATE_TEST_SUITE_P(EitherWay, VolleyTest, testing::Values(By::ring, By::single_sends),
                         [](const auto& each) { return each.param == By::ring ? "ByRing" : "OneByOne"; });

TEST_P(VolleyTest, EverySocketHasItsOwnFramesOnceAndIsTold) {
  std::vector<std::unique_ptr<Line>> lines;
  for (int i = 0; i < 100; ++i) lines.push_back(std::make_unique<Line>());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i]->join(volley_, frames_of(i + 1, static_cast<char>('a' + i % 26)));
      if (volley_.is_full()) volley_.go();
    }
    volley_.go();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i]->read(), std::string(i + 1, static_cast<char>('a' + i % 26)));
      EXPECT_EQ(lines[i]->told->times, round + 1);
      EXPECT_TRUE(lines[i]->queue->is_empty());
    }
  }
}

TEST_P(VolleyTest, NothingLeavesBeforeItIsLetGo) {
  Line line;
  line.join(volley_, frames_of(10, 'a'));
  EXPECT_EQ(line.read(), "");
  EXPECT_EQ(line.told->times, 0);
  EXPECT_FALSE(line.queue->is_empty());
  volley_.go();
  EXPECT_EQ(line.read(), "aaaaaaaaaa");
}

TEST_P(VolleyTest, WhoTakesAPartIsNotToldAndHasTheRestInOrderWhenItReads) {
  Line slow;
  Line other;
  constexpr std::size_t kMoreThanTheKernelHolds = 4U << 20;
  slow.join(volley_, frames_of(kMoreThanTheKernelHolds, 'a'));
  other.join(volley_, frames_of(3, 'o'));
  volley_.go();
  EXPECT_EQ(other.read(), "ooo");
  EXPECT_EQ(other.told->times, 1);
  EXPECT_TRUE(slow.is_full);
  EXPECT_EQ(slow.told->times, 0);

  slow.join(volley_, frames_of(5, 'b'));
  volley_.go();
  EXPECT_EQ(slow.told->times, 0);
  std::string all;
  for (;;) {
    const std::string more = slow.read();
    if (more.empty() && slow.queue->is_empty()) break;
    all += more;
    slow.queue->flush();
  }
  EXPECT_EQ(all, std::string(kMoreThanTheKernelHolds, 'a') + "bbbbb");
}

TEST_P(VolleyTest, WhatIsSentMeanwhileComesAfterWhatJoinedBefore) {
  Line line;
  line.join(volley_, frames_of(3, 'a'));
  EXPECT_TRUE(line.queue->send(frames_of(3, 'b')));
  EXPECT_EQ(line.read(), "aaabbb");
  volley_.go();
  EXPECT_EQ(line.read(), "");
  EXPECT_EQ(line.told->times, 1);
}

TEST_P(VolleyTest, ASocketThatJoinsTwiceHasBothAndIsToldOnce) {
  Line line;
  line.join(volley_, frames_of(3, 'a'));
  line.join(volley_, frames_of(3, 'b'));
  volley_.go();
  EXPECT_EQ(line.read(), "aaabbb");
  EXPECT_EQ(line.told->times, 1);
}

TEST_P(VolleyTest, WhatAStoppedSocketWasToGetReachesNobodyWhoHasItsDescriptorNow) {
  Line gone;
  Line next;
  gone.join(volley_, frames_of(10, 'a'));
  gone.queue->stop();
  ASSERT_EQ(::dup2(next.near, gone.near), gone.near);  // closes it: the number is another connection's
  volley_.go();
  EXPECT_EQ(next.read(), "");
  EXPECT_TRUE(gone.queue->failed());
}

TEST_P(VolleyTest, ABrokenConnectionHarmsNoOther) {
  Line broken;
  Line other;
  ::close(std::exchange(broken.far, -1));
  broken.join(volley_, frames_of(10, 'a'));
  other.join(volley_, frames_of(3, 'o'));
  volley_.go();
  EXPECT_TRUE(broken.queue->failed());
  EXPECT_EQ(other.read(), "ooo");
}

TEST_P(VolleyTest, WhatIsInItLeavesWithIt) {
  Line line;
  {
    Volley volley(GetParam() == By::ring ? SendRing::open() : nullptr);
    line.join(volley, frames_of(3, 'a'));
  }
  EXPECT_EQ(line.read(), "aaa");
}

}  // namespace
}  // namespace pawprint::net
