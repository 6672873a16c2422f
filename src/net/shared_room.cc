#include "net/shared_room.h"

#include <utility>

#include "base/sabotage.h"

namespace pawprint::net {

void SharedRoom::limit(std::uint64_t most, std::uint64_t most_of_account) {
  most_ = most;
  most_of_account_ = most_of_account;
}

Room SharedRoom::take(const std::string& account, std::uint64_t amount) {
  if (amount == 0) return Room::there;
  const auto known = accounts_.find(account);
  const std::uint64_t taken_of_account = known == accounts_.end() ? 0 : known->second;
  if (amount > most_ - taken_ && !sabotaged("no-memory-mark")) return Room::none;
  if (amount > most_of_account_ - taken_of_account && !sabotaged("no-memory-mark"))
    return Room::none_for_account;
  accounts_[account] += amount;  // which may find no memory
  taken_ += amount;
  return Room::there;
}

void SharedRoom::give_back(const std::string& account, std::uint64_t amount) {
  if (amount == 0) return;
  taken_ -= amount;
  const auto known = accounts_.find(account);
  known->second -= amount;
  if (known->second == 0) accounts_.erase(known);
}

Room Share::take(const std::string& account, std::uint64_t amount) {
  const Room room = room_.take(account, amount);
  if (room != Room::there) return room;
  account_ = account;
  amount_ += amount;
  return room;
}

void Share::give_back() {
  room_.give_back(account_, std::exchange(amount_, 0));
}

}  // namespace pawprint::net
