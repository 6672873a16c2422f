#include "net/shared_room.h"

#include <utility>

#include "base/sabotage.h"

namespace pawprint::net {

void SharedRoom::limit(std::uint64_t most, std::uint64_t most_of_account) {
  most_ = most;
  most_of_account_ = most_of_account;
}

// What is taken may be above the marks.
Room SharedRoom::room_beside(const std::string& account, std::uint64_t amount) const {
  if (sabotaged("no-memory-mark")) return Room::there;
  const auto known = accounts_.find(account);
  const std::uint64_t taken_of_account = known == accounts_.end() ? 0 : known->second;
  if (taken_ + amount > most_) return Room::none;
  return taken_of_account + amount > most_of_account_ ? Room::none_for_account : Room::there;
}

Room SharedRoom::room_for(const std::string& account) const {
  const std::scoped_lock lock(mutex_);
  return room_beside(account, 1);
}

Room SharedRoom::take(const std::string& account, std::uint64_t amount) {
  if (amount == 0) return Room::there;
  const std::scoped_lock lock(mutex_);
  const Room room = room_beside(account, amount);
  if (room != Room::there) return room;
  accounts_[account] += amount;  // which may find no memory
  taken_ += amount;
  return Room::there;
}

void SharedRoom::take_above(const std::string& account, std::uint64_t amount) {
  const std::scoped_lock lock(mutex_);
  accounts_[account] += amount;
  taken_ += amount;
}

void SharedRoom::give_back(const std::string& account, std::uint64_t amount) {
  if (amount == 0) return;
  const std::scoped_lock lock(mutex_);
  taken_ -= amount;
  const auto known = accounts_.find(account);
  known->second -= amount;
  if (known->second == 0) accounts_.erase(known);
}

Room Share::take(const std::string& account, std::uint64_t amount) {
  account_ = account;
  const Room room = room_.take(account_, amount);
  if (room == Room::there) amount_ += amount;
  return room;
}

void Share::take_above(const std::string& account, std::uint64_t amount) {
  account_ = account;
  room_.take_above(account_, amount);
  amount_ += amount;
}

void Share::give_back() {
  room_.give_back(account_, std::exchange(amount_, 0));
}

}  // namespace pawprint::net
