#include "cli/own_pages.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

// Of cmake/start_order.ld; null in a program that is linked without it.
extern "C" {
extern const char hot_code_begin[] __attribute__((weak));
extern const char hot_code_end[] __attribute__((weak));
}

namespace pawprint::cli {
namespace {

void take_pages(const void* begin, std::size_t bytes, int advice) {
  const auto page = static_cast<std::uintptr_t>(::getpagesize());
  const auto at = reinterpret_cast<std::uintptr_t>(begin);
  const auto first = at / page * page;
  if (::madvise(reinterpret_cast<void*>(first), at + bytes - first, advice) != 0) return;  // one by one, then
}

void take_heap() {
  constexpr std::size_t kOfAnEmissionBytes = 200 << 10;
  constexpr int kAheadBytes = 1 << 20;
  constexpr int kNeverBytes = 1 << 30;
  ::mallopt(M_TOP_PAD, kAheadBytes);
  ::mallopt(M_MMAP_THRESHOLD, kAheadBytes);
  ::mallopt(M_TRIM_THRESHOLD, kNeverBytes);
  void* const heap = std::malloc(kOfAnEmissionBytes);
  if (heap != nullptr) take_pages(heap, kOfAnEmissionBytes, MADV_POPULATE_WRITE);
  std::free(heap);
}

}  // namespace

void take_own_pages() {
  if (hot_code_begin != nullptr)
    take_pages(hot_code_begin, static_cast<std::size_t>(hot_code_end - hot_code_begin), MADV_POPULATE_READ);
  take_heap();
}

}  // namespace pawprint::cli
