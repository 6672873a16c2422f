// A project with a git repository and a linked home of its own on the disk, for the length of a benchmark.
#pragma once

#include <string>

#include "base/environment.h"
#include "outbox/outbox.h"
#include "pawprint/event.h"

namespace pawprint::bench {

class Workshop {
 public:
  // In $TMPDIR, else /var/tmp: a directory on a real disk, as fsync is what is measured.
  Workshop();
  ~Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  const Environment& environment() const { return environment_; }
  Path project() const { return root_ / "project"; }
  Path home() const { return root_ / "home"; }

  // An empty home again, linked, whose queue takes `limit` events.
  void empty_home(std::uint64_t limit);
  // Appends that many events to the queue.
  void fill(int events);

  static Event event();          // about 750 bytes as an envelope
  std::string envelope() const;  // the latest that was queued

 private:
  Path root_;
  Environment environment_;
  SystemClock clock_;
  SystemRandom random_;
  PosixDisk disk_;
};

}  // namespace pawprint::bench
