// What there is only so much of, shared by accounts: the memory of bodies that are read and handled, that of
// long answers until they are read, connections.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "net/crew.h"

namespace pawprint::net {

// Thread-safe.
class SharedRoom {
 public:
  // Of everybody and of one account.
  void limit(std::uint64_t most, std::uint64_t most_of_account);
  // Whether there is any left.
  Room room_for(const std::string& account) const;
  // Room::there: so much is taken, until it is given back. Otherwise nothing is.
  Room take(const std::string& account, std::uint64_t amount);
  // Also where there is no room for it.
  void take_above(const std::string& account, std::uint64_t amount);
  void give_back(const std::string& account, std::uint64_t amount);

 private:
  Room room_beside(const std::string& account, std::uint64_t amount) const;

  mutable std::mutex mutex_;
  std::uint64_t most_ = 0;
  std::uint64_t most_of_account_ = 0;
  std::uint64_t taken_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> accounts_;  // none has nothing
};

// What one account has of a room, given back when it ends at the latest.
class Share {
 public:
  explicit Share(SharedRoom& room) : room_(room) {}
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  ~Share() { give_back(); }

  // More, on the same account as before.
  Room take(const std::string& account, std::uint64_t amount);
  void take_above(const std::string& account, std::uint64_t amount);
  void give_back();
  std::uint64_t amount() const { return amount_; }

 private:
  SharedRoom& room_;
  std::string account_;
  std::uint64_t amount_ = 0;
};

}  // namespace pawprint::net
