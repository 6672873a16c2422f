#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

#include "base/format.h"
#include "base/printable.h"
#include "hub/main/admin_way.h"
#include "hub/main/arguments.h"
#include "hub/main/configuration.h"
#include "hub/main/preflight.h"
#include "hub/main/serve.h"

namespace pawprint::hub {
namespace {

constexpr std::size_t kMaxPasswordInput = 4096;

// Everything on standard input, as far as a password can be.
Result<std::string> read_password() {
  std::string text(kMaxPasswordInput + 1, '\0');
  std::size_t used = 0;
  while (used < text.size()) {
    const ssize_t came = ::read(STDIN_FILENO, text.data() + used, text.size() - used);
    if (came < 0 && errno == EINTR) continue;
    if (came < 0) {
      return fail(ErrorKind::io,
                  fmt::format("cannot read the password: {}", std::generic_category().message(errno)));
    }
    if (came == 0) break;
    used += static_cast<std::size_t>(came);
  }
  if (used > kMaxPasswordInput) return fail(ErrorKind::invalid, "cannot use this password: it is too long");
  text.resize(used);
  return text;
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// Performs a command; the text is for stdout.
struct Perform {
  const Environment& environment;
  const Configured& configured;
  Result<std::string> operator()(const ShowText& show) const { return show.text; }
  Result<std::string> operator()(const Serve& wanted) const {
    PAW_TRY(served, serve(environment, wanted));
    return std::string();
  }
  Result<std::string> operator()(const CheckConfig& check) const {
    PAW_TRY(usable, look_at_settings(environment, check.serve));
    PAW_TRY(readable, look_at_database(environment, check.serve.data));
    auto values = check.values;
    values["--max-connections"] = fmt::format("{}", usable.room.connections);
    return in_effect(configured, values);
  }
  Result<std::string> operator()(Administer wanted) const {
    if (wanted.takes_password) {
      PAW_TRY(password, read_password());
      wanted.request.options["password"] = without_line_end(password);
    }
    return administer_data(environment, wanted.data, wanted.request);
  }
};

Result<std::string> run(std::span<const std::string> words) {
  const Environment environment = process_environment();
  PAW_TRY(configured, configure(environment, words));
  const auto command = parse_arguments(configured.words);
  if (!command) return std::unexpected(told_where_from(command.error(), configured));
  ::umask(0077);  // what the hub keeps is for its user alone
  auto outcome = std::visit(Perform{environment, configured}, *command);
  if (!outcome) return std::unexpected(told_where_from(outcome.error(), configured));
  return outcome;
}

int report(const Error& error) {
  std::string text = "pawprint-hub: " + printable(error.message) + "\n";
  if (!error.hint.empty()) text += "  try: " + printable(error.hint) + "\n";
  std::fputs(text.c_str(), stderr);
  return error.kind == ErrorKind::usage ? 2 : 1;
}

}  // namespace
}  // namespace pawprint::hub

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto outcome = pawprint::hub::run(words);
  if (!outcome) return pawprint::hub::report(outcome.error());
  const bool written = std::fputs(outcome->c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? 0 : 1;
}
