// Threads that find no memory for what comes behind a handler. `new` is the test's own here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "net/served_for_test.h"

namespace pawprint::net {
namespace {

thread_local bool memory_is_used_up = false;  // for this thread

using NoMemoryTest = Served;

TEST_F(NoMemoryTest, WhatAHandlerMadeIsAnsweredThoughItsThreadCanHaveNoMoreMemory) {
  serve({}, [](const ServerRequest&) {
    memory_is_used_up = false;
    Admission admission{.with_body =
                            [](std::string body) {
                              memory_is_used_up = false;
                              ServerAnswer answer{200, {}, std::move(body)};
                              memory_is_used_up = true;
                              return answer;
                            },
                        .max_body_bytes = 1U << 20};
    memory_is_used_up = true;
    return admission;
  });
  for (int i = 0; i < 10; ++i) {
    const auto answer = send(post(std::string(1'000, 'a')));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body.size(), 1'000U);
  }
}

}  // namespace
}  // namespace pawprint::net

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  void* made = pawprint::net::memory_is_used_up ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

[[gnu::noinline]] void operator delete(void* given) noexcept {
  std::free(given);
}

[[gnu::noinline]] void operator delete(void* given, std::size_t) noexcept {
  std::free(given);
}
