// What the sync and auth commands look at: the project, its identity, the sessions of this home, the
// settings.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cli/command.h"
#include "credentials/sessions.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"
#include "settings/settings.h"

namespace pawprint::cli {

struct ProjectHere {
  project::Places places;
  project::Identity identity;
};

enum class IdentityAccess { read, backfill };

// The project around the working directory. Kind not_in_project if there is none.
Result<ProjectHere> project_here(Context& context, const project::Home& home, IdentityAccess access);

inline constexpr std::string_view kServerVariable = "PAWPRINT_SERVER";

// --server > PAWPRINT_SERVER > pawprint.toml, normalised; nullopt if none is set.
Result<std::optional<std::string>> chosen_server(const Context& context, const Arguments& arguments,
                                                 const project::Home& home);

// The queue for reading; nullopt: there is none. An error names the command that looks into it.
Result<std::optional<outbox::Outbox>> existing_queue(Context& context, const project::Home& home);

// Both for reading. Where there is no queue, or none that can be read, the overflow is as it was before that
// was known: what a delivery takes out of it meanwhile, to make the first queue, is still in these files.
struct QueueAndSpill {
  Result<outbox::Spill::Waiting> spill;
  Result<std::optional<outbox::Outbox>> queue;  // as existing_queue()
};
QueueAndSpill open_for_reading(Context& context, const project::Home& home);

// For who reads the queue in another way: tells what is told once. Why it cannot be opened, that way says.
void report_on_queue(Context& context, const project::Home& home);

// Adds to the command's warnings, in the end, what an outbox reports.
struct ReportsInTheEnd {
  Warnings* warnings = nullptr;
  void operator()(outbox::Outbox* outbox) const;
};
using WritableQueue = std::unique_ptr<outbox::Outbox, ReportsInTheEnd>;

// The queue for deciding; made if it is not there. The context outlives it.
Result<WritableQueue> writable_queue(Context& context, const project::Home& home);

std::vector<outbox::SessionKey> session_keys(const std::vector<credentials::Session>& sessions);

}  // namespace pawprint::cli
