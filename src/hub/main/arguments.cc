#include "hub/main/arguments.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "base/url.h"
#include "pawprint/version.h"

namespace pawprint::hub {
namespace {

constexpr std::string_view kHelpHint = "pawprint-hub --help";

struct Listen {
  std::string address;
  std::uint16_t port = 0;
};

// "127.0.0.1:8080", "localhost:0", "[::1]:0"
std::optional<Listen> split_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  Listen listen;
  const auto [stopped, code] = std::from_chars(digits.data(), digits.data() + digits.size(), listen.port);
  if (code != std::errc{} || stopped != digits.data() + digits.size()) return std::nullopt;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (host.contains(':') != bracketed) return std::nullopt;
  listen.address = bracketed ? host.substr(1, host.size() - 2) : host;
  if (listen.address == "localhost") listen.address = "127.0.0.1";
  return listen;
}

Result<Listen> parse_listen(const std::string& text) {
  const auto listen = split_listen(text);
  if (!listen) {
    return fail(ErrorKind::usage, fmt::format("--listen {}: not of the form ADDRESS:PORT", text),
                "pawprint-hub serve --data DIR --listen 127.0.0.1:0");
  }
  if (!normalised_origin("http://" + text.substr(0, text.rfind(':')))) {
    return fail(
        ErrorKind::usage,
        fmt::format("--listen {}: the hub speaks plain http, so it listens on this machine only", text),
        "pawprint-hub serve --data DIR --listen 127.0.0.1:0");
  }
  return *listen;
}

// CLI11 hands out values through pointers, so they live together while it parses.
struct Parsed {
  std::string data, listen, slug, email, team, name;
  std::string role = "member";
  bool password_stdin = false;
};

struct Verbs {
  CLI::App* serve;
  CLI::App* add_team;
  CLI::App* add_user;
};

Verbs declare(CLI::App& app, Parsed& parsed) {
  app.set_version_flag("--version", fmt::format("pawprint-hub {}", kVersion));
  app.add_option("--data", parsed.data, "directory that holds everything the hub keeps")
      ->required()
      ->type_name("DIR");
  app.fallthrough();
  app.require_subcommand(1);

  CLI::App* serve = app.add_subcommand("serve", "serve the hub until SIGTERM or SIGINT");
  serve->add_option("--listen", parsed.listen, "loopback address and port, port 0 for any free one")
      ->required()
      ->type_name("ADDRESS:PORT");

  CLI::App* team = app.add_subcommand("team", "administer teams; the hub must not be running");
  team->require_subcommand(1)->fallthrough();
  CLI::App* add_team = team->add_subcommand("add", "add a team")->fallthrough();
  add_team->add_option("slug", parsed.slug, "short name in lower case, like my-team")->required();
  add_team->add_option("--name", parsed.name, "name for people; the slug if left out");

  CLI::App* user = app.add_subcommand("user", "administer users; the hub must not be running");
  user->require_subcommand(1)->fallthrough();
  CLI::App* add_user = user->add_subcommand("add", "add a user to a team")->fallthrough();
  add_user->add_option("email", parsed.email, "what the user signs in with")->required();
  add_user->add_option("--team", parsed.team, "slug of the team")->required();
  add_user->add_option("--role", parsed.role, "viewer, member or admin")->capture_default_str();
  add_user->add_option("--name", parsed.name, "name for people");
  add_user->add_flag("--password-stdin", parsed.password_stdin, "read the password from standard input")
      ->required();
  for (CLI::App* verb : {serve, add_team, add_user}) verb->footer("--data DIR is needed here too.");
  return {serve, add_team, add_user};
}

Result<Command> command_of(const Parsed& parsed, const Verbs& verbs) {
  if (verbs.add_team->parsed()) return AddTeam{parsed.data, parsed.slug, parsed.name};
  if (verbs.add_user->parsed()) {
    return AddUser{parsed.data, parsed.email, parsed.team, parsed.role, parsed.name};
  }
  PAW_TRY(listen, parse_listen(parsed.listen));
  return Serve{parsed.data, listen.address, listen.port};
}

// The help of the innermost subcommand that was named.
std::string help_of(const CLI::App& app, const std::string& words_before) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.help(words_before);
  return help_of(*chosen.front(),
                 words_before.empty() ? app.get_name() : words_before + " " + app.get_name());
}

}  // namespace

Result<Command> parse_arguments(std::span<const std::string> words) {
  CLI::App app("Receives the events of Pawprint and shows them on a board.", "pawprint-hub");
  Parsed parsed;
  const Verbs verbs = declare(app, parsed);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    return ShowText{help_of(app, "")};
  } catch (const CLI::CallForVersion& version) {
    return ShowText{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& problem) {
    return fail(ErrorKind::usage, fmt::format("command line: {}", problem.what()), std::string(kHelpHint));
  }
  return command_of(parsed, verbs);
}

}  // namespace pawprint::hub
