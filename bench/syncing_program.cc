// The floor of a command at power durability: a static C++ program that writes over as much of FILE, from
// OFFSET on, as a commit of one event does, and waits until the disk has it.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

int main(int count, char** words) {
  if (count != 3) return 2;
  constexpr std::size_t kFourFrames = 4 * (24 + 4096);
  static std::array<char, kFourFrames> frames;
  frames.fill(*words[2]);
  const int file = ::open(words[1], O_RDWR | O_CLOEXEC);
  if (file < 0) return 1;
  const auto put = ::pwrite(file, frames.data(), frames.size(), std::atol(words[2]));
  return put == static_cast<ssize_t>(frames.size()) && ::fdatasync(file) == 0 ? 0 : 1;
}
