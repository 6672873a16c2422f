// Programs that are started, waited for and measured.
#pragma once

#include <string>
#include <vector>

namespace pawprint::bench {

struct Started {
  double wall_us = 0;
  long peak_kib = 0;  // resident memory at its highest
};

// Runs `words` with the variables as they are, its output thrown away. Aborts if it does not exit with 0.
Started run_once(const std::vector<std::string>& words);

}  // namespace pawprint::bench
