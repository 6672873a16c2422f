#include "net/crew.h"

#include <boost/asio/thread_pool.hpp>

namespace pawprint::net {

Crew::Crew() = default;
Crew::~Crew() = default;

void Crew::start(const ServerOptions::Crew& wanted) {
  threads = std::make_unique<boost::asio::thread_pool>(wanted.workers);
  most_inside = wanted.workers + wanted.max_waiting;
}

}  // namespace pawprint::net
