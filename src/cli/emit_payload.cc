#include "cli/emit_payload.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "base/shell_word.h"
#include "project/git_state.h"
#include "protocol/catalogue.h"
#include "protocol/envelope.h"
#include "protocol/json.h"
#include "workflow/feature.h"

namespace pawprint::cli {
namespace {

// `text` is a JSON object.
std::string with_feature_slug(const std::string& text, bool empty, std::string_view slug) {
  std::string completed = text;
  completed.insert(text.rfind('}'),
                   fmt::format("{}\"feature_slug\":{}", empty ? "" : ",", protocol::json_string(slug)));
  return completed;
}

std::unexpected<Error> refused_at(std::string_view path, std::string message, std::string hint) {
  auto refused = fail(ErrorKind::invalid, std::move(message), std::move(hint));
  refused.error().path = path;
  return refused;
}

// In one line, since it is to be typed: in JSON a line ends only between tokens.
std::string emit_command(const Event& event, const std::string& aggregate_id, std::string payload) {
  std::ranges::replace_if(payload, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  payload.erase(payload.find_last_not_of(' ') + 1);
  return fmt::format("pawprint emit {} --aggregate {} --payload {}", shell_word(event.event_type),
                     shell_word(aggregate_id), shell_word(payload));
}

Result<void> check_wp_id(const Event& event, const boost::json::object& payload) {
  const boost::json::value* wp_id = payload.if_contains("wp_id");
  if (wp_id == nullptr || !wp_id->is_string() || wp_id->as_string() == event.aggregate_id) return {};
  const std::string named(wp_id->as_string());
  return refused_at(
      "payload.wp_id",
      fmt::format("the payload is about {}, and the aggregate is {}", named, event.aggregate_id),
      emit_command(event, named, event.payload));
}

}  // namespace

Result<std::string> completed_payload(Context& context, const Event& event) {
  if (event.aggregate_type != "WorkPackage") return event.payload;
  const auto parsed = protocol::parse_json(event.payload);
  if (!parsed || !parsed->is_object()) return event.payload;  // the emitter says what is wrong with it
  const boost::json::object& payload = parsed->as_object();
  PAW_TRY(one_id, check_wp_id(event, payload));
  const bool known = protocol::find_type(protocol::Generation::g2, event.event_type) != nullptr;
  if (!known || payload.contains("feature_slug")) return event.payload;
  const auto places = project::find_project(context.environment);
  if (!places) return event.payload;
  const project::GitState git = project::read_git_state(context.environment, *places, context.warnings);
  const auto slug =
      workflow::find_feature_slug(context.environment, *places, std::nullopt, git.branch, event.aggregate_id);
  if (slug) return with_feature_slug(event.payload, payload.empty(), *slug);
  PAW_TRY(slugs, workflow::feature_slugs(*places));
  const std::string example = slugs.empty() ? "001-first-feature" : slugs.front();
  return refused_at(
      "payload.feature_slug",
      fmt::format("the payload does not say which feature's {} it is about: {}", event.aggregate_id,
                  slug.error().message),
      emit_command(event, event.aggregate_id, with_feature_slug(event.payload, payload.empty(), example)));
}

}  // namespace pawprint::cli
