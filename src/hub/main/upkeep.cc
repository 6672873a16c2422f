#include "hub/main/upkeep.h"

#include "base/format.h"
#include "base/printable.h"
#include "base/sabotage.h"
#include "base/shell_word.h"
#include "hub/board/verify.h"
#include "hub/main/admin_teams.h"
#include "hub/main/data_directory.h"
#include "hub/store/backup.h"
#include "hub/store/scratch_directory.h"

namespace pawprint::hub {
namespace {

constexpr std::string_view kRestore = "pawprint-hub restore BACKUP --data ANOTHER_DIR";

Result<std::vector<store::Team>> teams_of(const Administered& hub, const AdminRequest& request) {
  if (request.option("team").empty()) return hub.store.users().teams();
  PAW_TRY(team, team_named(hub, request.option("team"), request));
  return std::vector{std::move(team)};
}

std::string joined(const std::vector<std::string>& faults) {
  std::string text;
  for (const std::string& fault : faults) text += (text.empty() ? "" : "; ") + fault;
  return text;
}

Result<void> check_file(const Administered& hub) {
  PAW_TRY(found, hub.store.find_damage(hub.stop));
  if (found.empty() || sabotaged("verify-trusts-the-file")) return {};
  return fail(ErrorKind::failed, fmt::format("the database is damaged: {}", printable(joined(found))),
              std::string(kRestore));
}

Result<void> judge(const store::Team& team, const board::Verification& found, const AdminRequest& request) {
  if (!found.log_faults.empty()) {
    return fail(ErrorKind::failed,
                fmt::format("the log of team {} is damaged: {}", team.slug, joined(found.log_faults)),
                std::string(kRestore));
  }
  if (found.board_faults.empty()) return {};
  return fail(ErrorKind::failed,
              fmt::format("the board of team {} is wrong: {}", team.slug, joined(found.board_faults)),
              typed("rebuild --team " + team.slug, request));
}

// Folds each board once more, in DIR/verify.
Result<std::string> verify_teams(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(teams, hub.store.users().teams());
  const store::ScratchDirectory directory(hub.data_directory / kVerifyDirectory);
  PAW_TRY(scratch, store::Store::open(hub.environment, directory.path()));
  std::string text;
  for (const store::Team& team : teams) {
    PAW_TRY(found, board::verify_team(hub.store, hub.board, *scratch, team.team_id, hub.stop));
    PAW_TRY(whole, judge(team, found, request));
    text += fmt::format("team {}: {} events, whole\n", team.slug, found.events);
  }
  return text;
}

// Boards take less than the database that they are in.
Error with_room_wanted(const Administered& hub, Error error) {
  if (!error.message.contains((hub.data_directory / kVerifyDirectory).string())) return error;
  const auto wanted = store::bytes_of_database(*hub.environment.disk, hub.data_directory);
  const auto free = hub.store.disk_room().free_bytes();
  if (!wanted || !free || *free >= *wanted) return error;
  error.message +=
      fmt::format("; to fold the boards there once more up to {} MiB may be wanted, and {} MiB are free",
                  (*wanted >> 20) + 1, *free >> 20);
  error.hint = "make room on that disk, then run this again";
  return error;
}

// A backup does not tell what was taken from somebody after it was made.
std::string to_be_done_again(const store::Restored& restored, std::string_view data) {
  std::string text =
      "do again what was done since that backup: user remove, user set-role, user password, team close\n";
  if (restored.revoked_tokens == 0) return text;
  return text + fmt::format(
                    "tokens of machines: {} revoked, as any of them may have been since that backup\n"
                    "  those there were: pawprint-hub token list --data {}\n"
                    "  a new one: pawprint-hub token issue --team TEAM --name NAME --data {}\n",
                    restored.revoked_tokens, data, data);
}

}  // namespace

Result<std::string> verify(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(sound, check_file(hub));
  auto outcome = verify_teams(hub, request);
  if (!outcome) return std::unexpected(with_room_wanted(hub, std::move(outcome).error()));
  return outcome;
}

Result<std::string> rebuild(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(teams, teams_of(hub, request));
  std::string text;
  for (const store::Team& team : teams) {
    PAW_TRY(rebuilt, hub.board.rebuild(team.team_id, hub.stop));
    text += fmt::format("rebuilt the board of team {}\n", team.slug);
  }
  return text;
}

Result<std::string> back_up(const Administered& hub, const AdminRequest& request) {
  const Path file(request.option("file"));
  if (!file.is_absolute()) return fail(ErrorKind::usage, "backup: the file has no absolute path");
  PAW_TRY(copied, hub.store.back_up(file, hub.stop));
  return fmt::format("backed up to {}\n", printable(file.string()));
}

Result<std::string> restore_data(const Environment& environment, const Path& data_directory,
                                 const Path& file) {
  // All that can be said before anything is made.
  PAW_TRY(is_free, store::check_no_hub_is_in(*environment.disk, file, data_directory));
  auto backup = store::open_backup(*environment.disk, file);
  if (!backup) {
    Error& error = backup.error();
    if (error.hint.empty()) {
      error.hint =
          fmt::format("pawprint-hub restore ANOTHER_BACKUP --data {}", shell_word(data_directory.string()));
    }
    return std::unexpected(std::move(error));
  }
  const auto left_out = backup->left_out;
  PAW_TRY(lock, lock_data_directory(environment, data_directory));
  PAW_TRY(restored, store::restore(environment, *std::move(backup), data_directory));
  std::string text = fmt::format("restored {} into {}; everybody has to sign in again\n",
                                 printable(file.string()), printable(data_directory.string()));
  text += to_be_done_again(restored, shell_word(data_directory.string()));
  if (left_out) {
    text += fmt::format(
        "not all of it: {}. Machines send their events again; users, roles and tokens of "
        "that time are gone\n",
        *left_out);
  }
  text += fmt::format("hold each event against its hash: pawprint-hub verify --data {}\n",
                      shell_word(data_directory.string()));
  return text;
}

}  // namespace pawprint::hub
