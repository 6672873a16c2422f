// A stop token that ends the statements of a connection.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "sqlite/connection.h"

namespace pawprint::sqlite {

// While it stands, each statement that runs ends with kind `interrupted` once the token says stop, whether it
// ran by then or not; what begins when this is gone runs. One at a time for a connection, which stays where
// it is.
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
  std::optional<std::stop_callback<std::function<void()>>> interrupt_;
};

}  // namespace pawprint::sqlite
