// Bytes that several may keep without a copy of them for each.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pawprint::hub::store {

// A text that never changes, alone or as a part of a longer one, all of which is there for as long as any
// part is kept.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)
      : whole_(std::make_shared<const std::string>(std::move(text))), part_(*whole_) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}
  // `part` lies in `whole`.
  SharedText(std::shared_ptr<const std::string> whole, std::string_view part)
      : whole_(std::move(whole)), part_(part) {}

  operator std::string_view() const { return part_; }
  std::size_t size() const { return part_.size(); }
  std::size_t kept_bytes() const { return whole_ == nullptr ? 0 : whole_->size(); }
  bool operator==(std::string_view other) const { return part_ == other; }

 private:
  std::shared_ptr<const std::string> whole_;
  std::string_view part_;
};

}  // namespace pawprint::hub::store
