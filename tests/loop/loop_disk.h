// A real file system of its own, in an image file behind a loop device, whose power can be cut: ext4 stops at
// one moment, and what it has not handed to its device by then is gone. Needs root and loop devices.
#pragma once

#include <filesystem>
#include <string>

namespace pawprint::testing {

// One thread. Mounted in a mount namespace of the calling thread and of the programs that it starts, so that
// nothing is left behind however the test ends. `failure()` says why what was asked last could not be done,
// "" if it was.
class LoopDisk {
 public:
  // Makes the image, sparse, and mounts it.
  LoopDisk(std::filesystem::path image, std::filesystem::path mounted_at);
  LoopDisk(const LoopDisk&) = delete;
  ~LoopDisk();

  const std::filesystem::path& path() const { return mounted_at_; }
  const std::string& failure() const { return failure_; }

  // The cut itself, while programs write; what they ask of the disk fails from then on.
  void cut();
  // After a cut, and once nobody has a file of it open: the device comes back with what it has, the journal
  // of the file system is replayed.
  void come_back();

 private:
  void run(std::initializer_list<std::string> words);

  std::filesystem::path image_, mounted_at_;
  std::string failure_;
};

}  // namespace pawprint::testing
