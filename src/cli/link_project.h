// Linking the project around the working directory, for `sync link` and for `auth login`.
#pragma once

#include "cli/sync_context.h"
#include "outbox/outbox.h"

namespace pawprint::cli {

enum class Release {
  no,   // what waited stays on this machine
  yes,  // what waited goes along
  ask   // a question on the terminal, `no` without one
};

// Binds the project to the session's (origin, team, user). Kinds: failed if the project cannot be linked.
Result<Report> link_project(Context& context, const project::Home& home, const credentials::Session& session,
                            Release release);

// The link that it would make, without its number; the identity has a UUID.
outbox::Link link_for(const project::Identity& identity, const credentials::Session& session);

// Events of this project instance that wait for a link, the overflow included.
struct WaitingHere {
  std::uint64_t unlinked = 0;     // a release takes them along
  std::uint64_t left_behind = 0;  // their link was ended; making it again takes it up
};
Result<WaitingHere> waiting_here(outbox::Outbox& outbox, const outbox::Link& link);

// Where the instance of the active link was linked before, with what waits for that.
Result<std::vector<outbox::Outbox::EarlierLinks>> earlier_links(outbox::Outbox& outbox,
                                                                const outbox::Link& active);

// Whether somebody is there to be asked, and hears the question.
bool can_ask(const Context& context);
// Asks a yes/no question on the terminal; anything but y or yes is no. False without a terminal.
bool ask_on_terminal(const Context& context, std::string_view question);

}  // namespace pawprint::cli
