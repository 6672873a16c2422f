#include "project/remote_url.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(without_secrets("https://example.com/R&D/r"), "https://example.com/R&D/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("git@example.com:r;s3cret"), "example.com:r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret/"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r;s3cret?at=/x"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/a;b/r"), "https://example.com/a;b/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r%3Ftoken=s3"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/r%3bs3/x"), "https://example.com/o/r");
  EXPECT_EQ(without_secrets("https://example.com/o/My%20r"), "https://example.com/o/My%20r");
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
