#include "project/remote_url.h"

#include <gtest/gtest.h>

#include "base/format.h"

namespace pawprint::project {
namespace {

std::string slug_from(std::string_view url) {
  return slug_of(repo_name_of(without_secrets(url)));
}

TEST(RemoteUrl, LosesUserPasswordAndQuery) {
  EXPECT_EQ(without_secrets("git@github.com:owner/My_Repo.git"), "github.com:owner/My_Repo.git");
  EXPECT_EQ(without_secrets("https://ada:secret@example.com/o/r.git?token=x#y"),
            "https://example.com/o/r.git");
  EXPECT_EQ(without_secrets("https://ada:p@ss@example.com/o/r"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://ada:p/ss@example.com/o/r"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("ssh://git@example.com:2222/o/r"), "ssh://example.com:2222/o/r");
  EXPECT_EQ(without_secrets("https://example.com:8443/o/r@v1"), "https://example.com:8443/o/r@v1");
  EXPECT_EQ(without_secrets("ssh://git@[::1]:22/o/r"), "ssh://[::1]:22/o/r");
  EXPECT_EQ(without_secrets("https://token@example.com"), "https://example.com");
  EXPECT_EQ(without_secrets("/srv/git/a@b?c.git"), "/srv/git/a@b?c.git");
  EXPECT_EQ(without_secrets("../sibling"), "../sibling");
  EXPECT_EQ(without_secrets(""), "");
}

TEST(RemoteUrl, LosesWhatIsHandedOverInItsPath) {
  EXPECT_EQ(without_secrets("https://example.com/o/r;token=X"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r&token=X/Y"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("git@example.com:o/r;token=X"), "example.com:o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("git@example.com:r;s3cret"), "example.com:r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret/"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret?at=/x"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o;s3cret/r"), "https://example.com/o");
  EXPECT_EQ(without_secrets("https://example.com/o/token=s3cret/r"), "https://example.com/o/token");
  EXPECT_EQ(without_secrets("https://example.com/R&D/r&s3cret&at=/x"), "https://example.com/R");
  EXPECT_EQ(without_secrets("https://example.com/o/r%3Ftoken=s3"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r%3bs3/x"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;token%3Ds3/x"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r%2526token=s3"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r%%32%36token=s3"), "https://example.com/o/r");
}

TEST(RemoteUrl, EndsWithItsSuffixWhateverIsHandedOverBehindThat) {
  for (const std::string_view behind : {"?a=b&s3cret", "&s3cret", "%26s3cret", "&s3cret/x", "/&s3cret"})
    EXPECT_EQ(without_secrets(fmt::format("https://example.com/R&D/r.git{}", behind)),
              behind.starts_with('/') ? "https://example.com/R&D/r.git/" : "https://example.com/R&D/r.git");
  EXPECT_EQ(without_secrets("git@example.com:o/r.git&s3cret"), "example.com:o/r.git");
}

TEST(RemoteUrl, KeepsNamesAsTheyAreInUse) {
  for (const std::string_view path :
       {"R&D/r", "o/R%26D", "o/My%20r", "o/gr%C3%BCn", "o/gr\xC3\xBCn", "~ada/r", "o/c++", "o/c%2B%2B",
        "o/a.b_c-d", "o/r@v1", "o/100%", "o/%2", "o/%zz", "a.github&b/r"}) {
    const std::string url = "https://example.com/" + std::string(path);
    EXPECT_EQ(without_secrets(url), url);
    EXPECT_EQ(repo_slug_of(url), path);
  }
}

// `text` with some of its bytes percent-encoded, and what came of that again.
std::string encoded(std::string text, int times, bool (*is_chosen)(char)) {
  for (; times > 0; --times) {
    std::string all;
    for (const char each : text)
      all += is_chosen(each) ? fmt::format("%{:02x}", static_cast<int>(each)) : std::string(1, each);
    text = std::move(all);
  }
  return text;
}

// Each parameter at each place, in each spelling.
TEST(RemoteUrl, NothingOfAParameterComesOut) {
  const auto any = [](char) { return true; };
  const auto signs = [](char each) { return std::string_view("?#;&=").contains(each) || each == '%'; };
  const auto assigns = [](char each) { return each == '='; };
  const auto digits = [](char each) { return each >= '0' && each <= '9'; };
  for (const std::string_view host : {"https://example.com/", "example.com:", "https://example.com/R&D/"}) {
    for (const std::string_view name : {"o/r", "o/r.git", "o/r/", "o", "o/My%20r", ""}) {
      for (const std::string_view parameter :
           {"?s3cret", "#s3cret", ";s3cret", "?t=s3cret", "#t=s3cret", ";t=s3cret", "&t=s3cret", "=s3cret",
            "&s3cret&t=s3cret", "&a=b;s3cret", ";a/s3cret", "&t=a/s3cret", "?a/s3cret@x"}) {
        for (const std::string_view end : {"", ".git", "/x"}) {
          for (const auto& chosen : {+any, +signs, +assigns, +digits}) {
            for (const int times : {0, 1, 3}) {
              const std::string before = fmt::format("{}{}", host, name);
              const std::string url =
                  fmt::format("{}{}{}", before, encoded(std::string(parameter), times, chosen), end);
              EXPECT_TRUE(before.starts_with(without_secrets(url)))
                  << url << " gives " << without_secrets(url);
            }
          }
        }
      }
    }
  }
}

// The address of such a transport is a command line, or whatever the program behind it takes.
TEST(RemoteUrl, OfAnotherTransportTellsNothingButAnAddressOfTheUsualForm) {
  EXPECT_EQ(without_secrets("ext::ssh -o Token=X git@host %S /o/r"), "");
  EXPECT_EQ(without_secrets("ext::curl https://host/o/Token=X"), "");
  EXPECT_EQ(without_secrets("any::Token=X/r"), "");
  EXPECT_EQ(without_secrets("hg::https://ada:secret@example.com/o/r"), "hg::https://example.com/o/r");
}

TEST(RemoteUrl, NamesOwnerAndRepository) {
  EXPECT_EQ(repo_slug_of("github.com:owner/My_Repo.git"), "owner/My_Repo");
  EXPECT_EQ(repo_slug_of("https://example.com/group/sub/repo.git/"), "sub/repo");
  EXPECT_EQ(repo_slug_of("ssh://example.com:22/o/r"), "o/r");
  EXPECT_EQ(repo_slug_of("https://example.com/only"), std::nullopt);
  EXPECT_EQ(repo_slug_of("https://example.com"), std::nullopt);
  EXPECT_EQ(repo_slug_of("/srv/git/repo.git"), std::nullopt);
  EXPECT_EQ(repo_slug_of("file:///srv/git/repo.git"), std::nullopt);
  EXPECT_EQ(repo_slug_of(""), std::nullopt);
}

TEST(RemoteUrl, GivesTheSlug) {
  EXPECT_EQ(slug_from("git@host:owner/My_Repo.git"), "my-repo");
  EXPECT_EQ(slug_from("https://u:p@host/o/Hello..World/?q=1"), "hello-world");
  EXPECT_EQ(slug_from("/srv/git/My Tool.git"), "my-tool");
  EXPECT_EQ(slug_from("host:repo.git"), "repo");
}

TEST(Slug, KeepsLettersOfAnyScript) {
  EXPECT_EQ(slug_of("Gr\xC3\xBC\xC3\x9F"
                    "e aus K\xC3\xB6ln"),
            "gr\xC3\xBC\xC3\x9F"
            "e-aus-k\xC3\xB6ln");
  EXPECT_EQ(slug_of("\xE6\x97\xA5\xE6\x9C\xAC\xE3\x80\x80\xE8\xAA\x9E"),
            "\xE6\x97\xA5\xE6\x9C\xAC-\xE8\xAA\x9E");
  EXPECT_EQ(slug_of("a\xE2\x80\x94"
                    "b\xC2\xA0"
                    "c\xFF"
                    "d"),
            "a-b-c-d");
  EXPECT_EQ(slug_of("--A__b--"), "a-b");
  EXPECT_EQ(slug_of("..."), "");
  EXPECT_EQ(slug_of("\xE6\x97"), "");
}

}  // namespace
}  // namespace pawprint::project
