#include "credentials/machine_token.h"

#include <gtest/gtest.h>

namespace pawprint::credentials {
namespace {

Environment with(std::string_view token, std::string_view server) {
  Environment environment;
  environment.variables = {{"PAWPRINT_TOKEN", std::string(token)}, {"PAWPRINT_SERVER", std::string(server)}};
  return environment;
}

TEST(MachineToken, IsThatOfTheEnvironmentAndOfTheHubItNames) {
  EXPECT_FALSE(machine_token(with("", "https://hub.example.org")).value());
  const auto token = machine_token(with("pmt_secret", "HTTPS://hub.example.org/")).value();
  ASSERT_TRUE(token);
  EXPECT_EQ(token->origin, "https://hub.example.org");
  EXPECT_EQ(token->secret, "pmt_secret");
}

TEST(MachineToken, ThatCannotBeSentIsRefusedAndNotShown) {
  for (const auto& [token, server] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"pmt_secret", ""},
           {"pmt_secret", "http://hub.example.org"},
           {"pmt_secret", "https://hub.example.org/path"},
           {"pmt_secret\n", "https://hub.example.org"},
           {"pmt secret", "https://hub.example.org"},
           {"pmt_secret\u00e9", "https://hub.example.org"}}) {
    const auto refused = machine_token(with(token, server));
    ASSERT_FALSE(refused) << server;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_FALSE(refused.error().hint.empty());
    EXPECT_FALSE(refused.error().message.contains("secret")) << refused.error().message;
  }
}

}  // namespace
}  // namespace pawprint::credentials
