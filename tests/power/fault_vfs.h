// The same machine below SQLite: a VFS over "unix" that asks Machine before each call. Locks and shared
// memory go straight through. https://sqlite.org/vfs.html
#pragma once

#include "power/machine.h"

namespace pawprint::power {

// While it lives, every database that this program opens is on `machine`, which must outlive it.
class FaultVfs {
 public:
  explicit FaultVfs(Machine& machine);
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();
};

}  // namespace pawprint::power
