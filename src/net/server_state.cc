#include "net/server_state.h"

#include <boost/asio/io_context.hpp>

namespace pawprint::net {

ServerState::ServerState()
    : io(std::make_unique<boost::asio::io_context>()),
      heads(*io),
      crew(*io),
      slow_crew(*io),
      web_sockets(make_web_socket_loop()) {}
ServerState::~ServerState() = default;

}  // namespace pawprint::net
