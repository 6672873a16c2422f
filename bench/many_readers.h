// A process that holds many sockets of one server and reads all that comes.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace pawprint::bench {

// To be made before the sockets are wanted, by one thread; ends the program on any failure.
class ManyReaders {
 public:
  // Each asks for the live channel as its first words; a server that is none may skip them.
  ManyReaders(std::uint16_t port, std::uint64_t sockets);
  ~ManyReaders();  // ends the process
  ManyReaders(const ManyReaders&) = delete;
  ManyReaders& operator=(const ManyReaders&) = delete;

  std::uint64_t sockets() const { return sockets_; }
  // Waits until all of them together have read so many bytes more. Called once for what came since the last.
  void wait_for(std::uint64_t bytes) const;

 private:
  std::uint64_t sockets_;
  int orders_ = -1;
  int reports_ = -1;
  pid_t process_ = 0;
};

// A process with one socket like theirs that takes a byte a second.
class SlowReader {
 public:
  explicit SlowReader(std::uint16_t port);
  ~SlowReader();  // ends the process
  SlowReader(const SlowReader&) = delete;
  SlowReader& operator=(const SlowReader&) = delete;

 private:
  pid_t process_ = 0;
};

}  // namespace pawprint::bench
