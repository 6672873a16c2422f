#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/format.h"
#include "base/shell_word.h"
#include "cli/command_functions.h"
#include "cli/emit_payload.h"
#include "client/make_emitter.h"
#include "protocol/limits.h"

namespace pawprint::cli {
namespace {

// Reads to the end; more than one event may have is not read further.
Result<std::string> read_descriptor(int descriptor, const std::string& name) {
  std::string text;
  std::string chunk(64 << 10, '\0');
  for (;;) {
    const ssize_t got = ::read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(
          ErrorKind::invalid,
          fmt::format("cannot read the payload from {}: {}", name, std::generic_category().message(errno)),
          "pawprint emit --help");
    }
    if (got == 0) return text;
    text.append(chunk, 0, static_cast<std::size_t>(got));
    if (text.size() > protocol::max_bytes_per_event) {
      return fail(
          ErrorKind::invalid,
          fmt::format("the payload from {} has more than {} bytes, which is all that an event may have", name,
                      protocol::max_bytes_per_event));
    }
  }
}

Result<std::string> payload_text(const Context& context, const std::string& argument) {
  if (argument == "-") return read_descriptor(STDIN_FILENO, "stdin");
  if (!argument.starts_with('@')) return argument;
  const Path file = context.environment.directory / argument.substr(1);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    auto error = fail(ErrorKind::invalid,
                      fmt::format("cannot read the payload from {}: {}", file.string(),
                                  std::generic_category().message(errno)),
                      "ls -l " + shell_word(file.string()));
    error.error().file = file.string();
    return error;
  }
  auto text = read_descriptor(descriptor, file.string());
  ::close(descriptor);
  return text;
}

// An error of the payload is one of the file that it came from; what is wrong with an event is to be typed
// anew.
Error placed(Error error, const Context& context, const Arguments& arguments) {
  const std::string payload = arguments.value_or("--payload", "");
  const bool of_payload = error.line > 0 || error.path.starts_with("payload");
  if (of_payload && error.file.empty() && payload.starts_with('@'))
    error.file = (context.environment.directory / payload.substr(1)).string();
  if (error.kind == ErrorKind::invalid && error.hint.empty()) error.hint = "pawprint emit --help";
  return error;
}

// nullopt: that of the settings.
Result<std::optional<Durability>> durability_of(const Arguments& arguments) {
  const auto word = arguments.value("--durability");
  if (!word) return std::nullopt;
  if (*word == "power") return Durability::power;
  if (*word == "process") return Durability::process;
  return fail(ErrorKind::usage, fmt::format("--durability is power or process, not {}", *word),
              "pawprint emit --help");
}

}  // namespace

Result<Report> run_emit(Context& context, const Arguments& arguments) {
  PAW_TRY(durability, durability_of(arguments));
  Event event;
  event.event_type = arguments.positionals.front();
  event.aggregate_id = arguments.value_or("--aggregate", "");
  event.aggregate_type = arguments.value_or("--aggregate-type", event.aggregate_type);
  event.causation_id = arguments.value("--causation");
  PAW_TRY(payload, payload_text(context, arguments.value_or("--payload", "{}")));
  event.payload = std::move(payload);
  auto completed = completed_payload(context, event);
  if (!completed) return std::unexpected(placed(std::move(completed).error(), context, arguments));
  event.payload = *std::move(completed);
  Emitter& emitter = client::make_lasting_emitter(context.environment);
  const auto receipt = emitter.emit(event, durability);
  for (const Warning& warning : emitter.warnings())
    context.warnings.add(warning.cause, warning.message, warning.hint);
  if (!receipt) return std::unexpected(placed(receipt.error(), context, arguments));
  Report report;
  report.data["event_id"] = receipt->event_id;
  report.data["lamport_clock"] = receipt->lamport_clock;
  report.data["where"] = receipt->where == Where::queue ? "queue" : "spill";
  report.data["durable_to"] = receipt->durable_to == Durability::power ? "power" : "process";
  report.text = receipt->event_id + "\n";
  return report;
}

}  // namespace pawprint::cli
