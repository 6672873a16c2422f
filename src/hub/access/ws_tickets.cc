#include "hub/access/ws_tickets.h"

#include "hub/identity/opaque_token.h"

namespace pawprint::hub::access {
namespace {

constexpr std::string_view kTicketPrefix = "pwt_";

}  // namespace

std::string WsTickets::issue(const identity::Principal& principal) {
  std::string ticket = identity::new_opaque_token(kTicketPrefix, random_);
  const auto hash = identity::opaque_token_hash(kTicketPrefix, ticket);
  const std::int64_t now_ms = clock_.monotonic_ms();
  const std::scoped_lock lock(mutex_);
  forget_expired(now_ms);
  auto& own = by_user_[principal.user_id];
  if (own.size() >= kMaxTicketsPerCaller) {
    tickets_.erase(own.front());
    own.pop_front();
  }
  own.push_back(*hash);
  by_age_.push_back(*hash);
  tickets_[*hash] = {principal, now_ms + kTicketLifetimeSeconds * 1000};
  return ticket;
}

std::optional<identity::Principal> WsTickets::redeem(std::string_view text) {
  const auto hash = identity::opaque_token_hash(kTicketPrefix, text);
  if (!hash) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const auto found = tickets_.find(*hash);
  if (found == tickets_.end()) return std::nullopt;
  const Ticket ticket = std::move(found->second);
  tickets_.erase(found);
  const auto own = by_user_.find(ticket.principal.user_id);
  std::erase(own->second, *hash);
  if (own->second.empty()) by_user_.erase(own);
  if (ticket.expires_at_ms <= clock_.monotonic_ms()) return std::nullopt;
  return ticket.principal;
}

void WsTickets::forget_expired(std::int64_t now_ms) {
  while (!by_age_.empty()) {
    const auto oldest = tickets_.find(by_age_.front());
    if (oldest != tickets_.end()) {
      if (oldest->second.expires_at_ms > now_ms) return;
      const auto own = by_user_.find(oldest->second.principal.user_id);
      std::erase(own->second, oldest->first);
      if (own->second.empty()) by_user_.erase(own);
      tickets_.erase(oldest);
    }
    by_age_.pop_front();
  }
}

}  // namespace pawprint::hub::access
