// Programs killed at moments that a seed chooses. PAWPRINT_KILL_ROUNDS and PAWPRINT_KILL_SEED choose how many
// rounds each of the five tests has, and the seed of the first.
#include <chrono>
#include <filesystem>
#include <random>

#include "kill/crowd.h"
#include "kill/kill_fixture.h"

namespace pawprint::testing {
namespace {

constexpr const char* kEmitSteps[] = {"clock-before-write", "clock-written",       "emit-before-insert",
                                      "emit-inserted",      "emit-committed",      "spill-before-write",
                                      "spill-written",      "spill-synced",        "refill-renamed",
                                      "refill-inserted",    "refill-before-unlink"};
constexpr const char* kDeliverySteps[] = {
    "deliver-before-request", "deliver-answered", "settle-before-commit", "settle-committed",
    "refill-renamed",         "refill-inserted",  "refill-before-unlink", "refresh-answered"};
constexpr int kRoundsBetweenChecks = 25;

class RandomKills : public KillTest, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  RandomKills() : seed_(from_variable("PAWPRINT_KILL_SEED", 1) + GetParam()), choice_(seed_) {}

  std::uint64_t below(std::uint64_t bound) { return choice_() % bound; }

  template <std::size_t N>
  Death any_death(const char* const (&steps)[N], std::chrono::microseconds usual) {
    switch (below(5)) {
      case 0:
        return {};
      case 1:
      case 2:
        return {.step = steps[below(N)]};
      default:
        return {.step = {}, .after = usual * below(130) / 100};
    }
  }

  void one_round() {
    const std::uint64_t what = below(100);
    if (what < 85) {
      emit(any_death(kEmitSteps, usual_emission_));
    } else if (what < 95) {
      deliver(any_death(kDeliverySteps, usual_delivery_));
    } else if (what < 98) {
      kill_hub_during_a_delivery();
    } else if (what < 99) {
      let_access_token_expire();
    } else {
      set_queue_limit(below(2) == 0 ? 5 : 10'000);
    }
  }

  void kill_hub_during_a_delivery() {
    Launch launch = machine_.launch({"pawprint-agent", "deliver"});
    launch.errors = errors_;
    Background delivery(launch);
    delivery.wait_or_kill(usual_delivery_ * below(100) / 100);
    hub_.kill();
    hub_.start();
  }

  template <class Work>
  static std::chrono::microseconds duration_of(Work work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  }

  const std::uint64_t seed_;
  std::mt19937_64 choice_;
  std::chrono::microseconds usual_emission_ = duration_of([this] { emit(); });
  std::chrono::microseconds usual_delivery_ = duration_of([this] { deliver(); });
};

TEST_P(RandomKills, LoseNothingThatAReceiptSaidWasDurable) {
  const std::uint64_t rounds = from_variable("PAWPRINT_KILL_ROUNDS", 200);
  SCOPED_TRACE("seed " + std::to_string(seed_));
  set_queue_limit(5);
  for (std::uint64_t round = 1; round <= rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    one_round();
    if (round % kRoundsBetweenChecks == 0) expect_nothing_lost();
  }
  EXPECT_EQ(emit(), 0);
  deliver_everything();
  expect_nothing_lost();
  EXPECT_GT(promised_.size(), rounds / 10);
  // A kill is no damage: what it leaves half written is never set aside, nor missed.
  EXPECT_EQ(read_text(errors_).find("outbox.db"), std::string::npos) << read_text(errors_);
  for (const auto& entry : std::filesystem::directory_iterator(machine_.home))
    EXPECT_FALSE(entry.path().filename().string().starts_with("outbox.db.")) << entry.path();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomKills, ::testing::Values(0, 1, 2, 3, 4));

}  // namespace
}  // namespace pawprint::testing
