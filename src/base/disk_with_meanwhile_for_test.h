// A disk beside which something happens: what another process does at just that moment.
#pragma once

#include <functional>

#include "base/disk_above_for_test.h"

namespace pawprint {

class DiskWithMeanwhile final : public DiskAbove {
 public:
  using DiskAbove::DiskAbove;
  // Does `meanwhile` once, before the nth time that a directory is listed, or at_look: or a file is opened.
  void at_list(int nth, std::function<void()> meanwhile) { wait_for(nth, false, std::move(meanwhile)); }
  void at_look(int nth, std::function<void()> meanwhile) { wait_for(nth, true, std::move(meanwhile)); }
  bool is_done() const { return left_ == 0; }

  Result<std::unique_ptr<File>> open(const Path& path, OpenMode mode, unsigned permissions) override {
    if (opens_count_) step();
    return DiskAbove::open(path, mode, permissions);
  }
  Result<std::vector<std::string>> list(const Path& directory) override {
    step();
    return DiskAbove::list(directory);
  }

 private:
  void wait_for(int nth, bool opens_count, std::function<void()> meanwhile) {
    left_ = nth;
    opens_count_ = opens_count;
    meanwhile_ = std::move(meanwhile);
  }
  void step() {
    if (left_ > 0 && --left_ == 0) meanwhile_();
  }

  int left_ = 0;
  bool opens_count_ = false;
  std::function<void()> meanwhile_;
};

}  // namespace pawprint
