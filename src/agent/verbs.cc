#include "agent/verbs.h"

namespace pawprint::agent {

Reply run(Context& context, const Invocation& invocation) {
  const auto verb = [&]() -> Result<Reply> {
    switch (invocation.verb.value()) {
      case Verb::deliver:
        return deliver(context, invocation);
      case Verb::login:
        return login(context, invocation);
      case Verb::logout:
        return logout(context, invocation);
      case Verb::reach:
        return reach(context, invocation);
      case Verb::token:
        return token(context, invocation);
      case Verb::whoami:
        break;
    }
    return whoami(context, invocation);
  };
  Result<Reply> reply = verb();
  if (reply) return *std::move(reply);
  return {.data = {}, .error = std::move(reply).error()};
}

}  // namespace pawprint::agent
