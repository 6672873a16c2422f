#include "protocol/batch.h"

#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/json.h"
#include "protocol/json_string.h"
#include "protocol/limits.h"

namespace pawprint::protocol {
namespace {

struct LimitField {
  std::string_view name;
  std::uint64_t IngressLimits::* member;
};

constexpr LimitField kLimitFields[] = {
    {"max_events_per_batch", &IngressLimits::max_events_per_batch},
    {"max_bytes_per_batch", &IngressLimits::max_bytes_per_batch},
    {"max_decompressed_bytes_per_batch", &IngressLimits::max_decompressed_bytes_per_batch},
    {"max_bytes_per_event", &IngressLimits::max_bytes_per_event},
    {"retry_after_min_seconds", &IngressLimits::retry_after_min_seconds},
};

void append_verdict(std::string& out, const Verdict& verdict) {
  out += R"({"event_id":)";
  if (verdict.event_id) {
    append_json_string(out, *verdict.event_id);
  } else {
    out += verdict.odd_event_id.empty() ? "null" : verdict.odd_event_id;
  }
  out += R"(,"status":")";
  out += name_of(verdict.status);
  out += '"';
  if (verdict.status == VerdictStatus::error) {
    out += R"(,"error_message":)";
    append_json_string(out, verdict.error_message);
    out += R"(,"error_category":)";
    append_json_string(out, verdict.error_category);
  }
  out += '}';
}

std::optional<std::string> text_member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<VerdictStatus> status_of(std::string_view word) {
  if (word == "success") return VerdictStatus::success;
  if (word == "duplicate") return VerdictStatus::duplicate;
  if (word == "error" || word == "rejected") return VerdictStatus::error;
  return std::nullopt;
}

std::optional<Verdict> verdict_of(const boost::json::value& result) {
  const boost::json::object* object = result.if_object();
  if (object == nullptr) return std::nullopt;
  const std::optional<VerdictStatus> status = status_of(text_member(*object, "status").value_or(""));
  if (!status) return std::nullopt;
  return Verdict{.event_id = text_member(*object, "event_id"),
                 .status = *status,
                 .error_message = text_member(*object, "error_message").value_or(""),
                 .error_category = text_member(*object, "error_category").value_or("")};
}

const boost::json::object* object_member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<std::uint64_t> positive(const boost::json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() > 0) return static_cast<std::uint64_t>(value.get_int64());
  return std::nullopt;
}

}  // namespace

std::string_view name_of(VerdictStatus status) {
  switch (status) {
    case VerdictStatus::success:
      return "success";
    case VerdictStatus::duplicate:
      return "duplicate";
    case VerdictStatus::error:
      break;
  }
  return "error";
}

IngressLimits default_limits() {
  return {.max_events_per_batch = max_events_per_batch,
          .max_bytes_per_batch = max_bytes_per_batch,
          .max_decompressed_bytes_per_batch = max_decompressed_bytes_per_batch,
          .max_bytes_per_event = max_bytes_per_event,
          .retry_after_min_seconds = retry_after_min_seconds};
}

std::string write_batch(std::span<const std::string> events) {
  std::size_t bytes = 16;
  for (const std::string& event : events) bytes += event.size() + 1;
  std::string out;
  out.reserve(bytes);
  out += R"({"events":[)";
  for (const std::string& event : events) {
    if (&event != &events.front()) out += ',';
    out += event;
  }
  return out += "]}";
}

std::string write_verdicts(std::span<const Verdict> verdicts) {
  constexpr std::size_t kUsualBytes = 64;
  std::string out;
  out.reserve(verdicts.size() * kUsualBytes + 16);
  out += R"({"results":[)";
  for (const Verdict& verdict : verdicts) {
    if (&verdict != &verdicts.front()) out += ',';
    append_verdict(out, verdict);
  }
  return out += "]}";
}

Result<std::vector<Verdict>> read_verdicts(std::string_view body) {
  PAW_TRY(answer, parse_json(body));
  const boost::json::object* object = answer.if_object();
  const boost::json::value* results = object == nullptr ? nullptr : object->if_contains("results");
  if (results == nullptr || !results->is_array()) {
    return fail(ErrorKind::invalid, "the hub's answer to a batch: it has no list \"results\"");
  }
  std::vector<Verdict> verdicts;
  verdicts.reserve(results->get_array().size());
  for (const boost::json::value& result : results->get_array()) {
    if (std::optional<Verdict> verdict = verdict_of(result)) verdicts.push_back(std::move(*verdict));
  }
  return verdicts;
}

std::string write_limits(const IngressLimits& limits) {
  std::string out;
  for (const LimitField& field : kLimitFields) {
    out += fmt::format(R"({}"{}":{})", out.empty() ? '{' : ',', field.name, limits.*field.member);
  }
  return out += '}';
}

std::optional<IngressLimits> read_limits(std::string_view body) {
  const Result<boost::json::value> answer = parse_json(body);
  if (!answer || !answer->is_object()) return std::nullopt;
  const boost::json::object* holder = object_member(answer->get_object(), "sync_ingress");
  const boost::json::object* named =
      object_member(holder != nullptr ? *holder : answer->get_object(), "limits");
  if (named == nullptr) return std::nullopt;
  IngressLimits limits = default_limits();
  for (const LimitField& field : kLimitFields) {
    const boost::json::value* value = named->if_contains(field.name);
    if (value == nullptr) continue;
    const std::optional<std::uint64_t> number = positive(*value);
    if (!number) return std::nullopt;
    limits.*field.member = *number;
  }
  return limits;
}

}  // namespace pawprint::protocol
