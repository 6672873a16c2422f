// SHA-256 of many short texts, by the processor's own instructions where it has them.
#pragma once

#include <memory>
#include <string_view>

#include "base/hash.h"

namespace pawprint::hub::ingest {

// The same digests as sha256(). Keeps its context from one text to the next. For one thread at a time.
class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  Digest hash(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pawprint::hub::ingest
