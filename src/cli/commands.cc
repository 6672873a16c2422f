#include <array>

#include "cli/command_functions.h"

namespace pawprint::cli {
namespace {

constexpr Option kFeature{"--feature", "SLUG",
                          "the feature, by slug or number; else from directory or branch"};
constexpr Option kActor{"--actor", "NAME", "who does it; else git's user.name"};
constexpr Option kAgent{"--agent", "NAME", "the agent that works, for the history"};
constexpr Option kCommit{"--commit", "", "commit the files of kitty-specs that this command changed"};
constexpr Option kServer{"--server", "URL", "the hub; else PAWPRINT_SERVER, else pawprint.toml"};
constexpr Option kTeam{"--team", "SLUG", "the team; else the only one that you are signed in to"};
constexpr Option kUsername{"--username", "NAME", "whose session, where several are signed in"};

constexpr std::array kEmitOptions{
    Option{"--aggregate", "ID", "what the event is about, such as WP01", true},
    Option{"--aggregate-type", "TYPE", "WorkPackage (default), Feature, or one of your own"},
    Option{"--payload", "JSON", "a JSON object; @FILE reads a file, - reads stdin; default {}"},
    Option{"--causation", "ID", "the event that this one follows from"},
    Option{"--durability", "LEVEL",
           "power: survives a power cut; process: survives a crash; else pawprint.toml, else power"}};
constexpr std::array kEmitWords{Positional{"TYPE", "the event's type, such as WPStatusChanged"}};
constexpr std::array kImplementOptions{
    kFeature, Option{"--base", "REV", "where a new branch starts: a revision or another work package"},
    kActor, kAgent, kCommit};
constexpr std::array kWpWord{Positional{"WP", "the work package, such as WP01"}};
constexpr std::array kMoveOptions{
    Option{"--to", "LANE", "planned, claimed, in_progress, for_review, done, blocked or canceled", true},
    kFeature,
    kActor,
    kAgent,
    Option{"--reason", "TEXT", "why; needed to go back and with --force"},
    Option{"--review-ref", "REF", "the review that sends it back to in_progress"},
    Option{"--force", "", "allow any move; needs --reason"},
    Option{"--resolve", "", "decide a conflict that the board shows: this move stands"},
    kCommit};
constexpr std::array kMarkOptions{Option{"--status", "STATUS", "done or pending", true}, kFeature, kCommit};
constexpr std::array kMarkWords{Positional{"TASK", "ids of subtasks, such as T001", true}};
constexpr std::array kFeatureOnly{kFeature};
constexpr std::array kAcceptOptions{kFeature, kActor, kCommit};
constexpr std::array kLinkOptions{kServer, kTeam, kUsername,
                                  Option{"--release", "", "also send the events that waited without a link"}};
constexpr std::array kSyncMoveOptions{
    Option{"--from", "ORIGIN[/TEAM]", "only what waits for this hub, or for this team of it; else all"},
    Option{"--yes", "", "do not ask"}};
constexpr std::array kServerWord{Positional{"URL", "https://..., or http:// to this machine"}};
constexpr std::array kLoginOptions{
    kServer,
    Option{"--team", "SLUG", "the team; else the one that is your default at the hub"},
    Option{"--username", "NAME", "the name or e-mail address to sign in with"},
    Option{"--password-stdin", "", "read the password from stdin instead of asking for it"},
    Option{"--device", "", "show a code that you approve in a browser, on any machine"},
    Option{"--link", "", "link this project, and send the events that wait here"},
    Option{"--no-link", "", "do not link this project"}};
constexpr std::array kSessionOptions{kServer, kTeam, kUsername};

constexpr std::array kListOptions{
    Option{"--state", "STATE",
           "intent, pending, sent, parked, discarded, dropped or spilled; else all that waits"},
    Option{"--limit", "N", "how many at most; 100 if not given"}};
constexpr std::array kEventWord{Positional{"ID", "the event's id, as `pawprint sync list` shows it"}};
constexpr std::array kMaybeEventWord{
    Positional{"ID", "the event's id, as `pawprint sync list` shows it", false, true}};
constexpr std::array kRetryOptions{Option{"--all", "", "every parked event"}};
constexpr std::array kDiscardOptions{Option{"--yes", "", "do not ask"}};
constexpr std::array kExportOptions{
    Option{"--out", "FILE", "write to this file instead of stdout; needed with --json"}};
constexpr std::array kConfigListOptions{Option{"--show-origin", "", "also where each value is from"}};

constexpr std::array kCommands{
    Command{"init", "", "Give this repository its project identity", {}, {}, run_init},
    Command{"implement", "", "Start a work package: branch, worktree, lane in_progress", kImplementOptions,
            kWpWord, run_implement},
    Command{"agent tasks move-task", "move-task", "Move a work package to another lane", kMoveOptions,
            kWpWord, run_move_task},
    Command{"agent tasks mark-status", "mark-status", "Tick subtasks in tasks.md, or untick them",
            kMarkOptions, kMarkWords, run_mark_status},
    Command{"agent tasks status",
            "status",
            "Show a feature's work packages by lane",
            kFeatureOnly,
            {},
            run_status},
    Command{"agent feature finalize-tasks",
            "finalize-tasks",
            "Announce a feature and its work packages",
            kFeatureOnly,
            {},
            run_finalize_tasks},
    Command{"agent feature accept",
            "accept",
            "Accept a feature whose work packages are all reviewed",
            kAcceptOptions,
            {},
            run_accept},
    Command{"emit", "", "Record one event", kEmitOptions, kEmitWords, run_emit},
    Command{"auth login", "", "Sign in to a hub", kLoginOptions, {}, run_auth_login},
    Command{"auth logout", "", "Sign out", kSessionOptions, {}, run_auth_logout},
    Command{"auth status", "", "Show who is signed in where", {}, {}, run_auth_status},
    Command{"sync server", "", "Set the hub that commands talk to", {}, kServerWord, run_sync_server},
    Command{"sync link", "", "Send this project's events to a team", kLinkOptions, {}, run_sync_link},
    Command{"sync unlink", "", "Stop sending this project's events", {}, {}, run_sync_unlink},
    Command{"sync move",
            "",
            "Send along this project's link what waits for earlier ones of it",
            kSyncMoveOptions,
            {},
            run_sync_move},
    Command{"sync now", "", "Deliver what is queued, and wait for it", {}, {}, run_sync_now},
    Command{"sync status", "", "Show what is queued and why it has not gone", {}, {}, run_sync_status},
    Command{"sync list", "", "List queued events", kListOptions, {}, run_sync_list},
    Command{"sync show", "", "Show one event of the queue", {}, kEventWord, run_sync_show},
    Command{"sync retry", "", "Send parked events again", kRetryOptions, kMaybeEventWord, run_sync_retry},
    Command{"sync discard", "", "Give up an event that is parked or that no link sends", kDiscardOptions,
            kEventWord, run_sync_discard},
    Command{"sync diagnose", "", "Check every queued event against the rules", {}, {}, run_sync_diagnose},
    Command{
        "sync export", "", "Write out the queue, one event on a line", kExportOptions, {}, run_sync_export},
    Command{"config list", "", "Show the settings and their values", kConfigListOptions, {}, run_config_list},
    Command{"doctor", "", "Look for what is wrong, and say what to type", {}, {}, run_doctor},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::string Arguments::value_or(std::string_view name, std::string_view fallback) const {
  return value(name).value_or(std::string(fallback));
}

}  // namespace pawprint::cli
