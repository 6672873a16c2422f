// Memory that is set aside while there is some, so that a thread can post to an io_context when there is
// none.
#pragma once

#include <array>
#include <cstddef>

namespace pawprint::net {

// For one posted handler at a time, by boost::asio::bind_allocator. May be destroyed by that handler.
class PostRoom {
 public:
  template <class T>
  class Allocator {
   public:
    using value_type = T;
    explicit Allocator(PostRoom& room) : room_(&room) {}
    template <class Other>
    explicit(false) Allocator(const Allocator<Other>& other) : room_(other.room_) {}

    T* allocate(std::size_t) {
      static_assert(sizeof(T) <= kBytes && alignof(T) <= alignof(std::max_align_t));
      return static_cast<T*>(static_cast<void*>(room_->bytes_.data()));
    }
    void deallocate(T*, std::size_t) noexcept {}

    template <class Other>
    bool operator==(const Allocator<Other>& other) const {
      return room_ == other.room_;
    }

   private:
    template <class Other>
    friend class Allocator;
    PostRoom* room_;
  };

  Allocator<void> allocator() { return Allocator<void>(*this); }

 private:
  static constexpr std::size_t kBytes = 256;  // Asio takes some 80
  alignas(std::max_align_t) std::array<std::byte, kBytes> bytes_;
};

}  // namespace pawprint::net
