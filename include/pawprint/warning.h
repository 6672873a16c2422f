// What went wrong without stopping anything. The library never prints; whoever has a terminal does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawprint {

struct Warning {
  std::string cause;    // stable key: one line is shown per cause
  std::string message;  // one line, without a final period
  std::string hint;     // the next command to type, may be empty
};

// Keeps the first warning of each cause, in the order they came. Not thread-safe.
class Warnings {
 public:
  void add(std::string_view cause, std::string message, std::string hint = {});
  const std::vector<Warning>& all() const { return all_; }

 private:
  std::vector<Warning> all_;
};

}  // namespace pawprint
