// The run function of every command, for the table in commands.cc. Each stands in its own cmd_*.cc.
#pragma once

#include "cli/command.h"

namespace pawprint::cli {

Result<Report> run_init(Context&, const Arguments&);
Result<Report> run_emit(Context&, const Arguments&);
Result<Report> run_implement(Context&, const Arguments&);
Result<Report> run_move_task(Context&, const Arguments&);
Result<Report> run_mark_status(Context&, const Arguments&);
Result<Report> run_status(Context&, const Arguments&);
Result<Report> run_accept(Context&, const Arguments&);
Result<Report> run_finalize_tasks(Context&, const Arguments&);
Result<Report> run_sync_link(Context&, const Arguments&);
Result<Report> run_sync_unlink(Context&, const Arguments&);
Result<Report> run_sync_move(Context&, const Arguments&);
Result<Report> run_sync_server(Context&, const Arguments&);
Result<Report> run_sync_now(Context&, const Arguments&);
Result<Report> run_sync_status(Context&, const Arguments&);
Result<Report> run_sync_list(Context&, const Arguments&);
Result<Report> run_sync_show(Context&, const Arguments&);
Result<Report> run_sync_retry(Context&, const Arguments&);
Result<Report> run_sync_discard(Context&, const Arguments&);
Result<Report> run_sync_diagnose(Context&, const Arguments&);
Result<Report> run_sync_export(Context&, const Arguments&);
Result<Report> run_auth_login(Context&, const Arguments&);
Result<Report> run_auth_logout(Context&, const Arguments&);
Result<Report> run_auth_status(Context&, const Arguments&);
Result<Report> run_config_list(Context&, const Arguments&);
Result<Report> run_doctor(Context&, const Arguments&);

}  // namespace pawprint::cli
