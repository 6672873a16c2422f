// The memory that bodies may take: those of requests while they are read and handled, counted as they come
// (what a head tells takes none), and those of long answers until they are read. Used on the I/O thread
// alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "net/crew.h"

namespace pawprint::net {

class BodyRoom {
 public:
  // Bytes, of everybody and of one account.
  void limit(std::uint64_t most, std::uint64_t most_of_account);
  // Room::there: they are taken, until they are given back. Otherwise nothing is.
  Room take(const std::string& account, std::uint64_t bytes);
  void give_back(const std::string& account, std::uint64_t bytes);

 private:
  std::uint64_t most_ = 0;
  std::uint64_t most_of_account_ = 0;
  std::uint64_t taken_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> accounts_;  // none has nothing
};

}  // namespace pawprint::net
