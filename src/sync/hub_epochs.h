// Which log each hub has, as its answers tell in one delivery, and what is sent again when it came back from
// a backup.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "outbox/outbox.h"
#include "pawprint/warning.h"

namespace pawprint::sync {

class HubEpochs {
 public:
  // `outbox` must outlive it.
  explicit HubEpochs(outbox::Outbox& outbox) : outbox_(outbox) {}

  // An answer to the link came with this epoch; empty: with none. Puts what the link has delivered back into
  // the queue if the hub came back from a backup; once for a link, so that a hub with an epoch for each
  // answer is not sent the same for ever. Errors: of the outbox; the next call goes on.
  Result<void> hear(const outbox::Link& link, const std::string& epoch);

  std::uint64_t again() const;  // events that were put back
  // One line for each hub that came back.
  void report_to(Warnings& warnings) const;

 private:
  outbox::Outbox& outbox_;
  std::set<std::int64_t> put_back_;                   // links
  std::map<std::string, outbox::Restored> restored_;  // by origin
};

}  // namespace pawprint::sync
