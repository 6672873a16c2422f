#include "power/machine.h"

#include "base/format.h"

namespace pawprint::power {
namespace {

constexpr const char* kNames[] = {"read", "write", "sync", "name"};

}  // namespace

void Machine::boot(const Image& image, Fault fault) {
  storage_ = Storage::boot(root_, image);
  fault_ = fault;
  calls_ = 0;
  struck_ = false;
  held_ = false;
  where_ = "no call";
}

// A full disk still reads; that it refuses all the rest is worse than most of them do.
bool Machine::counts(Call call) const {
  if (fault_.kind == Fault::Kind::cut) return call != Call::read;
  return fault_.code != ENOSPC || call != Call::read;
}

int Machine::next(Call call, std::string_view what) {
  if (fault_.kind == Fault::Kind::none || held_) return 0;
  if (fault_.kind == Fault::Kind::cut && struck_) return kPowerOff;
  if (!counts(call)) return 0;
  ++calls_;
  if (calls_ < fault_.at_call || (calls_ > fault_.at_call && !fault_.lasting)) return 0;
  if (!struck_) where_ = fmt::format("call {}: {} {}", calls_, kNames[static_cast<int>(call)], what);
  struck_ = true;
  return fault_.kind == Fault::Kind::cut ? kPowerCut : fault_.code;
}

}  // namespace pawprint::power
