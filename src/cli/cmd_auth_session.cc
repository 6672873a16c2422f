#include "base/format.h"
#include "cli/agent_process.h"
#include "cli/command_functions.h"
#include "cli/session_json.h"
#include "cli/sync_context.h"
#include "credentials/machine_token.h"

namespace pawprint::cli {

Result<Report> run_auth_logout(Context& context, const Arguments& arguments) {
  PAW_TRY(home, project::find_home(context.environment));
  std::vector<std::string> words{"logout"};
  PAW_TRY(server, chosen_server(context, arguments, home));
  if (server) words.insert(words.end(), {"--server", *server});
  for (const std::string_view name : {"--team", "--username"}) {
    if (const auto value = arguments.value(name)) words.insert(words.end(), {std::string(name), *value});
  }
  PAW_TRY(answer, run_agent(context, words));
  Report report;
  report.data = std::move(answer.data);
  report.error = std::move(answer.error);
  report.exit_code = answer.exit_code;
  if (!report.error) report.text = "signed out; queued events stay on this machine\n";
  return report;
}

Result<Report> run_auth_status(Context& context, const Arguments&) {
  PAW_TRY(home, project::find_home(context.environment));
  const credentials::SessionStore store(context.environment, home.directory);
  PAW_TRY(sessions, store.load_or_signed_out(context.warnings));
  Report report;
  report.data["sessions"] = sessions_json(sessions);
  report.text = sessions_text(sessions);
  report.data["token_origin"] = nullptr;
  const auto token = credentials::machine_token(context.environment);
  if (!token) context.warnings.add("machine-token", token.error().message, token.error().hint);
  if (token && *token) {
    report.data["token_origin"] = (*token)->origin;
    report.text += fmt::format("{}  by the token in PAWPRINT_TOKEN\n", (*token)->origin);
  }
  return report;
}

}  // namespace pawprint::cli
