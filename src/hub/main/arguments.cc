#include "hub/main/arguments.h"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/shell_word.h"
#include "base/url.h"
#include "hub/main/verb_syntax.h"
#include "pawprint/version.h"

namespace pawprint::hub {
namespace {

constexpr std::string_view kProxyHeader = "x-forwarded-for";
constexpr std::string_view kStructuredProxyHeader = "forwarded";

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

Result<Listen> parse_listen(const std::string& text, const std::string& data) {
  const auto listen = split_listen(text);
  if (!listen) {
    return fail(ErrorKind::usage, fmt::format("--listen {}: not of the form ADDRESS:PORT", text),
                fmt::format("pawprint-hub serve --data {} --listen 127.0.0.1:0", shell_word(data)));
  }
  in6_addr any{};
  if (inet_pton(AF_INET, listen->address.c_str(), &any) != 1 &&
      inet_pton(AF_INET6, listen->address.c_str(), &any) != 1) {
    return fail(
        ErrorKind::usage, fmt::format("--listen {}: not an address of this machine", text),
        fmt::format("pawprint-hub serve --data {} --listen 0.0.0.0:8443 --tls-cert FILE --tls-key FILE",
                    shell_word(data)));
  }
  return *listen;
}

// A row of verb_syntax.h with what CLI11 made of it, which writes to the values while it parses.
struct DeclaredVerb {
  const VerbSyntax* syntax = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, std::string, std::less<>> values;
  bool password_stdin = false;
};

struct Parsed {
  std::string data, listen, public_url, tls_cert, tls_key;
  std::string metrics_token_file, trusted_proxies, proxy_header = std::string(kProxyHeader);
  bool insecure = false;
  std::string config;  // read before the words are, by configure()
  ingest::QuotaLimits quota;
  Serve limits;  // of it, the three below alone
  bool log_requests = false;
  CLI::App* serve = nullptr;
  CLI::App* check = nullptr;
  std::deque<DeclaredVerb> verbs;
};

void declare_options(DeclaredVerb& verb) {
  for (const OptionSyntax& option : verb.syntax->options) {
    std::string& value = verb.values[std::string(option.name.substr(option.name.find_first_not_of('-')))];
    value = option.standard;
    if (option.is_flag) {
      verb.app->add_flag_callback(
          std::string(option.name), [&value] { value = "true"; }, std::string(option.help));
      continue;
    }
    CLI::Option* declared = verb.app->add_option(std::string(option.name), value, std::string(option.help));
    declared->required(option.required);
    if (!option.standard.empty()) declared->capture_default_str();
  }
  if (!verb.syntax->takes_password) return;
  verb.app->add_flag("--password-stdin", verb.password_stdin, "read the password from standard input")
      ->required();
}

void declare_verbs(CLI::App& app, Parsed& parsed) {
  std::map<std::string_view, CLI::App*> groups{{"", &app}};
  for (const VerbSyntax& syntax : verb_syntax()) {
    CLI::App*& group = groups[syntax.group];
    if (group == nullptr) {
      group = app.add_subcommand(std::string(syntax.group),
                                 fmt::format("administer {}s, also while the hub runs", syntax.group));
      group->require_subcommand(1)->fallthrough();
    }
    DeclaredVerb& verb = parsed.verbs.emplace_back();
    verb.syntax = &syntax;
    verb.app = group->add_subcommand(std::string(syntax.verb), std::string(syntax.help))->fallthrough();
    verb.app->footer("--data DIR is needed here too.");
    declare_options(verb);
  }
}

// Neither a number that no counter holds, nor "nan", which is neither above nor below another.
std::string fault_of_number(const std::string& text, double least) {
  constexpr double kMost = 1e18;
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = code == std::errc() && end == text.data() + text.size();
  if (is_number && number >= least && number <= kMost) return "";
  return fmt::format("a number from {} to {} is wanted", least, kMost);
}

std::string fault_of_count(const std::string& text) {
  constexpr std::uint64_t kMost = 1'000'000'000;
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = code == std::errc() && end == text.data() + text.size();
  if (is_number && number >= 1 && number <= kMost) return "";
  return fmt::format("a whole number from 1 to {} is wanted", kMost);
}

void declare_quota(CLI::App& serve, ingest::QuotaLimits& quota) {
  const auto declare_limit = [&serve](const char* name, double& limit, const char* help) {
    constexpr double kLeast = 0.001;
    serve.add_option(name, limit, help)
        ->check([](const std::string& text) { return fault_of_number(text, kLeast); })
        ->default_str(fmt::format("{}", limit));
  };
  declare_limit("--team-events-per-second", quota.events_per_second, "what a team may send in the long run");
  declare_limit("--team-burst-events", quota.burst_events,
                "what it may send at once after a rest; a batch with more waits for a full one");
  declare_limit("--team-bytes-per-second", quota.bytes_per_second, "as --team-events-per-second, inflated");
  declare_limit("--team-burst-bytes", quota.burst_bytes, "as --team-burst-events, inflated");
}

void declare_limits(CLI::App& serve, Parsed& parsed) {
  serve
      .add_option("--disk-floor-bytes", parsed.limits.disk_floor_bytes,
                  "events are turned away when less is free on the disk; 0: when nothing is")
      ->check([](const std::string& text) { return fault_of_number(text, 0); })
      ->capture_default_str();
  serve
      .add_option("--max-connections", parsed.limits.max_connections,
                  "open at one time, sockets of the live channel among them; left out: 6144, or what the "
                  "limit on open files allows")
      ->check(fault_of_count);
  serve
      .add_option("--team-live-sockets", parsed.limits.max_sockets_of_team,
                  "sockets of the live channel that a team may have open")
      ->check(fault_of_count)
      ->capture_default_str();
  serve.add_flag("--log-requests", parsed.log_requests,
                 "a line for every request on stderr, not only for those that failed");
}

void declare_tls(CLI::App& serve, Parsed& parsed) {
  CLI::Option* cert =
      serve.add_option("--tls-cert", parsed.tls_cert,
                       "PEM file of the certificate and those up to its authority; read again "
                       "after SIGHUP");
  CLI::Option* key = serve.add_option("--tls-key", parsed.tls_key, "PEM file of the certificate's key");
  cert->type_name("FILE")->needs(key);
  key->type_name("FILE")->needs(cert);
  serve.add_flag(
      "--insecure", parsed.insecure,
      "plain http at an address that other machines can reach, because something before it has TLS");
}

void declare_proxies(CLI::App& serve, Parsed& parsed) {
  CLI::Option* proxies =
      serve.add_option("--trusted-proxies", parsed.trusted_proxies,
                       "addresses and networks whose word on where a request comes from is believed");
  proxies->type_name("ADDRESS[/BITS],...");
  serve.add_option("--proxy-header", parsed.proxy_header, "the header in which they write it")
      ->check(CLI::IsMember({std::string(kProxyHeader), std::string(kStructuredProxyHeader)}))
      ->needs(proxies)
      ->capture_default_str();
}

void declare_serve(CLI::App& serve, Parsed& parsed) {
  serve.fallthrough();
  serve.footer(
      "--data DIR is needed here too. Each of these can stand in a TOML file (--config FILE; --tls-cert is\n"
      "tls_cert = \"FILE\") or in a variable (PAWPRINT_HUB_TLS_CERT); the command line goes before them.");
  serve.add_option("--listen", parsed.listen, "address and port, port 0 for any free one")
      ->required()
      ->type_name("ADDRESS:PORT");
  serve
      .add_option("--public-url", parsed.public_url,
                  "where clients reach the hub, if something stands before it")
      ->type_name("URL");
  declare_proxies(serve, parsed);
  serve
      .add_option("--metrics-token-file", parsed.metrics_token_file,
                  "holds the token for /metrics; without it they are for this machine only")
      ->type_name("FILE");
  declare_tls(serve, parsed);
  declare_limits(serve, parsed);
  declare_quota(serve, parsed.quota);
}

void declare(CLI::App& app, Parsed& parsed) {
  app.set_version_flag("--version", fmt::format("pawprint-hub {}", kVersion));
  app.add_option("--data", parsed.data, "directory that holds everything the hub keeps")
      ->required()
      ->type_name("DIR");
  app.add_option("--config", parsed.config, "TOML file with settings of `serve`")->type_name("FILE");
  app.fallthrough();
  app.require_subcommand(1);
  parsed.serve = app.add_subcommand("serve", "serve the hub until SIGTERM or SIGINT");
  declare_serve(*parsed.serve, parsed);
  CLI::App* config = app.add_subcommand("config", "look at what the hub is told to do");
  config->require_subcommand(1)->fallthrough();
  parsed.check =
      config->add_subcommand("check", "check the settings of `serve`, and show where they come from");
  declare_serve(*parsed.check, parsed);
  declare_verbs(app, parsed);
  app.footer(  // last, since a subcommand begins with that of its parent
      "A first hub:\n"
      "  pawprint-hub team add my-team --data DIR\n"
      "  pawprint-hub user add ME@EXAMPLE.ORG --team my-team --password-stdin --data DIR\n"
      "  pawprint-hub serve --data DIR --listen 127.0.0.1:8080");
}

Administer administer_of(const Parsed& parsed, const DeclaredVerb& verb) {
  const std::string_view group = verb.syntax->group;
  AdminRequest request{fmt::format("{}{}{}", group, group.empty() ? "" : " ", verb.syntax->verb),
                       verb.values};
  request.options["data"] = parsed.data;  // for the commands that an error says to type
  return {parsed.data, std::move(request), verb.syntax->takes_password};
}

// The hub's paths begin at the root of its origin: one in front of them would lead clients nowhere.
Result<std::string> public_origin(const std::string& text) {
  if (text.empty()) return text;
  const auto url = parse_url(text);
  const auto origin = normalised_origin(text);
  if (!origin) return std::unexpected(named("--public-url", origin.error()));
  if (url->target == "/" && !text.contains('#')) return origin;
  return fail(ErrorKind::usage,
              fmt::format("--public-url {}: the hub has no path of its own in front of its pages", text),
              fmt::format("--public-url {}", *origin));
}

Result<Serve> serve_of(const Parsed& parsed) {
  PAW_TRY(listen, parse_listen(parsed.listen, parsed.data));
  Serve serve = parsed.limits;
  serve.data = parsed.data;
  serve.address = listen.address;
  serve.port = listen.port;
  serve.quota = parsed.quota;
  serve.log_requests = parsed.log_requests;
  serve.metrics_token_file = parsed.metrics_token_file;
  if (!parsed.tls_cert.empty()) serve.tls = {parsed.tls_cert, parsed.tls_key};
  Url here;
  here.host = listen.address;
  if (!serve.tls && !parsed.insecure && !is_loopback(here)) {
    return fail(
        ErrorKind::usage,
        fmt::format("--listen {}: others could read what plain http carries, passwords and tokens too; it "
                    "needs a certificate, or --insecure if something before the hub has TLS",
                    parsed.listen),
        fmt::format("pawprint-hub serve --data {} --listen {} --tls-cert FILE --tls-key FILE",
                    shell_word(parsed.data), shell_word(parsed.listen)));
  }
  PAW_TRY(public_url, public_origin(parsed.public_url));
  serve.public_url = std::move(public_url);
  if (parsed.trusted_proxies.empty()) return serve;
  const bool is_structured = parsed.proxy_header == kStructuredProxyHeader;
  auto trusted =
      net::TrustedProxies::parse(parsed.trusted_proxies, is_structured ? net::ProxyHeader::forwarded
                                                                       : net::ProxyHeader::x_forwarded_for);
  if (!trusted) {
    trusted.error().kind = ErrorKind::usage;
    return std::unexpected(named("--trusted-proxies", trusted.error()));
  }
  serve.trusted_proxies = *std::move(trusted);
  return serve;
}

CheckConfig check_of(const Parsed& parsed, Serve serve) {
  CheckConfig check{std::move(serve), {{"--data", parsed.data}}};
  for (const CLI::Option* option : parsed.check->get_options()) {
    std::string& value = check.values[option->get_name()];
    const bool takes_none = option->get_expected_max() == 0;
    if (takes_none) value = !option->empty() && option->as<bool>() ? "true" : "false";
    if (!takes_none) value = option->empty() ? option->get_default_str() : option->as<std::string>();
  }
  return check;
}

Result<Command> command_of(const Parsed& parsed) {
  for (const DeclaredVerb& verb : parsed.verbs) {
    if (verb.app->parsed()) return administer_of(parsed, verb);
  }
  PAW_TRY(serve, serve_of(parsed));
  if (parsed.check->parsed()) return check_of(parsed, std::move(serve));
  return serve;
}

// "pawprint-hub user add", as far as subcommands were named.
std::string words_of(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.get_name() : app.get_name() + " " + words_of(*chosen.front());
}

bool lacks_subcommand(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.get_require_subcommand_min() > 0 : lacks_subcommand(*chosen.front());
}

// What was meant for a command.
std::optional<std::string> unknown_word(const CLI::App& app) {
  const auto left = app.remaining(true);
  const auto word =
      std::ranges::find_if(left, [](const std::string& each) { return !each.starts_with('-'); });
  if (word == left.end()) return std::nullopt;
  return *word;
}

// CLI11 would name the options that the command that was meant needs, or another one does.
std::unexpected<Error> usage_error(const CLI::App& app, std::string_view problem) {
  const std::string words = words_of(app);
  const std::string hint = words + " --help";
  if (!lacks_subcommand(app)) return fail(ErrorKind::usage, fmt::format("command line: {}", problem), hint);
  const auto verb = unknown_word(app);
  if (!verb) return fail(ErrorKind::usage, "a command is missing behind " + words, hint);
  const std::string group = words.substr(std::min(app.get_name().size() + 1, words.size()));
  return fail(ErrorKind::usage,
              fmt::format("there is no command \"{}{}{}\"", group, group.empty() ? "" : " ", *verb), hint);
}

// The help of the innermost subcommand that was named.
std::string help_of(const CLI::App& app, const std::string& words_before) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.help(words_before);
  return help_of(*chosen.front(),
                 words_before.empty() ? app.get_name() : words_before + " " + app.get_name());
}

}  // namespace

Error named(std::string_view flags, Error error) {
  error.message = fmt::format("{}: {}", flags, error.message);
  return error;
}

Result<Command> parse_arguments(std::span<const std::string> words) {
  CLI::App app("Receives the events of Pawprint and shows them on a board.", "pawprint-hub");
  Parsed parsed;
  declare(app, parsed);
  std::vector<std::string> backwards(words.rbegin(), words.rend());
  if (!words.empty() && words[0] == "help") {
    backwards.back() = "--help";
    std::ranges::rotate(backwards, backwards.end() - 1);
  }
  try {
    app.parse(std::move(backwards));
  } catch (const CLI::CallForHelp&) {
    if (lacks_subcommand(app) && unknown_word(app)) return usage_error(app, "");
    return ShowText{help_of(app, "")};
  } catch (const CLI::CallForVersion& version) {
    return ShowText{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& problem) {
    return usage_error(app, problem.what());
  }
  return command_of(parsed);
}

}  // namespace pawprint::hub
