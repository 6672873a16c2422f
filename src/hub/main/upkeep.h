// The commands of an administrator that look after the data as a whole.
#pragma once

#include "hub/main/admin.h"

namespace pawprint::hub {

// The file, every team's log and board, or kind `failed` with what is wrong and the command that helps.
Result<std::string> verify(const Administered& hub, const AdminRequest& request);
Result<std::string> rebuild(const Administered& hub, const AdminRequest& request);  // of one team or of all
Result<std::string> back_up(const Administered& hub, const AdminRequest& request);  // option "file", absolute

// Makes a directory's database out of a backup. A file that is none, or a directory that has a database:
// errors of store/backup.h, and the directory stays as it is.
Result<std::string> restore_data(const Environment& environment, const Path& data_directory,
                                 const Path& file);

}  // namespace pawprint::hub
