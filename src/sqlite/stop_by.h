// A stop token that ends the statements of a connection.
#pragma once

#include <stop_token>

#include "sqlite/connection.h"

namespace pawprint::sqlite {

// While it stands, each statement that runs asks the token now and then, and ends with kind `interrupted`
// once it says stop, whether it ran by then or not. One at a time for a connection, which stays where it is.
class [[nodiscard]] StopBy {
 public:
  StopBy(Connection& connection, std::stop_token stop);
  StopBy(const StopBy&) = delete;
  StopBy& operator=(const StopBy&) = delete;
  ~StopBy();

 private:
  static int is_stopped(void* self);
  sqlite3* database_;
  std::stop_token stop_;
};

}  // namespace pawprint::sqlite
