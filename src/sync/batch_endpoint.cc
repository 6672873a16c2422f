#include "sync/batch_endpoint.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/format.h"
#include "base/printable.h"
#include "base/ulid.h"
#include "net/retry_after.h"
#include "pawprint/version.h"
#include "protocol/json.h"

namespace pawprint::sync {
namespace {

constexpr std::size_t kMaxShownBytes = 300;

std::optional<std::uint64_t> number_in(const std::string* text) {
  std::uint64_t number = 0;
  if (text == nullptr) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

// A ULID; anything else says nothing.
std::string epoch_in(const net::HttpAnswer& answer) {
  const std::string* epoch = answer.header("X-Pawprint-Epoch");
  return epoch == nullptr ? std::string() : normalised_ulid(*epoch).value_or("");
}

std::string member_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Answered read_answer(const net::HttpAnswer& answer, std::int64_t now_s) {
  Answered answered;
  answered.status = answer.status;
  answered.retry_after_s = net::retry_after_s(answer, now_s);
  answered.limits = protocol::read_limits(answer.body);
  if (auto verdicts = protocol::read_verdicts(answer.body)) answered.verdicts = *std::move(verdicts);
  if (answer.status == 200) return answered;
  const Result<boost::json::value> body = protocol::parse_json(answer.body);
  if (body && body->is_object()) {
    answered.category = member_of(body->get_object(), "error_category");
    const std::string error = member_of(body->get_object(), "error");
    answered.in_hubs_words = !error.empty();
    answered.words = printable(error.substr(0, kMaxShownBytes));
  }
  return answered;
}

}  // namespace

Result<HubFacts> ask_hub(net::HttpClient& http, std::string_view origin) {
  net::HttpRequest request;
  request.url = fmt::format("{}/api/v1/sync/health/", origin);
  request.headers = {{"Accept", "application/json"}, {"X-Pawprint-Client", std::string(kVersion)}};
  PAW_TRY(answer, http.send(request));
  if (answer.status != 200) return HubFacts{protocol::default_limits(), {}};
  return HubFacts{protocol::read_limits(answer.body).value_or(protocol::default_limits()), epoch_in(answer)};
}

BatchAnswer post_batch(net::HttpClient& http, const BatchRequest& batch) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}/api/v1/events/batch/", batch.origin);
  request.headers = {{"Authorization", fmt::format("Bearer {}", batch.access_token)},
                     {"Content-Type", "application/json"},
                     {"Content-Encoding", "gzip"},
                     {"Accept", "application/json"},
                     {"X-Pawprint-Client", std::string(kVersion)},
                     {"X-Pawprint-Queued", fmt::format("{};oldest={}", batch.queued, batch.oldest_s)}};
  request.body = batch.gzipped_body;
  const Result<net::HttpAnswer> answer = http.send(request);
  if (!answer) return {.input = Lost{answer.error().message}, .highest_clock = std::nullopt, .epoch = {}};
  return {.input = read_answer(*answer, batch.now_s),
          .highest_clock = number_in(answer->header("X-Pawprint-Clock")),
          .epoch = epoch_in(*answer)};
}

}  // namespace pawprint::sync
