// What there is only so much of, shared by accounts: the memory of bodies that are read and handled, that of
// long answers until they are read, connections. Used on one thread alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "net/crew.h"

namespace pawprint::net {

class SharedRoom {
 public:
  // Of everybody and of one account.
  void limit(std::uint64_t most, std::uint64_t most_of_account);
  // Room::there: so much is taken, until it is given back. Otherwise nothing is.
  Room take(const std::string& account, std::uint64_t amount);
  void give_back(const std::string& account, std::uint64_t amount);

 private:
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

  Room take(const std::string& account, std::uint64_t amount);  // more, on the same account as before
  void give_back();
  std::uint64_t amount() const { return amount_; }

 private:
  SharedRoom& room_;
  std::string account_;
  std::uint64_t amount_ = 0;
};

}  // namespace pawprint::net
