#include "hub/main/verb_syntax.h"

namespace pawprint::hub {
namespace {

constexpr OptionSyntax kEmail{"email", "what the user signs in with"};
constexpr OptionSyntax kTeam{"--team", "slug of the team"};
constexpr OptionSyntax kName{"--name", "name for people", false};

constexpr OptionSyntax kTeamAdd[] = {{"slug", "short name in lower case, like my-team"},
                                     {"--name", "name for people; the slug if left out", false}};
constexpr OptionSyntax kSlug{"slug", "slug of the team"};
constexpr OptionSyntax kTeamClose[] = {kSlug};
constexpr OptionSyntax kTeamInvite[] = {kSlug,
                                        {"--role", "owner, member or viewer", false, "member"},
                                        {"--email", "the only address that may accept it", false},
                                        {"--days", "how long it holds, 1 to 30", false, "7"}};
constexpr OptionSyntax kTeamInvitations[] = {kSlug};
constexpr OptionSyntax kTeamWithdraw[] = {kSlug, {"id", "the id that `team invitations` shows"}};
constexpr OptionSyntax kUserAdd[] = {
    kEmail, kTeam, {"--role", "owner, member or viewer", false, "member"}, kName};
constexpr OptionSyntax kUserList[] = {kTeam};
constexpr OptionSyntax kUserSetRole[] = {kEmail, kTeam, {"--role", "owner, member or viewer"}};
constexpr OptionSyntax kUserRemove[] = {kEmail, kTeam};
constexpr OptionSyntax kUserPassword[] = {kEmail};
constexpr OptionSyntax kTokenIssue[] = {kTeam, {"--name", "what the token is for, like ci"}};
constexpr OptionSyntax kTokenList[] = {{"--team", "slug of the team; all teams if left out", false}};
constexpr OptionSyntax kTokenRevoke[] = {{"id", "the id that `token list` shows"}};
constexpr OptionSyntax kKeyRetire[] = {{"kid", "the id that `key list` shows"}};
constexpr OptionSyntax kRebuild[] = {{"--team", "slug of the team; all teams if left out", false}};
constexpr OptionSyntax kMigrate[] = {
    {"--dry-run", "try it on a copy, say what would be done, and change nothing", false, {}, true}};
constexpr OptionSyntax kBackup[] = {{"file", "the file to make"}};
constexpr OptionSyntax kRestore[] = {{"file", "what `backup` made"}};

constexpr VerbSyntax kSyntax[] = {
    {"team", "add", "add a team", kTeamAdd},
    {"team", "close", "take everybody out of a team and end its tokens; its log stays", kTeamClose},
    {"team", "invite", "make an invitation for one person, once, and show it this once", kTeamInvite},
    {"team", "invitations", "list them: id, state, role, expires, for whom", kTeamInvitations},
    {"team", "withdraw", "make an open invitation worthless", kTeamWithdraw},
    {"team", "list", "list the teams: slug, name", {}},
    {"user", "add", "add a user to a team; one who is known already keeps name and password", kUserAdd, true},
    {"user", "list", "list the users of a team: email, role, name", kUserList},
    {"user", "set-role", "change what a user may do in a team, at once", kUserSetRole},
    {"user", "remove", "take a user out of a team and end their sessions there", kUserRemove},
    {"user", "password", "give a user another password and end all their sessions", kUserPassword, true},
    {"token", "issue", "make a token with which a machine may send events, and show it this once",
     kTokenIssue},
    {"token", "list", "list the tokens: id, team, state, issued, last used, name", kTokenList},
    {"token", "revoke", "make a token worthless, at once", kTokenRevoke},
    {"key", "list", "list the keys whose signatures count: id, what for", {}},
    {"key", "rotate", "sign access tokens with a new key; those that are out hold until they expire", {}},
    {"key", "retire", "make worthless at once what a former key has signed", kKeyRetire},
    {"", "verify", "check that logs and boards are whole, also while the hub runs", {}},
    {"", "rebuild", "fold the boards again from the logs, also while the hub runs", kRebuild},
    {"", "migrate", "bring the database of a hub that is down to the schema of this program", kMigrate},
    {"", "backup", "copy the database to a new file, also while the hub runs", kBackup},
    {"", "restore", "make the database of a new directory out of a backup; no hub may run there", kRestore},
};

}  // namespace

std::span<const VerbSyntax> verb_syntax() {
  return kSyntax;
}

}  // namespace pawprint::hub
