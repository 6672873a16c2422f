#include "hub/edge/pipeline.h"

#include "hub/edge/edge_fixture.h"
#include "hub/edge/router.h"
#include "net/gzip.h"
#include "protocol/limits.h"

namespace pawprint::hub::edge {
namespace {

class PipelineTest : public EdgeFixture {};

std::string zipped(std::string_view bytes) {
  return net::gzip(bytes).value_or(std::string());
}

const std::vector<net::Header> kGzip = {{"Content-Encoding", "gzip"}};

TEST_F(PipelineTest, UnknownPathsAndMethodsAreJsonErrors) {
  const auto missing = get("/api/v1/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_FALSE(text(missing, "error").empty());
  const auto wrong = get("/api/v1/events/batch/");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "POST");
  EXPECT_FALSE(text(wrong, "error").empty());
}

TEST_F(PipelineTest, AMissingSlashIsNeverARedirect) {
  for (const char* target : {"/api/v1/events/batch", "/api/v1/token", "/api/v1/token/refresh"}) {
    EXPECT_EQ(post(target, "{}").status, 404) << target;
  }
}

TEST_F(PipelineTest, EveryRouteThatIsNotOpenRefusesWhoeverIsNotSignedIn) {
  for (const Route& route : routes()) {
    if (route.scope == Scope::open || route.scope == Scope::sign_in) continue;
    const std::string target(route.pattern);
    const std::string method(route.method);
    const int wanted = route.scope != Scope::page ? 401
                       : route.method == "GET"    ? 303
                                                  : 403;  // led to sign in
    for (const std::string value : {"", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"}) {
      net::ServerRequest request{method, target, {}, {}, route.scope == Scope::ticket};
      if (!value.empty()) request.headers.push_back({"Authorization", value});
      const auto answer = send(std::move(request));
      EXPECT_EQ(answer.status, wanted) << target << " with " << value;
      if (wanted == 401) {
        EXPECT_FALSE(text(answer, "error").empty()) << target;
      }
    }
  }
}

TEST_F(PipelineTest, AMachineSendsEventsForItsTeamAndCallsNothingElse) {
  const auto issued = issue_machine_token("acme");
  EXPECT_EQ(verdicts_in(batch("{\"events\":[" + move_event(1, "planned", "in_progress") + "]}", issued.text)),
            "success");
  EXPECT_EQ(get("/api/v1/sync/health/", issued.text).status, 200);
  for (const Route& route : routes()) {
    if (route.scope != Scope::member) continue;
    net::ServerRequest request{
        std::string(route.method), std::string(route.pattern), bearer(issued.text), {}};
    const auto refused = send(std::move(request));
    EXPECT_EQ(refused.status, 403) << route.pattern;
    EXPECT_EQ(text(refused, "error_category"), "forbidden") << route.pattern;
  }
  const auto astray =
      batch("{\"events\":[" + move_event(2, "planned", "in_progress", "other") + "]}", issued.text);
  EXPECT_EQ(text(astray, "error_category"), "cross_tenant");
}

TEST_F(PipelineTest, ARevokedOrInventedMachineTokenIs401) {
  const auto issued = issue_machine_token("acme");
  ASSERT_TRUE(store_->machine_tokens().revoke(issued.token_id));
  for (const std::string& token : {issued.text, std::string("pmt_"), std::string("pmt_nonsense"),
                                   issued.text + "A", "prt_" + issued.text.substr(4)}) {
    EXPECT_EQ(batch("{\"events\":[]}", token).status, 401) << token;
  }
}

TEST_F(PipelineTest, ATokenEndsWithItsTime) {
  const std::string token = token_of("ada@example.org");
  EXPECT_EQ(get("/api/v1/projects", token).status, 200);
  clock_.advance_ms(16 * 60 * 1000);
  EXPECT_EQ(get("/api/v1/projects", token).status, 401);
}

TEST_F(PipelineTest, GzipIsInflatedBeforeTheHandlerSeesIt) {
  const std::string token = token_of("ada@example.org");
  const std::string body = "{\"events\":[" + move_event(1, "planned", "in_progress") + "]}";
  EXPECT_EQ(verdicts_in(batch(zipped(body), token, kGzip)), "success");
  EXPECT_EQ(verdicts_in(batch(body, token)), "duplicate");
  EXPECT_EQ(verdicts_in(batch(body, token, {{"Content-Encoding", "identity"}})), "duplicate");
}

TEST_F(PipelineTest, ABombIs413WithTheLimits) {
  const std::string token = token_of("ada@example.org");
  const auto answer =
      batch(zipped(std::string(protocol::max_decompressed_bytes_per_batch + 1, ' ')), token, kGzip);
  EXPECT_EQ(answer.status, 413);
  const auto object = object_in(answer);
  ASSERT_TRUE(object.contains("limits")) << answer.body;
  EXPECT_EQ(object.at("limits").as_object().at("max_events_per_batch").as_int64(), 1000);
}

TEST_F(PipelineTest, BrokenGzipIs400WithEmptyDetails) {
  const std::string token = token_of("ada@example.org");
  const std::string whole = zipped("{\"events\":[]}");
  for (const std::string& body : {std::string("plain"), whole.substr(0, whole.size() - 1), whole + "x"}) {
    const auto answer = batch(body, token, kGzip);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(object_in(answer).at("details").as_array().empty()) << answer.body;
  }
}

TEST_F(PipelineTest, OtherEncodingsAndTypesAre415) {
  const std::string token = token_of("ada@example.org");
  EXPECT_EQ(batch("{}", token, {{"Content-Encoding", "br"}}).status, 415);
  net::ServerRequest form{"POST", "/api/v1/events/batch/", bearer(token), {}};
  form.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  EXPECT_EQ(send(form).status, 415);
  net::ServerRequest with_charset{"POST", "/api/v1/events/batch/", bearer(token), {}};
  with_charset.headers.push_back({"content-type", "Application/JSON ; charset=utf-8"});
  EXPECT_EQ(send(with_charset, R"({"events":[]})").status, 200);
}

TEST_F(PipelineTest, ABodyIsWantedOnlyWhenRouteTokenAndFormAreRight) {
  const auto bearers = bearer(token_of("ada@example.org"));
  const auto wanted = [&](std::string target, std::vector<net::Header> headers) {
    return !edge_->admit({"POST", std::move(target), std::move(headers), "127.0.0.1"}).answer;
  };
  const std::string batches = "/api/v1/events/batch/";
  EXPECT_TRUE(wanted(batches, bearers));
  EXPECT_FALSE(wanted(batches, {}));
  EXPECT_FALSE(wanted(batches, bearer("nonsense")));
  EXPECT_FALSE(wanted("/nowhere", bearers));
  EXPECT_FALSE(wanted("/api/v1/me", bearers));
  EXPECT_FALSE(wanted(batches, {bearers[0], {"Content-Encoding", "br"}}));
}

TEST_F(PipelineTest, AStrangersAccountIsTheirAddressOrNetworkAndAUsersTheirTeam) {
  const auto account = [&](std::string address, std::string token = {}) {
    return edge_->admit({"GET", token.empty() ? "/healthz" : "/api/v1/me", bearer(token), std::move(address)})
        .account;
  };
  EXPECT_EQ(account("192.0.2.1"), "address 192.0.2.1");
  EXPECT_EQ(account("::ffff:192.0.2.1"), account("192.0.2.1"));
  EXPECT_EQ(account("2001:db8::1"), account("2001:db8::ffff:2"));
  EXPECT_NE(account("2001:db8::1"), account("2001:db8:0:1::1"));
  EXPECT_TRUE(account("2001:db8::1", token_of("ada@example.org")).starts_with("team "));
}

TEST_F(PipelineTest, CredentialsHaveASmallerLimitThanBatches) {
  EXPECT_EQ(post("/api/v1/token/", std::string(20'000, ' ')).status, 413);
  EXPECT_EQ(post("/api/v1/token/", zipped(std::string(1U << 20, ' ')), {}, kGzip).status, 413);
}

TEST_F(PipelineTest, ATargetOfAnyLengthIsNotLookedAt) {
  EXPECT_EQ(get("/" + std::string(10'000, 'a')).status, 414);
}

TEST_F(PipelineTest, EveryAnswerCarriesItsOwnRequestIdAndIsNotCached) {
  const auto one = get("/healthz");
  const auto two = get("/nothing");
  EXPECT_EQ(header(one, "X-Request-Id").size(), 26U);
  EXPECT_EQ(header(one, "Date"), "Tue, 03 Feb 2026 12:00:00 GMT");
  EXPECT_NE(header(one, "X-Request-Id"), header(two, "X-Request-Id"));
  EXPECT_EQ(header(two, "Cache-Control"), "no-store");
  ASSERT_EQ(records_.size(), 2U);
  EXPECT_EQ(records_[1].request_id, header(two, "X-Request-Id"));
  EXPECT_EQ(records_[1].status, 404);
}

TEST_F(PipelineTest, TheAnswerToABodyThatWasNotTakenInNamesTheLimits) {
  const net::ServerRequest head{"POST", "/api/v1/events/batch/", {}, "127.0.0.1"};
  const auto answer = edge_->unserved({413, "the body is too long", head, std::chrono::milliseconds(7)});
  EXPECT_EQ(answer.status, 413);
  EXPECT_TRUE(object_in(answer).contains("limits"));
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].request_id, header(answer, "X-Request-Id"));
  EXPECT_EQ(records_[0].route, "/api/v1/events/batch/");
  EXPECT_TRUE(records_[0].status == 413 && records_[0].took_ms == 7 && records_[0].failure.empty());
}

}  // namespace
}  // namespace pawprint::hub::edge
