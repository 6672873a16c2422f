// A machine whose disk fails when it is told to: the one place that counts the calls which reach the disk,
// from FaultDisk and from the SQLite VFS, and says what becomes of each.
#pragma once

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "power/storage.h"

namespace pawprint::power {

enum class Call { read, write, sync, name };  // name: making, renaming, removing a file or directory

struct Fault {
  enum class Kind { none, cut, error } kind = Kind::none;
  std::uint64_t at_call = 0;  // the first is 1; at a cut, calls that only read are not counted
  int code = 0;               // of an error: EIO, ENOSPC, EINTR
  bool lasting = false;       // an error at every call from there on, not at that one alone
};

class Machine {
 public:
  explicit Machine(Path root) : root_(std::move(root)), storage_(root_) {}

  void boot(const Image& image, Fault fault = {});

  // What becomes of a call: 0: it is done. kPowerCut: the power goes during the call, so that what it was to
  // do is as good as any unsynced change. kPowerOff: it is off. Else an errno.
  static constexpr int kPowerCut = -1;
  static constexpr int kPowerOff = -2;
  int next(Call call, std::string_view what);

  Storage& storage() { return storage_; }
  const Path& root() const { return root_; }
  bool struck() const { return struck_; }              // whether the fault has come
  const std::string& where() const { return where_; }  // the call that it hit
  void repair() { fault_ = {}; }
  // Calls in between are done and not counted.
  void hold_fault() { held_ = true; }
  void release_fault() { held_ = false; }

 private:
  bool counts(Call call) const;

  Path root_;
  Storage storage_;
  Fault fault_;
  std::uint64_t calls_ = 0;
  bool struck_ = false;
  bool held_ = false;
  std::string where_;
};

}  // namespace pawprint::power
