// Numbers and lengths as the files of SQLite have them (sqlite.org/fileformat2.html, 1.3 and 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pawprint::sqlite {

// Of every database that we make: SQLite's own choice.
inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kWalHeaderBytes = 32;
inline constexpr std::size_t kFrameHeaderBytes = 24;  // of a page in the WAL

// `length` bytes, at most 8; they must be there.
inline std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

inline std::uint32_t word(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big_endian(bytes, at, 4));
}

}  // namespace pawprint::sqlite
