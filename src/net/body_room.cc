#include "net/body_room.h"

#include "base/sabotage.h"

namespace pawprint::net {

void BodyRoom::limit(std::uint64_t most, std::uint64_t most_of_account) {
  most_ = most;
  most_of_account_ = most_of_account;
}

Room BodyRoom::take(const std::string& account, std::uint64_t bytes) {
  if (bytes == 0) return Room::there;
  const auto known = accounts_.find(account);
  const std::uint64_t taken_of_account = known == accounts_.end() ? 0 : known->second;
  if (bytes > most_ - taken_ && !sabotaged("no-memory-mark")) return Room::none;
  if (bytes > most_of_account_ - taken_of_account && !sabotaged("no-memory-mark"))
    return Room::none_for_account;
  accounts_[account] += bytes;  // which may find no memory
  taken_ += bytes;
  return Room::there;
}

void BodyRoom::give_back(const std::string& account, std::uint64_t bytes) {
  if (bytes == 0) return;
  taken_ -= bytes;
  const auto known = accounts_.find(account);
  known->second -= bytes;
  if (known->second == 0) accounts_.erase(known);
}

}  // namespace pawprint::net
