// Notices that a name in a home has come, gone or changed hands, at the price of one look at the directory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/environment.h"

namespace pawprint::outbox {

// Not thread-safe. `environment` must outlive it.
class HomeWatch {
 public:
  HomeWatch(const Environment& environment, Path home);

  // The same number as an earlier time: since then nothing was made, removed or renamed in the home itself.
  // So what was seen there after that earlier time still holds, of names; what stands in a file or in a
  // directory further down may have changed. nullopt: that cannot be told, as of a home that has changed a
  // moment ago (its time may be too coarse to show one more change), of one that other machines use, and the
  // first time, when nobody could compare.
  std::optional<std::uint64_t> names();

 private:
  bool unchanged();
  void look_anew();

  const Environment* environment_;
  Path home_;
  std::unique_ptr<File> directory_;
  FileStatus seen_;
  bool asked_ = false;
  bool one_kernel_ = true;
  std::int64_t relied_on_from_ms_ = 0;  // monotonic
  bool settled_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace pawprint::outbox
